//! `<sys/fsuid.h>`.

use core::ffi::{c_int, c_uint};

use crate::macros::syscalls;

syscalls! {
    /// Sets the thread's user for access to files; the user before.
    fn setfsuid(user: c_uint) -> c_int = __NR_setfsuid(user);
    /// Sets the thread's group for access to files; the group before.
    fn setfsgid(group: c_uint) -> c_int = __NR_setfsgid(group);
}
