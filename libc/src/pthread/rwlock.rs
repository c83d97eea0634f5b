//! Read-write locks: `pthread_rwlock_*`. What was destroyed, or is none, gives `EINVAL`.

use core::ffi::c_int;

use tidal_pthread::rwlock::RwLock;
use tidal_pthread::rwlock::attributes::Attributes;
use tidal_rt::Errno;
use tidal_rt::futex::Clock;
use tidal_rt::sys::time::Timespec;

use super::clock_of;
use crate::errno::zero_or_number;

/// Makes a read-write lock, default attributes for null.
///
/// # Errors
/// `EINVAL` for what are no attributes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_init(lock: *mut RwLock, attributes: *const Attributes) -> c_int {
    // SAFETY: null or initialised.
    let attributes = unsafe { attributes.as_ref() }.copied().unwrap_or_default();
    if !attributes.are_valid() {
        return Errno::EINVAL.0;
    }
    // SAFETY: memory of the caller's.
    unsafe { lock.write(RwLock::new(attributes)) };
    0
}

/// Ends a read-write lock. One that an ended thread has left locked may be destroyed too.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_destroy(lock: *mut RwLock) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*lock }.destroy())
}

/// Enters as a reader, waiting for it.
///
/// # Errors
/// `EDEADLK` if the caller is the writer inside, `EAGAIN` for too many readers.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_rdlock(lock: *mut RwLock) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*lock }.read(None))
}

/// Enters as a reader if nothing is in the way.
///
/// # Errors
/// `EBUSY`, `EAGAIN` for too many readers.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_tryrdlock(lock: *mut RwLock) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*lock }.try_read())
}

/// Enters as the writer, waiting for it.
///
/// # Errors
/// `EDEADLK` if the caller is the writer inside.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_wrlock(lock: *mut RwLock) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*lock }.write(None))
}

/// Enters as the writer if nobody is inside.
///
/// # Errors
/// `EBUSY`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_trywrlock(lock: *mut RwLock) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*lock }.try_write())
}

/// As [`pthread_rwlock_rdlock`], giving up at an absolute time of `CLOCK_REALTIME`.
///
/// # Errors
/// `ETIMEDOUT`, `EINVAL` (bad nanoseconds, if it would have waited), and as [`pthread_rwlock_rdlock`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_timedrdlock(lock: *mut RwLock, deadline: *const Timespec) -> c_int {
    // SAFETY: both live.
    let (lock, deadline) = unsafe { (&*lock, &*deadline) };
    zero_or_number(lock.read(Some((Clock::Realtime, deadline))))
}

/// As [`pthread_rwlock_wrlock`], giving up at an absolute time of `CLOCK_REALTIME`.
///
/// # Errors
/// `ETIMEDOUT`, `EINVAL` (bad nanoseconds, if it would have waited), and as [`pthread_rwlock_wrlock`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_timedwrlock(lock: *mut RwLock, deadline: *const Timespec) -> c_int {
    // SAFETY: both live.
    let (lock, deadline) = unsafe { (&*lock, &*deadline) };
    zero_or_number(lock.write(Some((Clock::Realtime, deadline))))
}

/// As [`pthread_rwlock_timedrdlock`], by the clock given.
///
/// # Errors
/// `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`, and as [`pthread_rwlock_timedrdlock`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_clockrdlock(
    lock: *mut RwLock,
    clock: c_int,
    deadline: *const Timespec,
) -> c_int {
    let Some(clock) = clock_of(clock) else { return Errno::EINVAL.0 };
    // SAFETY: both live.
    let (lock, deadline) = unsafe { (&*lock, &*deadline) };
    zero_or_number(lock.read(Some((clock, deadline))))
}

/// As [`pthread_rwlock_timedwrlock`], by the clock given.
///
/// # Errors
/// `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`, and as [`pthread_rwlock_timedwrlock`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_clockwrlock(
    lock: *mut RwLock,
    clock: c_int,
    deadline: *const Timespec,
) -> c_int {
    let Some(clock) = clock_of(clock) else { return Errno::EINVAL.0 };
    // SAFETY: both live.
    let (lock, deadline) = unsafe { (&*lock, &*deadline) };
    zero_or_number(lock.write(Some((clock, deadline))))
}

/// Leaves, as reader or writer, and touches nothing of the lock afterwards.
///
/// # Errors
/// `EINVAL` if nobody is inside.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlock_unlock(lock: *mut RwLock) -> c_int {
    // SAFETY: initialised, and the caller is inside.
    zero_or_number(unsafe { (*lock).unlock() })
}
