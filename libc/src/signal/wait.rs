//! `<signal.h>`: waiting for signals.

use core::ffi::c_int;
use core::ptr;

use linux_raw_sys::general::{SI_TKILL, SI_USER, siginfo_t};
use tidal_rt::Errno;
use tidal_rt::signal::Mask;
use tidal_rt::sys::time::Timespec;

use super::INTERNAL;
use super::set::{SigSet, load, store};
use crate::macros::returned;

/// Waits with another mask until a signal is handled. Always fails.
///
/// # Errors
/// `EINTR`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn sigsuspend(mask: *const SigSet) -> c_int {
    // SAFETY: the caller's set.
    let mask = Mask(unsafe { load(mask) }.0 & !INTERNAL.0);
    // SAFETY: the copy is live.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_rt_sigsuspend, ptr::from_ref(&mask), Mask::SIZE) })
}

/// Signals that are blocked and wait for the thread.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigpending(set: *mut SigSet) -> c_int {
    let mut mask = Mask::EMPTY;
    // SAFETY: the mask is live.
    let result = unsafe { tidal_rt::syscall!(__NR_rt_sigpending, ptr::from_mut(&mut mask), Mask::SIZE) };
    // SAFETY: the caller's set.
    unsafe { store(set, mask) };
    returned(result)
}

/// Takes a pending signal of a set, waiting for one at most as long as told; its number.
///
/// # Errors
/// `EAGAIN` when the time is over, `EINTR`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn sigtimedwait(
    set: *const SigSet,
    info: *mut siginfo_t,
    timeout: *const Timespec,
) -> c_int {
    // SAFETY: the caller's set.
    let mask = Mask(unsafe { load(set) }.0 & !INTERNAL.0);
    // SAFETY: the copy is live, the other two are the caller's or null.
    let result = unsafe {
        tidal_rt::syscall_cp!(__NR_rt_sigtimedwait, ptr::from_ref(&mask), info, timeout, Mask::SIZE)
    };
    if result.is_ok() && !info.is_null() {
        // SAFETY: the kernel filled it; a signal of `raise` shows as sent by a user, as POSIX has it.
        unsafe {
            let code = &mut (*info).__bindgen_anon_1.__bindgen_anon_1.si_code;
            if *code == SI_TKILL {
                *code = SI_USER as c_int;
            }
        }
    }
    returned(result)
}

/// As `sigtimedwait`, for as long as it takes.
///
/// # Errors
/// `EINTR`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn sigwaitinfo(set: *const SigSet, info: *mut siginfo_t) -> c_int {
    // SAFETY: the same contract.
    unsafe { sigtimedwait(set, info, ptr::null()) }
}

/// Takes a pending signal of a set, waiting for one.
///
/// # Errors
/// An error number: `EINVAL`. A handler that ran meanwhile does not end the wait.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn sigwait(set: *const SigSet, signal: *mut c_int) -> c_int {
    // SAFETY: the caller's set.
    let mask = Mask(unsafe { load(set) }.0 & !INTERNAL.0);
    loop {
        // SAFETY: the copy is live.
        let result = unsafe {
            tidal_rt::syscall_cp!(__NR_rt_sigtimedwait, ptr::from_ref(&mask), 0usize, 0usize, Mask::SIZE)
        };
        match result {
            Ok(number) => {
                // SAFETY: the caller's word.
                unsafe { signal.write(number as c_int) };
                return 0;
            }
            Err(Errno::EINTR) => {}
            Err(e) => return e.0,
        }
    }
}
