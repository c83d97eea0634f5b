//! [`Condvar`]: the private condition queue for Rust.

use tidal_rt::futex::Clock;
use tidal_rt::sys::time::Timespec;

use super::RawMutex;
use crate::cond::{Queue, Until};

/// A condition variable for [`RawMutex`]. Waits are no cancellation points.
pub struct Condvar(Queue);

impl Condvar {
    /// A condition without waiters.
    pub const fn new() -> Condvar {
        Condvar(Queue::new())
    }

    /// Releases the mutex, waits for a notification, and takes the mutex back.
    ///
    /// # Safety
    /// The caller holds the mutex.
    pub unsafe fn wait_raw(&self, mutex: &RawMutex) {
        // Without a deadline, cancellation or an owner check there is nothing to fail.
        let _ = self.0.wait(&mutex.0, Until { deadline: None, cancelable: false });
    }

    /// As [`Self::wait_raw`], until an absolute time at most. False if the time came first.
    ///
    /// # Safety
    /// The caller holds the mutex.
    pub unsafe fn wait_raw_until(&self, mutex: &RawMutex, clock: Clock, time: &Timespec) -> bool {
        self.0.wait(&mutex.0, Until { deadline: Some((clock, time)), cancelable: false }).is_ok()
    }

    /// Releases the guard's mutex, waits for a notification, and takes the mutex back.
    #[cfg(feature = "lock_api")]
    pub fn wait<T: ?Sized>(&self, guard: &mut super::MutexGuard<'_, T>) {
        // SAFETY: the guard says that the mutex is held; nobody sees its value while it is not.
        unsafe { self.wait_raw(super::MutexGuard::mutex(guard).raw()) };
    }

    /// As [`Self::wait`], until an absolute time at most. False if the time came first.
    #[cfg(feature = "lock_api")]
    pub fn wait_until<T: ?Sized>(
        &self,
        guard: &mut super::MutexGuard<'_, T>,
        clock: Clock,
        time: &Timespec,
    ) -> bool {
        // SAFETY: as in `wait`.
        unsafe { self.wait_raw_until(super::MutexGuard::mutex(guard).raw(), clock, time) }
    }

    /// Wakes the longest waiter.
    #[inline]
    pub fn notify_one(&self) {
        self.0.signal();
    }

    /// Wakes everybody who waits.
    #[inline]
    pub fn notify_all(&self) {
        self.0.broadcast();
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Condvar::new()
    }
}
