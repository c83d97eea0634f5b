//! `<sys/personality.h>`.

use core::ffi::{c_int, c_ulong};

use crate::macros::syscalls;

syscalls! {
    /// Sets the execution domain; with all ones only reads it.
    fn personality(persona: c_ulong) -> c_int = __NR_personality(persona);
}
