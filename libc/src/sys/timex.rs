//! `<sys/timex.h>`.

use core::ffi::{c_int, c_void};

use crate::macros::syscalls;

syscalls! {
    /// Reads and slews the clock; its state, `TIME_OK` to `TIME_ERROR`.
    fn adjtimex(state: *mut c_void) -> c_int = __NR_adjtimex(state), as ntp_adjtime, as __adjtimex;
}
