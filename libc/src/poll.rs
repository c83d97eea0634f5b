//! `<poll.h>`.

use core::ffi::{c_int, c_ulong};
use core::ptr;

use linux_raw_sys::general::pollfd;
use tidal_rt::signal::Mask;
use tidal_rt::sys::time::Timespec;

use crate::macros::{aliases, cancellation_points, returned};
use crate::signal::set::{SigSet, load};

cancellation_points! {
    /// Waits until one of several descriptors is ready, at most so many milliseconds; -1 waits for ever.
    fn poll(fds: *mut pollfd, count: c_ulong, timeout: c_int) -> c_int = __NR_poll(fds, count, timeout), as __poll;
}

/// As `poll`, with nanoseconds and another signal mask.
///
/// # Errors
/// `EFAULT`, `EINTR`, `EINVAL`, `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn ppoll(
    fds: *mut pollfd,
    count: c_ulong,
    timeout: *const Timespec,
    mask: *const SigSet,
) -> c_int {
    // SAFETY: the caller's structures. The kernel writes what is left into the time, so it gets a copy.
    let (mut time, set) = unsafe { (timeout.as_ref().copied(), (!mask.is_null()).then(|| load(mask))) };
    let time = time.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
    let set = set.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the descriptors are the caller's; the rest is live.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_ppoll, fds, count, time, set, Mask::SIZE) })
}

aliases! {
    fn __ppoll(fds: *mut pollfd, count: c_ulong, timeout: *const Timespec, mask: *const SigSet) -> c_int = ppoll;
}
