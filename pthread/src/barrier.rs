//! Barriers: `count` threads wait for each other, again and again.
//!
//! ```text
//!   state = round << 32 | arrived
//!
//!   arrive, not the last:  (r, n)         ─CAS─▶ (r, n + 1)   sleeps while the round is r
//!   arrive, the last:      (r, count - 1) ─CAS─▶ (r + 1, 0)   wakes all, is the serial thread
//! ```
//!
//! Arrival and round are one word, so an arrival always belongs to the round that it reads. A released thread may
//! destroy the barrier while others of its round are still on their way out: `inside` counts them, and destroying waits
//! until it has fallen to 0. The last to leave touches nothing after its own subtraction.

use crate::sync::{AtomicU32, AtomicU64, Half, Ordering, Scope, wait, wait_half, wake, wake_half};

/// Bit of `inside`: somebody waits for it to fall to 0.
const DESTROYING: u32 = 1 << 31;
/// Most threads that may wait: `inside` has a bit to spare.
pub const COUNT_MOST: u32 = DESTROYING - 1;

/// `pthread_barrier_t`.
#[repr(C)]
pub struct Barrier {
    state: AtomicU64,
    inside: AtomicU32,
    count: AtomicU32,
    shared: AtomicU32,
}

/// Threads wait in an unfinished round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Busy;

impl Barrier {
    /// A barrier for `count` threads, 1 to [`COUNT_MOST`].
    pub fn new(count: u32, scope: Scope) -> Self {
        Barrier {
            state: AtomicU64::new(0),
            inside: AtomicU32::new(0),
            count: AtomicU32::new(count),
            shared: AtomicU32::new(u32::from(scope == Scope::Shared)),
        }
    }

    /// Whether this is a barrier that was not destroyed, and not other memory.
    pub fn is_valid(&self) -> bool {
        (1..=COUNT_MOST).contains(&self.count.load(Ordering::Relaxed))
            && self.shared.load(Ordering::Relaxed) <= 1
    }

    fn scope(&self) -> Scope {
        if self.shared.load(Ordering::Relaxed) != 0 { Scope::Shared } else { Scope::Private }
    }

    /// Waits for the others. True in one of the threads: the serial one.
    pub fn wait(&self) -> bool {
        let scope = self.scope();
        let count = u64::from(self.count.load(Ordering::Relaxed));
        self.inside.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state.load(Ordering::Relaxed);
        let (round, serial) = loop {
            let (round, arrived) = (state >> 32, state & u64::from(u32::MAX));
            let serial = arrived + 1 >= count;
            let next = if serial { ((round + 1) & u64::from(u32::MAX)) << 32 } else { state + 1 };
            match self.state.compare_exchange_weak(state, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break (round as u32, serial),
                Err(now) => state = now,
            }
        };
        if serial {
            wake_half(&self.state, Half::High, i32::MAX, scope);
        } else {
            while (self.state.load(Ordering::Acquire) >> 32) as u32 == round {
                wait_half(&self.state, Half::High, round, scope);
            }
        }
        self.leave(scope);
        serial
    }

    fn leave(&self, scope: Scope) {
        let inside: *const AtomicU32 = &self.inside;
        if self.inside.fetch_sub(1, Ordering::Release) == DESTROYING + 1 {
            wake(inside, 1, scope);
        }
    }

    /// Waits until every released thread has left; the memory may then be used for something else. The barrier is not
    /// valid any more.
    ///
    /// # Errors
    /// [`Busy`] if threads wait in a round that is not full.
    pub fn destroy(&self) -> Result<(), Busy> {
        if self.state.load(Ordering::Relaxed) & u64::from(u32::MAX) != 0 {
            return Err(Busy);
        }
        let mut inside = self.inside.fetch_or(DESTROYING, Ordering::Acquire) | DESTROYING;
        while inside != DESTROYING {
            wait(&self.inside, inside, self.scope());
            inside = self.inside.load(Ordering::Acquire);
        }
        self.count.store(0, Ordering::Relaxed);
        Ok(())
    }
}
