//! `<sys/times.h>`.

use core::ffi::c_long;

use crate::macros::syscalls;

syscalls! {
    /// CPU times of the process and its ended children, in ticks (100 a second); the ticks since some point in the past.
    fn times(result: *mut [c_long; 4]) -> c_long = __NR_times(result);
}
