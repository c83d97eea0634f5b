//! [`RawRwLock`]: a private [`RwLock`] without a value.

use tidal_rt::{Errno, message};

use crate::rwlock::RwLock;

/// A read-write lock that prefers readers. Bugs that `pthread_rwlock_*` reports end the process with one line.
#[repr(transparent)]
pub struct RawRwLock(RwLock);

impl RawRwLock {
    /// A free lock.
    pub const fn new() -> RawRwLock {
        RawRwLock(RwLock::new(crate::rwlock::attributes::Attributes::DEFAULT))
    }

    /// Enters as a reader.
    #[inline]
    pub fn lock_shared(&self) {
        self.0.read(None).unwrap_or_else(|e| misused(e));
    }

    /// Enters as a reader if no writer is inside.
    #[inline]
    pub fn try_lock_shared(&self) -> bool {
        self.0.try_read().is_ok()
    }

    /// Enters as the writer.
    #[inline]
    pub fn lock_exclusive(&self) {
        self.0.write(None).unwrap_or_else(|e| misused(e));
    }

    /// Enters as the writer if nobody is inside.
    #[inline]
    pub fn try_lock_exclusive(&self) -> bool {
        self.0.try_write().is_ok()
    }

    /// Leaves.
    ///
    /// # Safety
    /// The caller is inside.
    #[inline]
    pub unsafe fn unlock(&self) {
        // SAFETY: the caller's word.
        unsafe { self.0.unlock() }.unwrap_or_else(|e| misused(e));
    }
}

#[cold]
#[inline(never)]
fn misused(error: Errno) -> ! {
    match error {
        Errno::EDEADLK => message::fatal("a thread locked a RawRwLock that it holds as the writer"),
        Errno::EAGAIN => message::fatal("too many readers in a RawRwLock"),
        _ => message::fatal("unlock of a RawRwLock that nobody holds"),
    }
}

impl Default for RawRwLock {
    fn default() -> Self {
        RawRwLock::new()
    }
}

#[cfg(feature = "lock_api")]
// SAFETY: a writer excludes all others, readers exclude writers; see `crate::rwlock`.
unsafe impl lock_api::RawRwLock for RawRwLock {
    const INIT: RawRwLock = RawRwLock::new();

    type GuardMarker = lock_api::GuardNoSend;

    #[inline]
    fn lock_shared(&self) {
        self.lock_shared();
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.try_lock_shared()
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        // SAFETY: the caller's word.
        unsafe { self.unlock() };
    }

    #[inline]
    fn lock_exclusive(&self) {
        self.lock_exclusive();
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        self.try_lock_exclusive()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        // SAFETY: the caller's word.
        unsafe { self.unlock() };
    }
}
