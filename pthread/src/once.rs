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
//! older generation: nobody will finish it, and the next call runs it again.

use crate::sync::{AtomicU32, Ordering, Scope, wait, wake};

const NEW: u32 = 0;
const RUNNING: u32 = 1;
/// The value that a completed object shows.
pub const DONE: u32 = 2;
const WAITED: u32 = 4;
const GENERATION_SHIFT: u32 = 3;

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

/// Waits until the routine has run, or until it is the caller's to run.
pub fn begin(word: &AtomicU32, generation: u32) -> Turn {
    let running = RUNNING | generation << GENERATION_SHIFT;
    let mut seen = word.load(Ordering::Acquire);
    loop {
        if seen == DONE {
            return Turn::Done;
        }
        let of_now = seen & !WAITED == running;
        let wanted = if of_now { running | WAITED } else { running };
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
