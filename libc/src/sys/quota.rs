//! `<sys/quota.h>`.

use core::ffi::{c_char, c_int};

use crate::macros::syscalls;

syscalls! {
    /// Manages disk quotas.
    fn quotactl(command: c_int, special: *const c_char, id: c_int, address: *mut c_char) -> c_int
        = __NR_quotactl(command, special, id, address);
}
