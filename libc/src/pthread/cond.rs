//! Condition variables: `pthread_cond_*`. What was destroyed, or is none, gives `EINVAL`.

use core::ffi::c_int;

use tidal_pthread::cond::{Attributes, Cond, Until};
use tidal_pthread::mutex::Mutex;
use tidal_pthread::mutex::biased::Deadline;
use tidal_rt::Errno;
use tidal_rt::sys::time::Timespec;

use super::clock_of;
use crate::errno::zero_or_number;

/// Makes a condition variable, default attributes for null.
///
/// # Errors
/// `EINVAL` for what are no attributes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_init(cond: *mut Cond, attributes: *const Attributes) -> c_int {
    // SAFETY: null or initialised.
    let attributes = unsafe { attributes.as_ref() }.copied().unwrap_or_default();
    if !attributes.are_valid() {
        return Errno::EINVAL.0;
    }
    // SAFETY: memory of the caller's.
    unsafe { cond.write(Cond::new(attributes)) };
    0
}

/// Ends a condition variable. Whoever was signalled may still be on its way out.
///
/// # Errors
/// `EBUSY` while somebody waits without having been signalled.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_destroy(cond: *mut Cond) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*cond }.destroy())
}

/// Wakes the longest waiter, if there is one.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_signal(cond: *mut Cond) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*cond }.signal())
}

/// Wakes everybody who waits.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_broadcast(cond: *mut Cond) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*cond }.broadcast())
}

/// # Safety
/// Both are initialised, and the caller holds the mutex.
unsafe fn wait(cond: *mut Cond, mutex: *mut Mutex, deadline: Deadline) -> c_int {
    // SAFETY: the caller's word.
    let (cond, mutex) = unsafe { (&*cond, &*mutex) };
    match cond.wait(mutex, Until { deadline, cancelable: true }) {
        Err(Errno::ECANCELED) => act_on_cancellation(),
        result => zero_or_number(result),
    }
}

/// Releases the mutex, waits for a signal, and takes the mutex back. A cancellation point.
///
/// # Errors
/// `EPERM` (error-checking, recursive: not held by the caller); `EOWNERDEAD`, `ENOTRECOVERABLE` from taking it back.
///
/// Signal-safe: no. Vfork-safe: yes (it ends after a moment, signalled or not).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_wait(cond: *mut Cond, mutex: *mut Mutex) -> c_int {
    // SAFETY: the caller's word.
    unsafe { wait(cond, mutex, None) }
}

/// As [`pthread_cond_wait`], giving up at an absolute time of the condition's clock.
///
/// # Errors
/// `ETIMEDOUT`, `EINVAL` (bad nanoseconds), and as [`pthread_cond_wait`].
///
/// Signal-safe: no. Vfork-safe: yes, as [`pthread_cond_wait`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_timedwait(
    cond: *mut Cond,
    mutex: *mut Mutex,
    deadline: *const Timespec,
) -> c_int {
    // SAFETY: both live.
    let (clock, deadline) = unsafe { ((*cond).clock(), &*deadline) };
    // SAFETY: the caller's word.
    unsafe { wait(cond, mutex, Some((clock, deadline))) }
}

/// As [`pthread_cond_wait`], giving up at an absolute time of the clock given.
///
/// # Errors
/// `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`, and as [`pthread_cond_timedwait`].
///
/// Signal-safe: no. Vfork-safe: yes, as [`pthread_cond_wait`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_clockwait(
    cond: *mut Cond,
    mutex: *mut Mutex,
    clock: c_int,
    deadline: *const Timespec,
) -> c_int {
    let Some(clock) = clock_of(clock) else { return Errno::EINVAL.0 };
    // SAFETY: live.
    let deadline = unsafe { &*deadline };
    // SAFETY: the caller's word.
    unsafe { wait(cond, mutex, Some((clock, deadline))) }
}

#[cold]
fn act_on_cancellation() -> c_int {
    tidal_pthread::cancel::act()
}
