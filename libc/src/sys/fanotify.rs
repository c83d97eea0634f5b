//! `<sys/fanotify.h>`.

use core::ffi::{c_char, c_int, c_uint};

use crate::macros::syscalls;

syscalls! {
    /// Makes a descriptor that tells of, and decides on, access to files.
    fn fanotify_init(flags: c_uint, event_flags: c_uint) -> c_int = __NR_fanotify_init(flags, event_flags);
    /// Adds or removes marks.
    fn fanotify_mark(fd: c_int, flags: c_uint, mask: u64, dir: c_int, path: *const c_char) -> c_int
        = __NR_fanotify_mark(fd, flags, mask, dir, path);
}
