//! `<signal.h>`: the X/Open functions that come from System V, all obsolete.

use core::ffi::c_int;
use core::ptr;

use tidal_rt::Errno;
use tidal_rt::signal::{Mask, set_action};

use super::action::{SIG_ERR, change_mask, mask_one, set_handler};
use super::{INTERNAL, exists};
use crate::errno::zero_or_errno;
use crate::macros::returned;

const SIG_IGN: usize = 1;
const SIG_HOLD: usize = 2;

/// Blocks a signal.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sighold(signal: c_int) -> c_int {
    zero_or_errno(mask_one(signal, true))
}

/// Lets a signal through.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sigrelse(signal: c_int) -> c_int {
    zero_or_errno(mask_one(signal, false))
}

/// Ignores a signal.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: the child has actions of its own.
#[unsafe(no_mangle)]
pub extern "C" fn sigignore(signal: c_int) -> c_int {
    if set_handler(signal, SIG_IGN, 0, Mask::EMPTY) == SIG_ERR { -1 } else { 0 }
}

/// Sets a handler and lets the signal through, or with `SIG_HOLD` blocks it; what was before, `SIG_HOLD` if blocked.
///
/// # Errors
/// `SIG_ERR` and `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: the child has actions of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigset(signal: c_int, disposition: usize) -> usize {
    let result = if disposition == SIG_HOLD { hold(signal) } else { handle(signal, disposition) };
    result.unwrap_or_else(|e| {
        e.set();
        SIG_ERR
    })
}

fn hold(signal: c_int) -> Result<usize, Errno> {
    let before = mask_one(signal, true)?;
    // SAFETY: only reads.
    let action = unsafe { set_action(signal, None) }?;
    Ok(if before.0 & Mask::of(signal).0 != 0 { SIG_HOLD } else { action.handler })
}

fn handle(signal: c_int, handler: usize) -> Result<usize, Errno> {
    let before = set_handler(signal, handler, 0, Mask::EMPTY);
    if before == SIG_ERR {
        return Err(Errno(tidal_rt::errno::get()));
    }
    let mask = mask_one(signal, false)?;
    Ok(if mask.0 & Mask::of(signal).0 != 0 { SIG_HOLD } else { before })
}

/// Waits with one signal let through until a signal is handled: X/Open's `sigpause`.
///
/// # Errors
/// `EINTR` always, or `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn __xpg_sigpause(signal: c_int) -> c_int {
    if !exists(signal) {
        return returned(Err(Errno::EINVAL));
    }
    let now = change_mask(linux_raw_sys::general::SIG_BLOCK as c_int, None).unwrap_or_default();
    let mask = Mask(now.0 & !Mask::of(signal).0 & !INTERNAL.0);
    // SAFETY: the mask is live.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_rt_sigsuspend, ptr::from_ref(&mask), Mask::SIZE) })
}

/// Waits with another mask of signals 1 to 32 until a signal is handled: BSD's `sigpause`.
///
/// # Errors
/// `EINTR` always.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn sigpause(mask: c_int) -> c_int {
    let mask = Mask(u64::from(mask as u32) & !INTERNAL.0);
    // SAFETY: the mask is live.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_rt_sigsuspend, ptr::from_ref(&mask), Mask::SIZE) })
}

/// Both kinds of `sigpause`: `is_signal` tells whether the number is a signal or a mask.
///
/// # Errors
/// As theirs.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn __sigpause(number: c_int, is_signal: c_int) -> c_int {
    // SAFETY: neither needs anything.
    unsafe { if is_signal != 0 { __xpg_sigpause(number) } else { sigpause(number) } }
}
