//! Blocks above the largest class: whole pages.
//!
//! A block is known by the page-map entry of the granule it starts in: `pages << 8 | page within the granule`, 0 when there
//! is none. Each holds at least [`LEAST`] pages, more than a granule, so no two start in one. Freed pages are kept as [`runs`]
//! and reused. A block may have fewer pages than it holds: one that `realloc` makes large early, because it grows by little
//! again and again, and then need not copy.

use crate::class::GRANULE;
use crate::glue;
use crate::guard::{self, GUARDED};
use crate::options;
use crate::pagemap::{self, Entry};
use crate::report;
use crate::runs;
use crate::supply::Block;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

pub(crate) const PAGE: usize = 4096;
/// The least that a block holds, in pages: more than a granule.
const LEAST: usize = GRANULE / PAGE + 1;
/// From so many bytes on huge pages may be asked for.
const HUGE: usize = 4 << 20;
/// No block is larger, in bytes: what the address space has.
const MOST: usize = 1 << 46;

fn encode(address: usize, pages: usize) -> u64 {
    (pages as u64) << 8 | (address % GRANULE / PAGE) as u64
}

/// The page-map word of the block that starts at an address, if one does.
fn find(address: usize) -> Option<(Entry, u64)> {
    if !address.is_multiple_of(PAGE) {
        return None;
    }
    let entry = Entry::of(address)?;
    let word = entry.large().load(Acquire);
    (word != 0 && word & GUARDED == 0 && word as usize & 0xff == address % GRANULE / PAGE)
        .then_some((entry, word))
}

fn pages_for(size: usize) -> Option<usize> {
    (size <= MOST).then(|| size.div_ceil(PAGE).max(1))
}

fn pages_of(word: u64) -> usize {
    (word >> 8) as usize
}

/// Pages that a block of so many pages holds.
fn held(pages: usize) -> usize {
    pages.max(LEAST)
}

/// Where the block with a page-map word begins and ends, if that is the granule's.
pub(crate) fn extent(granule: usize, word: u64) -> (usize, usize) {
    if word & GUARDED != 0 {
        return guard::extent(granule, word);
    }
    let start = granule + (word as usize & 0xff) * PAGE;
    (start, start + held(pages_of(word)) * PAGE)
}

/// Makes pages of the caller's a block; gives them back where that fails.
fn establish(address: usize, pages: usize) -> bool {
    if pagemap::cover(address, GRANULE)
        && let Some(entry) = Entry::of(address)
    {
        entry.large().store(encode(address, pages), Release);
        return true;
    }
    // SAFETY: the caller's pages.
    unsafe { glue::unmap(address, held(pages) * PAGE) };
    false
}

/// Takes pages for `size` bytes on a multiple of `align`, a power of two.
#[cold]
pub(crate) fn allocate(size: usize, align: usize) -> Option<Block> {
    let pages = pages_for(size)?;
    if align <= PAGE
        && let Some(address) = runs::take(held(pages))
    {
        return establish(address, pages).then_some(Block { address, zeroed: false });
    }
    let length = held(pages) * PAGE;
    let map = || if align <= PAGE { glue::map(length) } else { glue::map_aligned(length, align) };
    let address = map().or_else(|| {
        runs::forget_all();
        map()
    })?;
    if length >= HUGE && options::huge() {
        glue::huge_pages(address, length);
    }
    establish(address, pages).then_some(Block { address, zeroed: true })
}

/// Gives a block back; ends the program if there is none at the address.
#[cold]
pub(crate) fn release(address: usize) {
    if guard::release(address) {
        return;
    }
    let Some((entry, word)) = find(address) else { report::foreign(address) };
    // Of two threads that free the same block one gets past this.
    if entry.large().compare_exchange(word, 0, AcqRel, Relaxed).is_err() {
        report::double_free(address);
    }
    runs::give(address, held(pages_of(word)));
}

/// Bytes of the block at an address, if there is one.
pub(crate) fn usable(address: usize) -> Option<usize> {
    find(address).map(|(_, word)| pages_of(word) * PAGE).or_else(|| guard::usable(address))
}

/// Gives a block another size without copying: by cutting or by moving its pages. The address, if that could be done.
#[cold]
pub(crate) fn resize(address: usize, size: usize) -> Option<usize> {
    let (entry, word) = find(address)?;
    let (old, new) = (pages_of(word), pages_for(size)?);
    let holds = held(old);
    if new <= old {
        // Cutting a page or two off time and again would be dear.
        if old - new > old / 4 {
            entry.large().store(encode(address, new), Release);
            // SAFETY: behind what is left of the block, and held by it.
            unsafe { glue::forget(address + new * PAGE, (held(new).min(holds) - new) * PAGE) };
            if held(new) < holds {
                runs::give(address + held(new) * PAGE, holds - held(new));
            }
        }
        return Some(address);
    }
    // Who grows once will grow again; pages that nobody touches cost nothing.
    let wish = new + new / 8;
    if new <= holds {
        entry.large().store(encode(address, wish.min(holds)), Release);
        return Some(address);
    }
    if let Some(more) = runs::take_at(address + holds * PAGE, new - holds, wish - holds) {
        entry.large().store(encode(address, holds + more), Release);
        return Some(address);
    }
    entry.large().store(0, Release);
    let moved = [wish, new].into_iter().find_map(|pages| {
        // SAFETY: the block's pages, whose owner asked for this.
        unsafe { glue::remap(address, holds * PAGE, pages * PAGE) }.map(|at| (at, pages))
    });
    let Some((at, pages)) = moved else {
        entry.large().store(word, Release);
        return None;
    };
    if pagemap::cover(at, GRANULE)
        && let Some(entry) = Entry::of(at)
    {
        entry.large().store(encode(at, pages), Release);
        return Some(at);
    }
    // No page-map leaf to be had: a block that nothing knows must not be handed out, and its contents not be lost.
    report::no_memory_for_map(at);
}
