//! The process: identity, end, signals sent.

use core::ffi::c_int;

use crate::errno::Errno;
use crate::syscall;

/// The process id (thread-group id) of the running task; in a vfork child the child's.
pub fn getpid() -> u32 {
    // SAFETY: no pointers; cannot fail.
    unsafe { syscall!(__NR_getpid) }.unwrap_or_default() as u32
}

/// Ends the process: every thread of the running task's thread group.
pub fn exit_group(status: c_int) -> ! {
    loop {
        // SAFETY: does not return.
        let _ = unsafe { syscall!(__NR_exit_group, status) };
    }
}

/// Sends a signal to one thread of a process.
///
/// # Errors
/// `EINVAL` (signal number), `ESRCH`, `EPERM`, `EAGAIN` (queue full, realtime signals).
pub fn tgkill(pid: u32, tid: u32, signal: c_int) -> Result<(), Errno> {
    // SAFETY: no pointers.
    unsafe { syscall!(__NR_tgkill, pid, tid, signal) }.map(drop)
}
