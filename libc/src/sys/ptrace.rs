//! `<sys/ptrace.h>`.

use core::ffi::{c_int, c_long, c_uint, c_ulong};

use crate::macros::returned;

/// Traces another process. The arguments are ordinary ones here although C calls them variadic; see `fcntl.rs`.
///
/// # Errors
/// Those of `ptrace(2)`. A word read by a `PTRACE_PEEK` request may be -1: then `errno` is 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptrace(request: c_uint, pid: c_int, address: c_ulong, data: c_ulong) -> c_long {
    // PTRACE_PEEKTEXT, PTRACE_PEEKDATA and PTRACE_PEEKUSER put the word where the fourth argument points.
    if !(1..=3).contains(&request) {
        // SAFETY: what the data point to is the caller's part.
        return returned(unsafe { tidal_rt::syscall!(__NR_ptrace, request, pid, address, data) });
    }
    let mut word: usize = 0;
    // SAFETY: the word is live.
    let result = unsafe { tidal_rt::syscall!(__NR_ptrace, request, pid, address, &raw mut word) };
    returned(result.map(|_| {
        tidal_rt::Errno(0).set();
        word
    }))
}
