//! `<sys/statfs.h>`, which is `<sys/vfs.h>`.

use core::ffi::{c_char, c_int};

use linux_raw_sys::general::statfs as Statfs;

use crate::macros::syscalls;

const _: () = assert!(size_of::<Statfs>() == 120);

syscalls! {
    /// Describes the file system of a named file.
    fn statfs(path: *const c_char, result: *mut Statfs) -> c_int = __NR_statfs(path, result), as statfs64;
    /// Describes the file system of an open file.
    fn fstatfs(fd: c_int, result: *mut Statfs) -> c_int = __NR_fstatfs(fd, result), as fstatfs64;
}
