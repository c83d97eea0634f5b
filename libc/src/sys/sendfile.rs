//! `<sys/sendfile.h>`.

use core::ffi::c_int;

use crate::macros::syscalls;

syscalls! {
    /// Copies from a file to a descriptor inside the kernel.
    fn sendfile(to: c_int, from: c_int, offset: *mut i64, count: usize) -> isize
        = __NR_sendfile(to, from, offset, count), as sendfile64;
}
