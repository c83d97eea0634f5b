//! Semaphores, `sem_t`.
//!
//! ```text
//!   state = waiters << 32 | value           futex on the value
//!
//!   post:           value + 1; waiters != 0 ─▶ wake one          one read-modify-write, nothing touched after it
//!   wait, value>0:  value - 1
//!   wait, value 0:  waiters + 1, sleep while value == 0, then  (value - 1, waiters - 1) in one step
//!                   gave up (time, signal, cancelled):          waiters - 1
//! ```
//!
//! A thread that was let through may destroy the semaphore and free its memory at once, although the poster has not
//! returned: the poster then wakes an address only.

use core::ptr;

use tidal_rt::Errno;

use crate::sync::{AtomicU32, AtomicU64, Deadline, Half, Ordering, Scope, wait_half_or_canceled, wake_half};

/// `SEM_VALUE_MAX`.
pub const VALUE_MAX: u32 = i32::MAX as u32;

const ONE_WAITER: u64 = 1 << 32;
const VALUE: u64 = 0xffff_ffff;
/// Instead of who may wait: the semaphore was destroyed.
const DESTROYED: u32 = !0;

/// `sem_t`.
#[repr(C)]
pub struct Semaphore {
    state: AtomicU64,
    shared: AtomicU32,
}

impl Semaphore {
    /// A semaphore of a value up to [`VALUE_MAX`].
    pub fn new(value: u32, scope: Scope) -> Self {
        Semaphore {
            state: AtomicU64::new(u64::from(value)),
            shared: AtomicU32::new(u32::from(scope == Scope::Shared)),
        }
    }

    /// Whether this is a semaphore that was not destroyed, and not other memory.
    pub fn is_valid(&self) -> bool {
        self.shared.load(Ordering::Relaxed) <= 1 && self.value() <= VALUE_MAX
    }

    /// Ends the semaphore. A poster that let the caller through may still be in [`Self::post`].
    ///
    /// # Errors
    /// `EBUSY` while somebody waits.
    pub fn destroy(&self) -> Result<(), Errno> {
        if self.state.load(Ordering::Relaxed) >= ONE_WAITER {
            return Err(Errno::EBUSY);
        }
        self.shared.store(DESTROYED, Ordering::Relaxed);
        Ok(())
    }

    /// Whether other processes may wait for it.
    pub fn scope(&self) -> Scope {
        if self.shared.load(Ordering::Relaxed) != 0 { Scope::Shared } else { Scope::Private }
    }

    /// Where waiters sleep: the half of the state that is the value.
    pub fn futex(&self) -> *const core::sync::atomic::AtomicU32 {
        ptr::from_ref(&self.state).cast()
    }

    /// The value right now.
    pub fn value(&self) -> u32 {
        (self.state.load(Ordering::Relaxed) & VALUE) as u32
    }

    /// Adds one, and lets one waiter through.
    ///
    /// # Errors
    /// `EOVERFLOW` beyond [`VALUE_MAX`].
    pub fn post(&self) -> Result<(), Errno> {
        let (scope, word) = (self.scope(), &raw const self.state);
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state & VALUE == u64::from(VALUE_MAX) {
                return Err(Errno::EOVERFLOW);
            }
            match self.state.compare_exchange_weak(state, state + 1, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        if state >= ONE_WAITER {
            wake_half(word, Half::Low, 1, scope);
        }
        Ok(())
    }

    /// Takes one if there is one.
    ///
    /// # Errors
    /// `EAGAIN`.
    pub fn try_wait(&self) -> Result<(), Errno> {
        self.take(1).then_some(()).ok_or(Errno::EAGAIN)
    }

    /// Subtracts `amount` if the value is not 0.
    fn take(&self, amount: u64) -> bool {
        let mut state = self.state.load(Ordering::Relaxed);
        while state & VALUE != 0 {
            match self.state.compare_exchange_weak(
                state,
                state - amount,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    /// Takes one, sleeping until there is one.
    ///
    /// # Errors
    /// `ETIMEDOUT`, `EINTR` (a signal handler ran), `EINVAL` (the deadline's nanoseconds, if it has to sleep),
    /// `ECANCELED` (the caller acts on the request).
    pub fn wait(&self, deadline: Deadline<'_>) -> Result<(), Errno> {
        if self.take(1) { Ok(()) } else { self.wait_sleeping(deadline) }
    }

    #[cold]
    #[inline(never)]
    fn wait_sleeping(&self, deadline: Deadline<'_>) -> Result<(), Errno> {
        let scope = self.scope();
        self.state.fetch_add(ONE_WAITER, Ordering::Relaxed);
        loop {
            if self.take(1 + ONE_WAITER) {
                return Ok(());
            }
            match wait_half_or_canceled(&self.state, Half::Low, 0, scope, deadline) {
                Ok(()) | Err(Errno::EAGAIN) => {}
                Err(e) => return self.give_up(e, scope),
            }
        }
    }

    /// The waiter leaves without the semaphore. Whoever posted meanwhile may have woken it instead of another waiter:
    /// that wake is passed on.
    fn give_up(&self, why: Errno, scope: Scope) -> Result<(), Errno> {
        let old = self.state.fetch_sub(ONE_WAITER, Ordering::Relaxed);
        if old & VALUE != 0 && old >> 32 > 1 {
            wake_half(&self.state, Half::Low, 1, scope);
        }
        Err(why)
    }
}
