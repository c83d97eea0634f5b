//! `<sys/klog.h>`.

use core::ffi::{c_char, c_int};

use crate::macros::syscalls;

syscalls! {
    /// Reads and controls the kernel's log.
    fn klogctl(kind: c_int, buffer: *mut c_char, length: c_int) -> c_int = __NR_syslog(kind, buffer, length);
}
