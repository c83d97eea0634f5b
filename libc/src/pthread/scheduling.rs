//! Scheduling, CPUs and CPU time of threads.

use core::ffi::{c_int, c_void};
use core::slice;

use tidal_pthread::scheduling::Parameters;
use tidal_pthread::{affinity, scheduling};

use super::Handle;
use crate::errno::zero_or_number;

/// Sets a thread's policy and priority.
///
/// # Errors
/// `ESRCH`, `EINVAL`, `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: changes the parent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setschedparam(
    handle: Handle,
    policy: c_int,
    parameters: *const Parameters,
) -> c_int {
    // SAFETY: the caller's object.
    zero_or_number(scheduling::set(handle, policy, unsafe { *parameters }))
}

/// Sets a thread's priority.
///
/// # Errors
/// `ESRCH`, `EINVAL`, `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: changes the parent.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_setschedprio(handle: Handle, priority: c_int) -> c_int {
    zero_or_number(scheduling::set_priority(handle, priority))
}

/// A thread's policy and priority.
///
/// # Errors
/// `ESRCH`.
///
/// Signal-safe: yes. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getschedparam(
    handle: Handle,
    policy: *mut c_int,
    parameters: *mut Parameters,
) -> c_int {
    zero_or_number(scheduling::get(handle).map(|(its_policy, its_parameters)| {
        // SAFETY: the caller's variables.
        unsafe {
            policy.write(its_policy);
            parameters.write(its_parameters);
        }
    }))
}

/// Restricts a thread to a set of CPUs.
///
/// # Errors
/// `ESRCH`, `EINVAL`, `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: changes the parent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setaffinity_np(handle: Handle, size: usize, set: *const c_void) -> c_int {
    // SAFETY: the caller's set, of that size.
    let cpus = unsafe { slice::from_raw_parts(set.cast::<u8>(), size) };
    zero_or_number(affinity::set(handle, cpus))
}

/// The CPUs that a thread may run on.
///
/// # Errors
/// `ESRCH`, `EINVAL` (set too small).
///
/// Signal-safe: yes. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getaffinity_np(handle: Handle, size: usize, set: *mut c_void) -> c_int {
    // SAFETY: the caller's set, of that size.
    let cpus = unsafe { slice::from_raw_parts_mut(set.cast::<u8>(), size) };
    zero_or_number(affinity::get(handle, cpus))
}

/// The clock of a thread's CPU time.
///
/// # Errors
/// `ESRCH`.
///
/// Signal-safe: yes. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getcpuclockid(handle: Handle, clock: *mut c_int) -> c_int {
    zero_or_number(scheduling::cpu_clock(handle).map(|id| {
        // SAFETY: the caller's variable.
        unsafe { clock.write(id) }
    }))
}

/// Lets others run.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_yield() -> c_int {
    scheduling::yield_now();
    0
}
