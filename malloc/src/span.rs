//! Spans: where new objects come from.
//!
//! ```text
//! region word   next free granule : end granule     of address space mapped but never used; one CAS takes a span
//! free list     span : tag                          spans that a collection emptied (zero again); links in the page map
//! carving word  span's granule : next object        per class; one CAS takes one or several fresh objects
//! ```
//!
//! All of it is zeroed memory: an object straight from here is known to be zero. A task that dies between taking a span
//! and putting it into the carving word has lost address space, no memory: the span is untouched.

use core::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};

use crate::class::{self, GRANULE, MEDIUM_SPAN};
use crate::glue;
use crate::large::PAGE;
use crate::pagemap::{self, Entry};

const GRANULE_SHIFT: u32 = GRANULE.trailing_zeros();
/// Less than a huge page.
const FIRST_REGION: usize = 1 << 20;
const LARGEST_REGION: usize = 64 << 20;

/// Where spans of one length come from.
struct Source {
    length: usize,
    region: AtomicU64,
    next_region: AtomicUsize,
    free: AtomicU64,
}

static SMALL: Source = Source::new(GRANULE);
static MEDIUM: Source = Source::new(MEDIUM_SPAN);
static CARVING: [AtomicU64; class::COUNT] = [const { AtomicU64::new(0) }; class::COUNT];

/// Bytes of address space in regions.
pub(crate) static RESERVED: AtomicUsize = AtomicUsize::new(0);

fn source(length: usize) -> &'static Source {
    if length == GRANULE { &SMALL } else { &MEDIUM }
}

impl Source {
    const fn new(length: usize) -> Source {
        Source {
            length,
            region: AtomicU64::new(0),
            next_region: AtomicUsize::new(FIRST_REGION),
            free: AtomicU64::new(0),
        }
    }

    fn take(&self) -> Option<usize> {
        self.take_free().or_else(|| self.take_new())
    }

    fn take_free(&self) -> Option<usize> {
        loop {
            let top = self.free.load(Acquire);
            let granule = top as u32;
            if granule == 0 {
                return None;
            }
            let start = (granule as usize) << GRANULE_SHIFT;
            let next = Entry::of(start)?.next().load(Relaxed);
            let new = ((top >> 32) + 1) << 32 | u64::from(next);
            if self.free.compare_exchange(top, new, AcqRel, Relaxed).is_ok() {
                return Some(start);
            }
        }
    }

    fn give(&self, start: usize) {
        let Some(entry) = Entry::of(start) else { return };
        loop {
            let top = self.free.load(Acquire);
            entry.next().store(top as u32, Relaxed);
            let new = ((top >> 32) + 1) << 32 | (start >> GRANULE_SHIFT) as u64;
            if self.free.compare_exchange(top, new, AcqRel, Relaxed).is_ok() {
                return;
            }
        }
    }

    fn take_new(&self) -> Option<usize> {
        loop {
            let region = self.region.load(Acquire);
            let (next, end) = ((region >> 32) as usize, region as u32 as usize);
            if next == end {
                self.grow(region)?;
                continue;
            }
            let new = ((next + self.length / GRANULE) as u64) << 32 | end as u64;
            if self.region.compare_exchange(region, new, AcqRel, Relaxed).is_ok() {
                return Some(next << GRANULE_SHIFT);
            }
        }
    }

    /// Puts fresh address space in place of a used-up region; whoever is first wins.
    fn grow(&self, old: u64) -> Option<()> {
        let wish = self.next_region.load(Relaxed);
        let (start, length) = [wish.max(self.length), self.length]
            .into_iter()
            .find_map(|length| map(length, self.length).map(|start| (start, length)))?;
        // Huge pages would make a small program large; the first region has no room for one.
        if (FIRST_REGION + 1..LARGEST_REGION).contains(&wish) {
            glue::no_huge_pages(start, length);
        }
        let new = ((start >> GRANULE_SHIFT) as u64) << 32 | ((start + length) >> GRANULE_SHIFT) as u64;
        if pagemap::cover(start, length) && self.region.compare_exchange(old, new, AcqRel, Relaxed).is_ok() {
            RESERVED.fetch_add(length, Relaxed);
            self.next_region.store((wish * 2).min(LARGEST_REGION), Relaxed);
            return Some(());
        }
        // SAFETY: nobody else has seen these pages.
        unsafe { glue::unmap(start, length) };
        (self.region.load(Acquire) != old).then_some(())
    }
}

fn map(length: usize, align: usize) -> Option<usize> {
    if length == FIRST_REGION {
        // Giving the ends back would cost more time than they are worth addresses.
        return glue::map(length + align - PAGE).map(|start| start.next_multiple_of(align));
    }
    glue::map_aligned(length, align)
}

/// Takes up to `wanted` fresh objects that lie side by side: the first one's address, and how many. No more than lie on
/// the first one's last page, so that linking them touches no memory that a small program would never need.
pub(crate) fn carve(class: usize, wanted: usize) -> Option<(usize, usize)> {
    let word = &CARVING[class];
    loop {
        let old = word.load(Acquire);
        let (granule, next) = ((old >> 32) as usize, old as u32 as usize);
        let left = if granule == 0 { 0 } else { class::capacity(class) - next };
        if left == 0 {
            let start = source(class::span(class)).take()?;
            pagemap::set_class(start, class::span(class), class);
            let new = ((start >> GRANULE_SHIFT) as u64) << 32 | class::first(class) as u64;
            if word.compare_exchange(old, new, AcqRel, Relaxed).is_err() {
                give(start, class);
            }
            continue;
        }
        let (start, size) = ((granule << GRANULE_SHIFT) + next * class::size(class), class::size(class));
        let page_end = (start + size).next_multiple_of(PAGE);
        let count = wanted.min(left).min((page_end - start) / size);
        if word.compare_exchange(old, old + count as u64, AcqRel, Relaxed).is_ok() {
            return Some((start, count));
        }
    }
}

/// Writes to what is going to be written to: a page that is read first costs two faults.
pub(crate) fn touch() {
    CARVING[0].store(0, Relaxed);
}

/// Gives a span back that has no objects and is zero.
pub(crate) fn give(start: usize, class: usize) {
    pagemap::set_class(start, class::span(class), 0);
    source(class::span(class)).give(start);
}

/// The span that a class carves from, and the first object not yet carved.
pub(crate) fn carving(class: usize) -> (usize, usize) {
    let word = CARVING[class].load(Acquire);
    (((word >> 32) as usize) << GRANULE_SHIFT, word as u32 as usize)
}
