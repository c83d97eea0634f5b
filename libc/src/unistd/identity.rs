//! `<unistd.h>`: who the process is: ids of process, session and user.

use core::ffi::{c_int, c_uint};

use tidal_rt::identity;

use crate::macros::syscalls;

syscalls! {
    /// The process id; in a vfork child the child's.
    fn getpid() -> c_int = __NR_getpid(), as __getpid;
    /// The parent's process id.
    fn getppid() -> c_int = __NR_getppid();
    /// The process group of a process, 0 for the caller.
    fn getpgid(pid: c_int) -> c_int = __NR_getpgid(pid), as __getpgid;
    /// Puts a process into a group.
    fn setpgid(pid: c_int, group: c_int) -> c_int = __NR_setpgid(pid, group);
    /// Makes a session with the caller as its leader.
    fn setsid() -> c_int = __NR_setsid();
    /// The session of a process, 0 for the caller.
    fn getsid(pid: c_int) -> c_int = __NR_getsid(pid);
    /// The real user id.
    fn getuid() -> c_uint = __NR_getuid();
    /// The effective user id.
    fn geteuid() -> c_uint = __NR_geteuid();
    /// The real group id.
    fn getgid() -> c_uint = __NR_getgid();
    /// The effective group id.
    fn getegid() -> c_uint = __NR_getegid();
    /// Real, effective and saved user id.
    fn getresuid(real: *mut c_uint, effective: *mut c_uint, saved: *mut c_uint) -> c_int
        = __NR_getresuid(real, effective, saved);
    /// Real, effective and saved group id.
    fn getresgid(real: *mut c_uint, effective: *mut c_uint, saved: *mut c_uint) -> c_int
        = __NR_getresgid(real, effective, saved);
    /// The supplementary groups; with size 0 only their number.
    fn getgroups(size: c_int, groups: *mut c_uint) -> c_int = __NR_getgroups(size, groups);
}

/// The process group of the caller.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn getpgrp() -> c_int {
    // SAFETY: no pointers; cannot fail.
    unsafe { tidal_rt::syscall!(__NR_getpgrp) }.unwrap_or_default() as c_int
}

/// Puts the caller into a group of its own.
///
/// # Errors
/// `EPERM` for a session leader.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setpgrp() -> c_int {
    // SAFETY: no pointers.
    unsafe { setpgid(0, 0) }
}

/// The kernel's name for the running task, read from the block; in a vfork child the child's.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gettid() -> c_int {
    identity::tid() as c_int
}
