//! `pthread_once`, C11's `call_once`, C++'s `std::call_once`: a routine that runs once.
//!
//! ```text
//!            call: CAS              routine returned: store, wake all if WAITED
//!   0 NEW ───────────▶ RUNNING(generation) ─────────────────────────▶ DONE
//!     ▲                  │   │ another call: sets WAITED, sleeps
//!     └──────────────────┘   ▼
//!      thread cancelled,    RUNNING|WAITED ── as RUNNING
//!      exited, or an exception: store, wake all
//! ```
//!
//! RUNNING carries the process's fork generation. In a fork child a routine that another thread was running is of an
//! older generation: nobody will finish it, and the next call runs it again. A vfork child writes its TID instead, so
//! that its parent can make the word NEW again should the child die in the routine.

use crate::sync::{AtomicU32, Ordering, Scope, wait, wake};

const NEW: u32 = 0;
const RUNNING: u32 = 1;
/// The value that a completed object shows.
pub const DONE: u32 = 2;
const WAITED: u32 = 4;
const GENERATION_SHIFT: u32 = 3;
/// Instead of a generation: the vfork child of this TID.
const VFORKED: u32 = 1 << 31;

/// TIDs stay below this.
const TID_MOST: u32 = 1 << 22;

/// Whether a word may be what these functions left there.
pub fn is_valid(word: &AtomicU32) -> bool {
    match word.load(Ordering::Relaxed) {
        NEW | DONE => true,
        value => {
            value & (RUNNING | DONE) == RUNNING
                && (value & VFORKED == 0 || (value & !VFORKED) >> GENERATION_SHIFT < TID_MOST)
        }
    }
}

/// The word's value while a task runs the routine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Runner(u32);

impl Runner {
    /// A thread of the process that so many forks led to.
    pub fn thread(generation: u32) -> Self {
        Runner(RUNNING | (generation << GENERATION_SHIFT) & !VFORKED)
    }

    /// The vfork child of this TID.
    pub fn vfork_child(tid: u32) -> Self {
        Runner(RUNNING | VFORKED | tid << GENERATION_SHIFT)
    }
}

/// Whether the routine has run to its end; what it did is visible then.
#[inline]
pub fn is_done(word: &AtomicU32) -> bool {
    word.load(Ordering::Acquire) == DONE
}

/// What a caller is to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// Nothing: it has run.
    Done,
    /// Run the routine, then [`finish`].
    Run,
}

/// Waits until the routine has run, or until it is the caller's to run. `me` is the caller, `peers` its process's threads.
pub fn begin(word: &AtomicU32, me: Runner, peers: Runner) -> Turn {
    let mut seen = word.load(Ordering::Acquire);
    loop {
        if seen == DONE {
            return Turn::Done;
        }
        let runner = seen & !WAITED;
        let of_now = runner == peers.0 || runner & VFORKED != 0;
        let wanted = if of_now { seen | WAITED } else { me.0 };
        if seen != wanted
            && let Err(now) = word.compare_exchange(seen, wanted, Ordering::AcqRel, Ordering::Acquire)
        {
            seen = now;
            continue;
        }
        if !of_now {
            return Turn::Run;
        }
        wait(word, wanted, Scope::Private);
        seen = word.load(Ordering::Acquire);
    }
}

/// The routine has run, or has not (`completed` false) and is for the next caller to run.
pub fn finish(word: &AtomicU32, completed: bool) {
    let old = word.swap(if completed { DONE } else { NEW }, Ordering::AcqRel);
    if old & WAITED != 0 {
        wake(word, i32::MAX, Scope::Private);
    }
}

/// If `runner` is running the routine, it is dead: the next caller runs it.
pub fn abandon(word: &AtomicU32, runner: Runner) {
    let seen = word.load(Ordering::Relaxed);
    if seen & !WAITED == runner.0 {
        finish(word, false);
    }
}
