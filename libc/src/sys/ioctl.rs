//! `<sys/ioctl.h>`.

use core::ffi::{c_int, c_ulong};

use crate::macros::syscalls;

syscalls! {
    /// Controls a device. The argument is an ordinary one here although C calls it variadic; see `fcntl.rs`.
    fn ioctl(fd: c_int, request: c_ulong, argument: c_ulong) -> c_int = __NR_ioctl(fd, request, argument),
        as __ioctl;
}
