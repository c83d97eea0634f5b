//! [`RawMutex`]: 16 bytes, biased to whoever uses it long enough alone.

use tidal_rt::message;

use crate::mutex::biased::{BiasedLock, Taken};

/// A mutex without a value. Locking it twice in one thread is a bug that ends the process with one line.
#[repr(transparent)]
pub struct RawMutex(pub(super) BiasedLock);

impl RawMutex {
    /// A free mutex.
    pub const fn new() -> RawMutex {
        RawMutex(BiasedLock::new())
    }

    /// Takes the mutex, waiting for it.
    #[inline]
    pub fn lock(&self) {
        if self.0.lock() == Taken::Already {
            locked_twice();
        }
    }

    /// Takes the mutex if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.0.lock_if_biased() || self.0.try_lock_slow() == Ok(Taken::Fresh)
    }

    /// Releases the mutex and touches nothing of it afterwards.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        // SAFETY: the caller's word.
        unsafe { self.0.unlock() };
    }
}

#[cold]
#[inline(never)]
fn locked_twice() -> ! {
    message::fatal("a thread locked a RawMutex that it holds")
}

impl Default for RawMutex {
    fn default() -> Self {
        RawMutex::new()
    }
}

#[cfg(feature = "lock_api")]
// SAFETY: `lock` and `try_lock` exclude all others until `unlock`; see `crate::mutex::biased`.
unsafe impl lock_api::RawMutex for RawMutex {
    const INIT: RawMutex = RawMutex::new();

    /// The owner's name is in the word, so the guard stays with its thread.
    type GuardMarker = lock_api::GuardNoSend;

    #[inline]
    fn lock(&self) {
        self.lock();
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.try_lock()
    }

    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: the caller's word.
        unsafe { self.unlock() };
    }

    fn is_locked(&self) -> bool {
        self.0.owner() != 0
    }
}
