//! `RawLock`: the futex word lock of the runtime itself.
//!
//! ```text
//!            lock: CAS                    lock, busy: swap 2, then futex wait
//!   0 free ────────────▶ 1 held ─────────────────────────▶ 2 held, waiters
//!      ▲                    │ unlock: swap 0                    │ unlock: swap 0, wake one
//!      └────────────────────┴───────────────────────────────────┘
//! ```
//!
//! Unlock is one read-modify-write, and nothing of the lock is touched after it: the next owner may free its memory.

use core::hint;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::futex::{self, Scope};

const FREE: u32 = 0;
const HELD: u32 = 1;
const CONTENDED: u32 = 2;
const SPINS: u32 = 100;

/// A mutual-exclusion lock for short sections inside the runtime. Not recursive; never changes `errno`.
#[repr(transparent)]
pub struct RawLock {
    state: AtomicU32,
}

impl RawLock {
    /// A free lock.
    pub const fn new() -> Self {
        RawLock { state: AtomicU32::new(FREE) }
    }

    /// Takes the lock, waiting for it.
    #[inline]
    pub fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.state.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok()
    }

    #[cold]
    #[inline(never)]
    fn lock_contended(&self) {
        for _ in 0..SPINS {
            match self.state.load(Relaxed) {
                FREE if self.try_lock() => return,
                CONTENDED => break,
                _ => hint::spin_loop(),
            }
        }
        while self.state.swap(CONTENDED, Acquire) != FREE {
            let _ = futex::wait(&self.state, CONTENDED, Scope::Private);
        }
    }

    /// Releases the lock.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        let word: *const AtomicU32 = &self.state;
        if self.state.swap(FREE, Release) == CONTENDED {
            futex::wake(word, 1, Scope::Private);
        }
    }

    /// Whether somebody holds the lock right now.
    pub fn is_locked(&self) -> bool {
        self.state.load(Relaxed) != FREE
    }

    /// Makes the lock free whoever held it: in the only thread of a fork child, or when the holder is known dead.
    ///
    /// # Safety
    /// No live thread holds the lock, and what it guards is consistent.
    pub unsafe fn reset(&self) {
        self.state.store(FREE, Relaxed);
    }
}

impl Default for RawLock {
    fn default() -> Self {
        RawLock::new()
    }
}
