//! `<signal.h>`: stacks for handlers.

use core::ffi::c_int;

use linux_raw_sys::general::{sigaltstack as SigStack, stack_t};

use crate::macros::syscalls;

const _: () = assert!(size_of::<SigStack>() == 24);

syscalls! {
    /// Reads and sets the stack that handlers with `SA_ONSTACK` run on.
    fn sigaltstack(new: *const stack_t, old: *mut stack_t) -> c_int = __NR_sigaltstack(new, old);
}
