//! `<sys/inotify.h>`.

use core::ffi::{c_char, c_int};

use crate::macros::syscalls;

syscalls! {
    /// Makes a descriptor that tells of changes to files.
    fn inotify_init() -> c_int = __NR_inotify_init();
    /// As `inotify_init`, with `IN_CLOEXEC` and `IN_NONBLOCK`.
    fn inotify_init1(flags: c_int) -> c_int = __NR_inotify_init1(flags);
    /// Watches a file.
    fn inotify_add_watch(fd: c_int, path: *const c_char, mask: u32) -> c_int = __NR_inotify_add_watch(fd, path, mask);
    /// Ends a watch.
    fn inotify_rm_watch(fd: c_int, watch: c_int) -> c_int = __NR_inotify_rm_watch(fd, watch);
}
