//! `clone`.

use core::ffi::{c_int, c_void};

use tidal_rt::Errno;
use tidal_rt::process::{self, Entry};

use crate::errno::or_errno;

/// Starts `entry(argument)` in a new task on a stack that ends at `stack`; returns its TID. What a child that shares memory
/// finds as its thread pointer is told in [`tidal_rt::process`]: with `CLONE_VFORK` the caller's block, else one of its own.
///
/// # Errors
/// -1 and `EINVAL` without a function or a stack; as `clone(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `stack` is the upper end of memory for the child; the last three arguments, variadic in C, are there as far as the
/// flags ask for them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clone(
    entry: Option<Entry>,
    stack: *mut c_void,
    flags: c_int,
    argument: *mut c_void,
    parent_tid: *mut c_int,
    thread_pointer: *mut c_void,
    child_tid: *mut c_int,
) -> c_int {
    let Some(entry) = entry else { return or_errno(Err(Errno::EINVAL)) };
    // SAFETY: by the caller's contract.
    let made =
        unsafe { process::clone(entry, stack, flags, argument, parent_tid, thread_pointer, child_tid) };
    or_errno(made.map(|tid| tid as c_int))
}
