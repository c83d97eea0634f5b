//! `<signal.h>`: sets of signals.
//!
//! A `sigset_t` has 128 bytes, of which signals 1 to 64 need 8. The rest is never touched: in the `ucontext_t` that a
//! handler gets, the kernel has made the set 8 bytes long.

use core::ffi::c_int;

use tidal_rt::Errno;
use tidal_rt::signal::Mask;

use super::{INTERNAL, SIGRTMAX, exists};
use crate::errno::or_errno;

/// `sigset_t`.
#[repr(C)]
pub struct SigSet {
    /// Signals 1 to 64.
    pub mask: Mask,
    unused: [u64; 15],
}

const _: () = assert!(size_of::<SigSet>() == 128, "sigset_t of <bits/types/__sigset_t.h>");

/// Reads a program's set.
///
/// # Safety
/// The set is live.
pub(crate) unsafe fn load(set: *const SigSet) -> Mask {
    // SAFETY: by the caller's contract; only the first word.
    unsafe { (&raw const (*set).mask).read() }
}

/// Writes a program's set.
///
/// # Safety
/// The set is writable.
pub(crate) unsafe fn store(set: *mut SigSet, mask: Mask) {
    // SAFETY: by the caller's contract; only the first word.
    unsafe { (&raw mut (*set).mask).write(mask) }
}

/// Makes a set empty.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigemptyset(set: *mut SigSet) -> c_int {
    // SAFETY: the caller's set.
    unsafe { store(set, Mask::EMPTY) };
    0
}

/// Puts every signal into a set, but for those of the runtime.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigfillset(set: *mut SigSet) -> c_int {
    // SAFETY: the caller's set.
    unsafe { store(set, Mask(!INTERNAL.0)) };
    0
}

/// # Safety
/// The set is live and writable.
unsafe fn change(set: *mut SigSet, signal: c_int, f: impl FnOnce(u64, u64) -> u64) -> c_int {
    if !exists(signal) {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: by the caller's contract.
    unsafe { store(set, Mask(f(load(set).0, Mask::of(signal).0))) };
    0
}

/// Adds a signal.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigaddset(set: *mut SigSet, signal: c_int) -> c_int {
    // SAFETY: the caller's set.
    unsafe { change(set, signal, |set, one| set | one) }
}

/// Takes a signal out.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigdelset(set: *mut SigSet, signal: c_int) -> c_int {
    // SAFETY: the caller's set.
    unsafe { change(set, signal, |set, one| set & !one) }
}

/// Whether a signal is in a set: 1 or 0.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigismember(set: *const SigSet, signal: c_int) -> c_int {
    // The runtime's own may be asked about: they are never members.
    if !(1..=SIGRTMAX).contains(&signal) {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: the caller's set.
    c_int::from(unsafe { load(set) }.0 & Mask::of(signal).0 != 0)
}

/// Whether a set is empty.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigisemptyset(set: *const SigSet) -> c_int {
    // SAFETY: the caller's set.
    c_int::from(unsafe { load(set) } == Mask::EMPTY)
}

/// The union of two sets.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigorset(to: *mut SigSet, a: *const SigSet, b: *const SigSet) -> c_int {
    // SAFETY: the caller's sets.
    unsafe { store(to, Mask(load(a).0 | load(b).0)) };
    0
}

/// What two sets have in common.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigandset(to: *mut SigSet, a: *const SigSet, b: *const SigSet) -> c_int {
    // SAFETY: the caller's sets.
    unsafe { store(to, Mask(load(a).0 & load(b).0)) };
    0
}
