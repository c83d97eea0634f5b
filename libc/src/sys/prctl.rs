//! `<sys/prctl.h>`.

use core::ffi::{c_int, c_ulong};

use crate::macros::syscalls;

syscalls! {
    /// Controls the process. The arguments are ordinary ones here although C calls them variadic; see `fcntl.rs`.
    fn prctl(option: c_int, a: c_ulong, b: c_ulong, c: c_ulong, d: c_ulong) -> c_int = __NR_prctl(option, a, b, c, d);
}
