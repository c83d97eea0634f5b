//! `<sys/signalfd.h>`.

use core::ffi::c_int;
use core::ptr;

use tidal_rt::signal::Mask;

use crate::macros::returned;
use crate::signal::INTERNAL;
use crate::signal::set::{SigSet, load};

/// Makes a descriptor that signals can be read from, or with `fd` not -1 changes its signals.
///
/// # Errors
/// Those of `signalfd(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn signalfd(fd: c_int, set: *const SigSet, flags: c_int) -> c_int {
    // SAFETY: the caller's set.
    let mask = Mask(unsafe { load(set) }.0 & !INTERNAL.0);
    // SAFETY: the mask is live.
    returned(unsafe { tidal_rt::syscall!(__NR_signalfd4, fd, ptr::from_ref(&mask), Mask::SIZE, flags) })
}
