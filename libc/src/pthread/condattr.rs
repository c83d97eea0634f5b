//! Condition variable attributes: `pthread_condattr_*`. Signal-safe and vfork-safe: they touch their arguments alone.

use core::ffi::c_int;

use linux_raw_sys::general::{CLOCK_MONOTONIC, CLOCK_REALTIME};
use tidal_pthread::cond::Attributes;
use tidal_rt::Errno;
use tidal_rt::futex::Clock;

use super::{PROCESS_PRIVATE, PROCESS_SHARED, clock_of, is_shared};
use crate::errno::zero_or_number;

/// Makes default attributes: private, `CLOCK_REALTIME`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_condattr_init(attributes: *mut Attributes) -> c_int {
    // SAFETY: memory of the caller's.
    unsafe { attributes.write(Attributes::DEFAULT) };
    0
}

/// Ends attributes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_condattr_destroy(_attributes: *mut Attributes) -> c_int {
    0
}

/// Reads whether other processes may use the condition.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_condattr_getpshared(
    attributes: *const Attributes,
    shared: *mut c_int,
) -> c_int {
    // SAFETY: initialised and writable.
    unsafe { *shared = if (*attributes).is_shared() { PROCESS_SHARED } else { PROCESS_PRIVATE } };
    0
}

/// Sets whether other processes may use the condition.
///
/// # Errors
/// `EINVAL` for what is neither `PTHREAD_PROCESS_PRIVATE` nor `_SHARED`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_condattr_setpshared(attributes: *mut Attributes, shared: c_int) -> c_int {
    // SAFETY: initialised.
    zero_or_number(is_shared(shared).map(|shared| unsafe { &mut *attributes }.set_shared(shared)))
}

/// Reads the clock of `pthread_cond_timedwait`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_condattr_getclock(
    attributes: *const Attributes,
    clock: *mut c_int,
) -> c_int {
    // SAFETY: initialised.
    let number = match unsafe { &*attributes }.clock() {
        Clock::Realtime => CLOCK_REALTIME,
        Clock::Monotonic => CLOCK_MONOTONIC,
    };
    // SAFETY: writable.
    unsafe { *clock = number as c_int };
    0
}

/// Sets the clock of `pthread_cond_timedwait`.
///
/// # Errors
/// `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_condattr_setclock(attributes: *mut Attributes, clock: c_int) -> c_int {
    let Some(clock) = clock_of(clock) else { return Errno::EINVAL.0 };
    // SAFETY: initialised.
    unsafe { &mut *attributes }.set_clock(clock);
    0
}
