//! `<utime.h>`.

use core::ffi::{c_char, c_int};

use crate::macros::syscalls;

syscalls! {
    /// Sets a file's times of access and change of contents, in seconds; null is now.
    fn utime(path: *const c_char, times: *const [i64; 2]) -> c_int = __NR_utime(path, times);
}
