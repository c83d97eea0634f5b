//! `<sys/timerfd.h>`.

use core::ffi::c_int;

use linux_raw_sys::general::itimerspec;

use crate::macros::syscalls;

syscalls! {
    /// Makes a descriptor that tells when a timer expires.
    fn timerfd_create(clock: c_int, flags: c_int) -> c_int = __NR_timerfd_create(clock, flags);
    /// Arms or disarms a timer descriptor.
    fn timerfd_settime(fd: c_int, flags: c_int, new: *const itimerspec, old: *mut itimerspec) -> c_int
        = __NR_timerfd_settime(fd, flags, new, old);
    /// What is left of a timer descriptor's time.
    fn timerfd_gettime(fd: c_int, now: *mut itimerspec) -> c_int = __NR_timerfd_gettime(fd, now);
}
