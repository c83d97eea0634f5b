//! `<sys/epoll.h>`.

use core::ffi::c_int;
use core::ptr;

use linux_raw_sys::general::epoll_event;
use tidal_rt::signal::Mask;
use tidal_rt::sys::time::Timespec;

use crate::macros::{cancellation_points, returned, syscalls};
use crate::signal::set::{SigSet, load};

const _: () = assert!(size_of::<epoll_event>() == 12, "packed on x86-64");

syscalls! {
    /// Makes an epoll descriptor; the size must be above 0 and says nothing.
    fn epoll_create(size: c_int) -> c_int = __NR_epoll_create(size);
    /// Makes an epoll descriptor, with `EPOLL_CLOEXEC`.
    fn epoll_create1(flags: c_int) -> c_int = __NR_epoll_create1(flags);
    /// Adds, changes or removes a descriptor that is watched.
    fn epoll_ctl(epoll: c_int, operation: c_int, fd: c_int, event: *mut epoll_event) -> c_int
        = __NR_epoll_ctl(epoll, operation, fd, event);
}

cancellation_points! {
    /// Waits for events, at most so many milliseconds; -1 waits for ever.
    fn epoll_wait(epoll: c_int, events: *mut epoll_event, count: c_int, timeout: c_int) -> c_int
        = __NR_epoll_wait(epoll, events, count, timeout);
}

/// As `epoll_wait`, with another signal mask.
///
/// # Errors
/// Those of `epoll_wait(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn epoll_pwait(
    epoll: c_int,
    events: *mut epoll_event,
    count: c_int,
    timeout: c_int,
    mask: *const SigSet,
) -> c_int {
    // SAFETY: the caller's set.
    let set = (!mask.is_null()).then(|| unsafe { load(mask) });
    let set = set.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the events are the caller's; the set is live.
    returned(unsafe {
        tidal_rt::syscall_cp!(__NR_epoll_pwait, epoll, events, count, timeout, set, Mask::SIZE)
    })
}

/// As `epoll_pwait`, with nanoseconds.
///
/// # Errors
/// Those of `epoll_wait(2)`; `ENOSYS` before Linux 5.11.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn epoll_pwait2(
    epoll: c_int,
    events: *mut epoll_event,
    count: c_int,
    timeout: *const Timespec,
    mask: *const SigSet,
) -> c_int {
    // SAFETY: the caller's set.
    let set = (!mask.is_null()).then(|| unsafe { load(mask) });
    let set = set.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: events and time are the caller's; the set is live.
    returned(unsafe {
        tidal_rt::syscall_cp!(__NR_epoll_pwait2, epoll, events, count, timeout, set, Mask::SIZE)
    })
}
