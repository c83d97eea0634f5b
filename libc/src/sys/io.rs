//! `<sys/io.h>`.

use core::ffi::{c_int, c_ulong};

use crate::macros::syscalls;

syscalls! {
    /// Allows or forbids a range of I/O ports.
    fn ioperm(first: c_ulong, count: c_ulong, allow: c_int) -> c_int = __NR_ioperm(first, count, allow);
    /// Sets the I/O privilege level.
    fn iopl(level: c_int) -> c_int = __NR_iopl(level);
}
