//! Freed pages kept for reuse: a few runs, one word each.
//!
//! ```text
//! run word   page number << 28 | pages       0: no run
//! ```
//!
//! Taking pages off a run's front and putting pages at either of its ends change that one word by one compare-and-swap,
//! so pages are never in two places, and a task that dies on the way loses at most the block it was freeing. Joining two
//! runs takes two steps, which a vfork child leaves to others.

use core::sync::atomic::{
    AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed},
};

use crate::large::PAGE;
use crate::{collect, glue};

const SLOTS: usize = 32;
const LENGTH_BITS: u32 = 28;
/// All runs together hold at most so many pages; what would be more goes back to the kernel at once.
const MOST: usize = (128 << 20) / PAGE;
/// Memory given in one piece of more than this many pages is the kernel's to take while it is kept.
const MANY: usize = (80 << 20) / PAGE;

static RUNS: [AtomicU64; SLOTS] = [const { AtomicU64::new(0) }; SLOTS];

#[derive(Clone, Copy)]
struct Run {
    page: usize,
    pages: usize,
}

impl Run {
    fn of(word: u64) -> Option<Run> {
        let run =
            Run { page: (word >> LENGTH_BITS) as usize, pages: word as usize & ((1 << LENGTH_BITS) - 1) };
        (word != 0).then_some(run)
    }

    fn word(self) -> u64 {
        if self.pages == 0 { 0 } else { (self.page as u64) << LENGTH_BITS | self.pages as u64 }
    }

    fn end(self) -> usize {
        self.page + self.pages
    }
}

fn swap(slot: &AtomicU64, old: Run, new: Run) -> bool {
    slot.compare_exchange(old.word(), new.word(), AcqRel, Relaxed).is_ok()
}

fn runs() -> impl Iterator<Item = (&'static AtomicU64, Run)> {
    RUNS.iter().filter_map(|slot| Run::of(slot.load(Acquire)).map(|run| (slot, run)))
}

/// Takes `pages` pages from the shortest run that has them. They hold what their last user left.
pub(crate) fn take(pages: usize) -> Option<usize> {
    loop {
        let (slot, run) = runs().filter(|(_, run)| run.pages >= pages).min_by_key(|(_, run)| run.pages)?;
        let rest = Run { page: run.page + pages, pages: run.pages - pages };
        if swap(slot, run, rest) {
            return Some(run.page * PAGE);
        }
    }
}

/// Takes the pages from an address on, if a run starts there: at least `least`, at most `most`. How many.
pub(crate) fn take_at(address: usize, least: usize, most: usize) -> Option<usize> {
    let (slot, run) = runs().find(|(_, run)| run.page == address / PAGE && run.pages >= least)?;
    let pages = run.pages.min(most);
    swap(slot, run, Run { page: run.page + pages, pages: run.pages - pages }).then_some(pages)
}

/// Keeps pages, or gives them to the kernel when there are many.
pub(crate) fn give(address: usize, pages: usize) {
    let given = Run { page: address / PAGE, pages };
    if pages > MANY && pages <= MOST {
        // SAFETY: the pages were a block's, which its owner gave up.
        unsafe { glue::offer(address, pages * PAGE) };
    }
    if pages + kept() > MOST || !keep(given) {
        // SAFETY: the pages were a block's, which its owner gave up.
        if !unsafe { glue::unmap(address, pages * PAGE) } {
            // They are empty now, and used again or unmapped later; for want of a slot, their addresses are lost.
            keep(given);
        }
    } else {
        collect::tick_runs(pages);
    }
}

/// Pages in runs.
pub(crate) fn kept() -> usize {
    runs().map(|(_, run)| run.pages).sum()
}

fn keep(given: Run) -> bool {
    for (slot, run) in runs() {
        let joined = if run.end() == given.page {
            Run { page: run.page, pages: run.pages + given.pages }
        } else if given.end() == run.page {
            Run { page: given.page, pages: run.pages + given.pages }
        } else {
            continue;
        };
        if swap(slot, run, joined) {
            if !glue::in_vfork_child() {
                join_neighbour(slot, joined);
            }
            return true;
        }
    }
    RUNS.iter().any(|slot| slot.compare_exchange(0, given.word(), AcqRel, Relaxed).is_ok())
}

/// Adds the run that lies behind or before another one to it.
fn join_neighbour(slot: &AtomicU64, run: Run) {
    let Some((other_slot, other)) =
        runs().find(|(_, other)| other.page == run.end() || other.end() == run.page)
    else {
        return;
    };
    if !swap(other_slot, other, Run { page: 0, pages: 0 }) {
        return;
    }
    let joined = Run { page: run.page.min(other.page), pages: run.pages + other.pages };
    if !swap(slot, run, joined)
        && !RUNS.iter().any(|s| s.compare_exchange(0, other.word(), AcqRel, Relaxed).is_ok())
    {
        // SAFETY: taken out of its slot just now.
        unsafe { glue::unmap(other.page * PAGE, other.pages * PAGE) };
    }
}

/// Gives all runs to the kernel; whether there were any.
pub(crate) fn forget_all() -> bool {
    let mut any = false;
    for (slot, run) in runs() {
        if swap(slot, run, Run { page: 0, pages: 0 }) {
            // SAFETY: taken out of its slot just now.
            unsafe { glue::unmap(run.page * PAGE, run.pages * PAGE) };
            any = true;
        }
    }
    any
}

/// Ends the program if runs overlap each other or a span.
pub(crate) fn check() {
    for (slot, run) in runs() {
        let overlaps = |other: Run| run.page < other.end() && other.page < run.end();
        let twice = runs().any(|(s, other)| !core::ptr::eq(s, slot) && overlaps(other));
        // Runs change while we look: only one that is still there is to blame.
        if (twice || crate::pagemap::class_at(run.page * PAGE) != 0) && slot.load(Acquire) == run.word() {
            crate::report::invariant("kept pages overlap something, at ", run.page * PAGE);
        }
    }
}
