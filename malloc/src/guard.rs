//! `TIDAL_MALLOC=guard`: every block on pages of its own that end at an inaccessible one, and freed blocks inaccessible
//! for a while. An overrun and a use after free end the program where they happen, by SIGSEGV. It is slow, and for
//! debugging.
//!
//! ```text
//! granules of a block   unused : block : slack of up to 15 bytes | inaccessible pages, one at least
//! page-map word         GUARDED | log2 of the alignment << 56 | size         of the first granule, while it is live
//!                       GUARDED | FREED                                      while it is in quarantine
//! ```
//!
//! From size and alignment follows where the block lies. The slack, which alignment to 16 bytes makes, is filled and looked
//! at when the block is freed. The [`QUARANTINE`] last freed blocks keep their address space; one exchange puts a block
//! in and takes the oldest one out, so a vfork child may be killed anywhere. The kernel's limit on mappings
//! (`vm.max_map_count`) allows some 30,000 such blocks; what is beyond gets ordinary memory.

use core::ptr;
use core::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

use crate::class::GRANULE;
use crate::large::PAGE;
use crate::pagemap::{self, Entry};
use crate::supply::Block;
use crate::{glue, report};

/// In a page-map word: the granule is a guarded block's first.
pub(crate) const GUARDED: u64 = 1 << 63;
const FREED: u64 = 1 << 62;
const ALIGN_SHIFT: u32 = 56;
const SIZE: u64 = (1 << 46) - 1;
/// What the slack is filled with.
const FILL: u8 = 0xa5;

/// Freed blocks that stay inaccessible.
const QUARANTINE: usize = 1024;
/// `granule number << 32 | granules` of each, or 0.
static FREED_BLOCKS: [AtomicU64; QUARANTINE] = [const { AtomicU64::new(0) }; QUARANTINE];
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Where a guarded block lies.
#[derive(Clone, Copy)]
struct Place {
    granule: usize,
    size: usize,
    align: usize,
}

impl Place {
    fn of(granule: usize, word: u64) -> Place {
        let align = 1 << ((word & !(GUARDED | FREED)) >> ALIGN_SHIFT);
        Place { granule, size: (word & SIZE) as usize, align }
    }

    fn word(self) -> u64 {
        GUARDED | u64::from(self.align.ilog2()) << ALIGN_SHIFT | self.size as u64
    }

    /// Bytes of accessible pages.
    fn open(self) -> usize {
        self.size.next_multiple_of(self.align.max(PAGE))
    }

    /// Bytes of address space.
    fn length(self) -> usize {
        (self.open() + PAGE).next_multiple_of(GRANULE)
    }

    fn address(self) -> usize {
        (self.granule + self.open() - self.size) & !(self.align - 1)
    }

    /// The bytes between the block and the inaccessible page.
    fn slack(self) -> (*mut u8, usize) {
        let end = self.address() + self.size;
        (ptr::with_exposed_provenance_mut(end), self.granule + self.open() - end)
    }
}

/// Takes a guarded block; `None` also where it takes ordinary memory to serve.
pub(crate) fn allocate(size: usize, align: usize) -> Option<Block> {
    if size as u64 > SIZE / 2 || align > GRANULE {
        return None;
    }
    let mut place = Place { granule: 0, size: size.max(1), align: align.max(16) };
    place.granule = glue::reserve_aligned(place.length(), GRANULE)?;
    if pagemap::cover(place.granule, GRANULE)
        && glue::make_accessible(place.granule, place.open())
        && let Some(entry) = Entry::of(place.granule)
    {
        let (slack, length) = place.slack();
        // SAFETY: the accessible end of pages of our own.
        unsafe { slack.write_bytes(FILL, length) };
        entry.large().store(place.word(), Release);
        return Some(Block { address: place.address(), zeroed: true });
    }
    // SAFETY: nobody has seen these pages.
    unsafe { glue::unmap(place.granule, place.length()) };
    None
}

fn find(address: usize) -> Option<(Entry, u64, Place)> {
    let entry = Entry::of(address)?;
    let word = entry.large().load(Acquire);
    (word & GUARDED != 0).then(|| (entry, word, Place::of(address & !(GRANULE - 1), word)))
}

/// The size of the guarded block at an address, if there is one.
pub(crate) fn usable(address: usize) -> Option<usize> {
    let (_, word, place) = find(address)?;
    (word & FREED == 0 && place.address() == address).then_some(place.size)
}

/// Gives a guarded block back; false if the address is in none.
pub(crate) fn release(address: usize) -> bool {
    let Some((entry, word, place)) = find(address) else { return false };
    if word & FREED != 0 {
        report::double_free(address);
    }
    if place.address() != address {
        report::misaligned(address);
    }
    if entry.large().compare_exchange(word, GUARDED | FREED, AcqRel, Relaxed).is_err() {
        report::double_free(address);
    }
    let (slack, length) = place.slack();
    // SAFETY: the accessible end of the block's pages, which are the caller's.
    if unsafe { (0..length).any(|i| slack.add(i).read() != FILL) } {
        report::overrun(address);
    }
    // SAFETY: the block's pages, whose owner gave it up.
    unsafe { glue::make_inaccessible(place.granule, place.open()) };
    let granules = (place.granule / GRANULE) as u64;
    let new = granules << 32 | (place.length() / GRANULE) as u64;
    let old = FREED_BLOCKS[NEXT.fetch_add(1, Relaxed) % QUARANTINE].swap(new, AcqRel);
    if old != 0 {
        let start = (old >> 32) as usize * GRANULE;
        if let Some(entry) = Entry::of(start) {
            entry.large().store(0, Release);
        }
        // SAFETY: taken out of the quarantine just now.
        unsafe { glue::unmap(start, old as u32 as usize * GRANULE) };
    }
    true
}

/// Where a granule's guarded block begins and ends, with its inaccessible page.
pub(crate) fn extent(granule: usize, word: u64) -> (usize, usize) {
    (granule, granule + Place::of(granule, word).length())
}
