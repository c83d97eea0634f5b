//! `<sys/file.h>`.

use core::ffi::c_int;

use crate::macros::syscalls;

syscalls! {
    /// Locks or unlocks an open file as a whole.
    fn flock(fd: c_int, operation: c_int) -> c_int = __NR_flock(fd, operation);
}
