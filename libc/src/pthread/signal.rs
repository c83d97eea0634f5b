//! What `<signal.h>` declares for threads.

use core::ffi::{c_int, c_void};

use tidal_pthread::kill;
use tidal_rt::Errno;

use super::Handle;
use crate::errno::zero_or_number;
use crate::signal::SIGRTMAX;
use crate::signal::action::change_mask;
use crate::signal::set::{SigSet, load, store};

/// Sends a signal to a thread; 0 only checks.
///
/// # Errors
/// `ESRCH`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes (the calling thread is the child itself).
#[unsafe(no_mangle)]
pub extern "C" fn pthread_kill(handle: Handle, signal: c_int) -> c_int {
    if !(0..=SIGRTMAX).contains(&signal) {
        return Errno::EINVAL.0;
    }
    zero_or_number(kill::kill(handle, signal))
}

/// Sends a signal with a value to a thread.
///
/// # Errors
/// `ESRCH`, `EINVAL`, `EAGAIN` (too many queued).
///
/// Signal-safe: yes. Vfork-safe: yes (the calling thread is the child itself).
#[unsafe(no_mangle)]
pub extern "C" fn pthread_sigqueue(handle: Handle, signal: c_int, value: *mut c_void) -> c_int {
    if !(0..=SIGRTMAX).contains(&signal) {
        return Errno::EINVAL.0;
    }
    zero_or_number(kill::queue(handle, signal, value))
}

/// Reads and changes the thread's signal mask.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: the child has a mask of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_sigmask(how: c_int, set: *const SigSet, old: *mut SigSet) -> c_int {
    // SAFETY: the caller's set.
    let set = (!set.is_null()).then(|| unsafe { load(set) });
    zero_or_number(change_mask(how, set).map(|before| {
        if !old.is_null() {
            // SAFETY: the caller's set.
            unsafe { store(old, before) };
        }
    }))
}
