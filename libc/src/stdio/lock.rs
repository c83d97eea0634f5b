//! A stream's lock: recursive, owned by a thread of control, and released when a vfork child dies with it.

use core::sync::atomic::Ordering::Relaxed;

use tidal_pthread::cancel;
use tidal_rt::lock::RecursiveLock;
use tidal_rt::startup;

use super::file::{Stream, flag};
use super::list;

/// The lock of `flockfile(3)`.
#[derive(Default)]
pub struct StreamLock(RecursiveLock);

impl StreamLock {
    /// A free lock.
    pub const fn new() -> Self {
        StreamLock(RecursiveLock::new())
    }

    /// Takes the lock once more if no other thread holds it.
    #[inline(never)]
    pub fn try_lock(&self) -> bool {
        self.0.try_lock()
    }

    /// Gives up one hold; ignored by a thread that has none.
    #[inline(never)]
    pub fn unlock(&self) {
        if self.0.is_mine() {
            // SAFETY: just looked.
            unsafe { self.0.unlock() };
        }
    }

    /// In the only thread of a fork child: a lock that another thread held at the fork is free again.
    ///
    /// # Safety
    /// The process has one thread.
    pub unsafe fn reset_unless_mine(&self) {
        if !self.0.is_mine() {
            // SAFETY: no other thread lives.
            unsafe { self.0.reset() };
        }
    }
}

/// Takes a stream's lock. The stream is in the list by then: a `fork` in another thread copies either both or neither.
///
/// # Safety
/// `stream` is an open stream.
#[inline(never)]
pub unsafe fn take(stream: *mut Stream) {
    // SAFETY: an open stream; these parts of it are shared by design.
    unsafe {
        enlist(stream);
        (*stream).lock.0.lock();
    }
}

/// As [`take`], if no other thread holds it.
///
/// # Safety
/// As [`take`].
pub unsafe fn try_take(stream: *mut Stream) -> bool {
    // SAFETY: as above.
    unsafe {
        enlist(stream);
        (*stream).lock.try_lock()
    }
}

#[inline]
unsafe fn enlist(stream: *mut Stream) {
    // SAFETY: the caller's word.
    unsafe {
        if !(*stream).listed.load(Relaxed) {
            list::join(stream);
        }
    }
}

/// Runs `f` on a stream with its lock held: unless the program said that it locks itself, or has never had a second
/// thread, which then cannot come while `f` runs but by a signal handler that breaks the rules.
///
/// # Safety
/// `stream` is an open stream.
#[inline]
pub unsafe fn with<R>(stream: *mut Stream, f: impl FnOnce(&mut Stream) -> R) -> R {
    // SAFETY: an open stream; its lock is shared by design, and the rest is used with the lock held.
    unsafe {
        let locks = !startup::is_single_threaded() && (*stream).file.flags & flag::USER_LOCK == 0;
        if locks {
            take(stream);
        }
        let result = f(&mut *stream);
        let cancelled = (*stream).file.flags & flag::CANCELED != 0;
        if cancelled {
            (*stream).file.flags &= !flag::CANCELED;
        }
        if locks {
            (*stream).lock.unlock();
        }
        if cancelled {
            cancel::test();
        }
        result
    }
}
