//! `<signal.h>`: what signals do, and which are blocked.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use linux_raw_sys::general::{
    SA_NODEFER, SA_RESETHAND, SA_RESTART, SA_RESTORER, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK,
};
use tidal_rt::Errno;
use tidal_rt::signal::{Action, Mask, set_action};

use super::set::{SigSet, load, store};
use super::{INTERNAL, exists};
use crate::errno::{or_errno, zero_or_errno};
use crate::macros::aliases;

/// `SIG_ERR`, all ones.
pub(crate) const SIG_ERR: usize = usize::MAX;

/// `struct sigaction` of `<bits/sigaction.h>`.
#[repr(C)]
pub struct SigAction {
    handler: usize,
    mask: SigSet,
    flags: c_int,
    restorer: usize,
}

const _: () = assert!(size_of::<SigAction>() == 152);

/// Reads and sets what a signal does.
///
/// # Errors
/// `EINVAL` for a signal that does not exist, belongs to the runtime or cannot be caught.
///
/// Signal-safe: yes. Vfork-safe: the child has actions of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigaction(signal: c_int, new: *const SigAction, old: *mut SigAction) -> c_int {
    if !exists(signal) {
        return or_errno(Err(Errno::EINVAL));
    }
    let new = (!new.is_null()).then(|| {
        // SAFETY: the caller's structure; of its mask only the first word.
        let (handler, flags, mask) = unsafe { ((*new).handler, (*new).flags, load(&raw const (*new).mask)) };
        Action { handler, flags: flags as u32 as u64, restorer: 0, mask: Mask(mask.0 & !INTERNAL.0) }
    });
    // SAFETY: the handler is the caller's part.
    let before = match unsafe { set_action(signal, new.as_ref()) } {
        Ok(before) => before,
        Err(e) => return or_errno(Err(e)),
    };
    if !old.is_null() {
        // SAFETY: the caller's structure.
        unsafe {
            (*old).handler = before.handler;
            (*old).flags = (before.flags & !u64::from(SA_RESTORER)) as c_int;
            (*old).restorer = 0;
            store(&raw mut (*old).mask, before.mask);
        }
    }
    0
}

aliases! {
    fn __sigaction(signal: c_int, new: *const SigAction, old: *mut SigAction) -> c_int = sigaction;
}

/// Signals for which `siginterrupt` has asked that `signal` lets calls fail with `EINTR`.
static INTERRUPTING: AtomicU64 = AtomicU64::new(0);

/// Sets a handler with flags; the handler before, or `SIG_ERR`.
pub(crate) fn set_handler(signal: c_int, handler: usize, flags: u32, mask: Mask) -> usize {
    if !exists(signal) || handler == SIG_ERR {
        Errno::EINVAL.set();
        return SIG_ERR;
    }
    let action = Action { handler, flags: flags.into(), restorer: 0, mask };
    // SAFETY: the handler is the caller's part.
    match unsafe { set_action(signal, Some(&action)) } {
        Ok(old) => old.handler,
        Err(e) => {
            e.set();
            SIG_ERR
        }
    }
}

/// Sets a handler that stays, and restarts interrupted calls; the handler before.
///
/// # Errors
/// `SIG_ERR` and `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: the child has actions of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn signal(signal: c_int, handler: usize) -> usize {
    if !exists(signal) {
        Errno::EINVAL.set();
        return SIG_ERR;
    }
    let interrupts = INTERRUPTING.load(Relaxed) & Mask::of(signal).0 != 0;
    set_handler(signal, handler, if interrupts { 0 } else { SA_RESTART }, Mask::of(signal))
}

aliases! {
    fn bsd_signal(number: c_int, handler: usize) -> usize = signal;
    fn ssignal(number: c_int, handler: usize) -> usize = signal;
    fn sysv_signal(number: c_int, handler: usize) -> usize = __sysv_signal;
}

/// Sets a handler for one time, as System V did: what `signal` is in strict POSIX mode.
///
/// # Errors
/// `SIG_ERR` and `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: the child has actions of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __sysv_signal(signal: c_int, handler: usize) -> usize {
    set_handler(signal, handler, SA_RESETHAND | SA_NODEFER, Mask::EMPTY)
}

/// Whether a signal lets calls fail with `EINTR` (1) or restarts them (0), now and after later calls of `signal`.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn siginterrupt(signal: c_int, interrupt: c_int) -> c_int {
    if !exists(signal) {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: reads, then writes back with another flag; the handler is the program's own.
    zero_or_errno(unsafe { set_action(signal, None) }.and_then(|mut action| {
        let one = Mask::of(signal).0;
        if interrupt != 0 {
            INTERRUPTING.fetch_or(one, Relaxed);
            action.flags &= !u64::from(SA_RESTART);
        } else {
            INTERRUPTING.fetch_and(!one, Relaxed);
            action.flags |= u64::from(SA_RESTART);
        }
        // SAFETY: as above.
        unsafe { set_action(signal, Some(&action)) }
    }))
}

/// Changes the thread's mask; the mask before.
pub(crate) fn change_mask(how: c_int, set: Option<Mask>) -> Result<Mask, Errno> {
    // Blocking the runtime's own signals would switch cancellation off.
    let set = set.map(|mask| if how as u32 == SIG_UNBLOCK { mask } else { Mask(mask.0 & !INTERNAL.0) });
    let new = set.as_ref().map_or(ptr::null(), ptr::from_ref);
    let mut old = Mask::EMPTY;
    // SAFETY: both sets are live and of the size given.
    unsafe { tidal_rt::syscall!(__NR_rt_sigprocmask, how, new, ptr::from_mut(&mut old), Mask::SIZE) }?;
    Ok(old)
}

/// Blocks one signal more or less, or sets the mask; the mask before.
pub(crate) fn mask_one(signal: c_int, block: bool) -> Result<Mask, Errno> {
    if !exists(signal) {
        return Err(Errno::EINVAL);
    }
    change_mask(if block { SIG_BLOCK } else { SIG_UNBLOCK } as c_int, Some(Mask::of(signal)))
}

/// Sets the whole mask; the mask before.
pub(crate) fn set_mask(mask: Mask) -> Result<Mask, Errno> {
    change_mask(SIG_SETMASK as c_int, Some(mask))
}

/// Reads and changes the thread's signal mask.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: the child has a mask of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sigprocmask(how: c_int, set: *const SigSet, old: *mut SigSet) -> c_int {
    // SAFETY: the caller's set.
    let set = (!set.is_null()).then(|| unsafe { load(set) });
    zero_or_errno(change_mask(how, set).map(|before| {
        if !old.is_null() {
            // SAFETY: the caller's set.
            unsafe { store(old, before) };
        }
    }))
}
