//! `<sys/eventfd.h>`.

use core::ffi::{c_int, c_uint};

use tidal_rt::Errno;

use crate::errno::zero_or_errno;
use crate::macros::syscalls;

syscalls! {
    /// Makes a descriptor that holds a counter.
    fn eventfd(initial: c_uint, flags: c_int) -> c_int = __NR_eventfd2(initial, flags);
}

/// Reads the counter, waiting until it is not 0.
///
/// # Errors
/// Those of `read(2)`; `EINVAL` if the descriptor is none.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn eventfd_read(fd: c_int, value: *mut u64) -> c_int {
    // SAFETY: the caller's word.
    zero_or_errno(whole(unsafe { tidal_rt::syscall_cp!(__NR_read, fd, value, 8usize) }))
}

/// Adds to the counter.
///
/// # Errors
/// Those of `write(2)`; `EINVAL` if the descriptor is none.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn eventfd_write(fd: c_int, value: u64) -> c_int {
    // SAFETY: the word is live.
    zero_or_errno(whole(unsafe { tidal_rt::syscall_cp!(__NR_write, fd, &raw const value, 8usize) }))
}

fn whole(result: Result<usize, Errno>) -> Result<(), Errno> {
    if result? == 8 { Ok(()) } else { Err(Errno::EINVAL) }
}
