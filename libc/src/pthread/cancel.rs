//! Cancellation.

use core::ffi::c_int;

use tidal_pthread::{cancel, exit};
use tidal_rt::Errno;

use super::Handle;
use crate::errno::zero_or_number;

/// Asks a thread to end.
///
/// # Errors
/// `ESRCH`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_cancel(handle: Handle) -> c_int {
    exit::set_process_exit(crate::stdlib::exit::exit);
    zero_or_number(cancel::request(handle))
}

/// Ends the calling thread if it was asked to.
///
/// Signal-safe: no. Vfork-safe: yes (does nothing).
#[unsafe(no_mangle)]
pub extern "C" fn pthread_testcancel() {
    cancel::test();
}

/// Calls `set` with whether `new` is 1, and tells what was so before.
unsafe fn switch(new: c_int, old: *mut c_int, set: fn(bool) -> bool) -> c_int {
    if !matches!(new, 0 | 1) {
        return Errno::EINVAL.0;
    }
    let before = set(new == 1);
    if !old.is_null() {
        // SAFETY: the caller's variable.
        unsafe { old.write(c_int::from(before)) };
    }
    0
}

/// Allows requests (`PTHREAD_CANCEL_ENABLE`, 0) or holds them back (`PTHREAD_CANCEL_DISABLE`, 1).
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes (changes the parent's too).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setcancelstate(state: c_int, old: *mut c_int) -> c_int {
    // SAFETY: the caller's variable.
    unsafe { switch(state, old, cancel::set_disabled) }
}

/// Lets requests act at cancellation points (`PTHREAD_CANCEL_DEFERRED`, 0) or anywhere (`PTHREAD_CANCEL_ASYNCHRONOUS`,
/// 1).
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes (changes the parent's too).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setcanceltype(kind: c_int, old: *mut c_int) -> c_int {
    // SAFETY: the caller's variable.
    unsafe { switch(kind, old, cancel::set_asynchronous) }
}
