//! Threads from creation to join.

use core::ffi::{c_int, c_void};

use tidal_pthread::attributes::Attributes;
use tidal_pthread::thread::Entry;
use tidal_pthread::{create, exit, join};
use tidal_rt::Errno;
use tidal_rt::futex::Clock;
use tidal_rt::sys::time::Timespec;

use super::{Handle, clock_of};
use crate::errno::zero_or_number;

/// Makes a thread run `function(argument)`.
///
/// # Errors
/// `EAGAIN` (memory, number of threads), `EINVAL` (attributes), `EPERM` (scheduling).
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_create(
    handle: *mut Handle,
    attributes: *const Attributes,
    function: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { start(handle, attributes, Entry::Pointer(function), argument) }
}

/// What `pthread_create` and `thrd_create` have in common.
///
/// # Safety
/// The attributes are null or initialised, the handle is writable.
pub(crate) unsafe fn start(
    handle: *mut Handle,
    attributes: *const Attributes,
    entry: Entry,
    argument: *mut c_void,
) -> c_int {
    exit::set_process_exit(crate::stdlib::exit::exit);
    // SAFETY: null or the caller's object.
    let attributes = unsafe { attributes.as_ref() };
    zero_or_number(create::create_into(attributes, entry, argument, |made| {
        // SAFETY: the caller's variable. Written before the thread runs, so that it may look at it.
        unsafe { handle.write(made) }
    }))
}

/// Ends the calling thread; `value` is what its join gives.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_exit(value: *mut c_void) -> ! {
    exit::set_process_exit(crate::stdlib::exit::exit);
    exit::exit(value)
}

fn store(result: *mut *mut c_void, value: *mut c_void) {
    if !result.is_null() {
        // SAFETY: the caller's variable.
        unsafe { result.write(value) };
    }
}

/// Waits for a thread's end and frees it. A cancellation point.
///
/// # Errors
/// `ESRCH`, `EINVAL` (detached, or being joined), `EDEADLK`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_join(handle: Handle, result: *mut *mut c_void) -> c_int {
    zero_or_number(join::join(handle, None).map(|value| store(result, value)))
}

/// As `pthread_join`, if the thread has ended.
///
/// # Errors
/// `EBUSY` (it runs), and those of `pthread_join`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_tryjoin_np(handle: Handle, result: *mut *mut c_void) -> c_int {
    zero_or_number(join::try_join(handle).map(|value| store(result, value)))
}

/// As `pthread_join`, until a time of `CLOCK_REALTIME` at most.
///
/// # Errors
/// `ETIMEDOUT`, `EINVAL` (the time), and those of `pthread_join`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_timedjoin_np(
    handle: Handle,
    result: *mut *mut c_void,
    until: *const Timespec,
) -> c_int {
    // SAFETY: null, which is no limit, or the caller's time.
    let until = unsafe { until.as_ref() }.map(|time| (Clock::Realtime, time));
    zero_or_number(join::join(handle, until).map(|value| store(result, value)))
}

/// As `pthread_join`, until a time of the clock named at most.
///
/// # Errors
/// As `pthread_timedjoin_np`; `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_clockjoin_np(
    handle: Handle,
    result: *mut *mut c_void,
    clock_id: c_int,
    until: *const Timespec,
) -> c_int {
    let joined = clock_of(clock_id).ok_or(Errno::EINVAL).and_then(|clock| {
        // SAFETY: null, which is no limit, or the caller's time.
        let until = unsafe { until.as_ref() }.map(|time| (clock, time));
        join::join(handle, until)
    });
    zero_or_number(joined.map(|value| store(result, value)))
}

/// Nobody will join the thread: its end frees it.
///
/// # Errors
/// `ESRCH`, `EINVAL` (detached, or being joined).
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_detach(handle: Handle) -> c_int {
    zero_or_number(join::detach(handle))
}
