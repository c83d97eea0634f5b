//! `<sys/swap.h>`.

use core::ffi::{c_char, c_int};

use crate::macros::syscalls;

syscalls! {
    /// Swaps to a file or device.
    fn swapon(path: *const c_char, flags: c_int) -> c_int = __NR_swapon(path, flags);
    /// Ends that.
    fn swapoff(path: *const c_char) -> c_int = __NR_swapoff(path);
}
