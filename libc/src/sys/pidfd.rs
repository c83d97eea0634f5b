//! `<sys/pidfd.h>`; `pidfd_send_signal` is in `signal/send.rs`.

use core::ffi::{c_int, c_uint};

use crate::macros::syscalls;

syscalls! {
    /// Makes a descriptor of a process.
    fn pidfd_open(pid: c_int, flags: c_uint) -> c_int = __NR_pidfd_open(pid, flags);
    /// Copies a descriptor out of a process.
    fn pidfd_getfd(pidfd: c_int, fd: c_int, flags: c_uint) -> c_int = __NR_pidfd_getfd(pidfd, fd, flags);
    /// Frees the memory of a process that is being killed.
    fn process_mrelease(pidfd: c_int, flags: c_uint) -> c_int = __NR_process_mrelease(pidfd, flags);
}
