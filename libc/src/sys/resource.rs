//! `<sys/resource.h>`: limits, use and priorities.

use core::ffi::{c_int, c_uint};
use core::ptr;

use linux_raw_sys::general::{rlimit, rusage};

use crate::macros::{returned, syscalls};

syscalls! {
    /// A resource's limits.
    fn getrlimit(resource: c_uint, limit: *mut rlimit) -> c_int
        = __NR_prlimit64(0i32, resource, ptr::null::<rlimit>(), limit), as getrlimit64;
    /// Sets a resource's limits.
    fn setrlimit(resource: c_uint, limit: *const rlimit) -> c_int
        = __NR_prlimit64(0i32, resource, limit, ptr::null::<rlimit>()), as setrlimit64;
    /// Sets and gets limits of any process.
    fn prlimit(pid: c_int, resource: c_uint, new: *const rlimit, old: *mut rlimit) -> c_int
        = __NR_prlimit64(pid, resource, new, old), as prlimit64;
    /// What the process, its ended children or the thread have used.
    fn getrusage(who: c_int, usage: *mut rusage) -> c_int = __NR_getrusage(who, usage);
    /// Sets the nice value of processes.
    fn setpriority(which: c_uint, who: c_uint, value: c_int) -> c_int = __NR_setpriority(which, who, value);
}

/// The nice value of processes, so -1 may be no error.
///
/// # Errors
/// `EINVAL`, `ESRCH`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn getpriority(which: c_uint, who: c_uint) -> c_int {
    // SAFETY: no pointers. The kernel gives 20 minus the value, to keep clear of error numbers.
    returned(unsafe { tidal_rt::syscall!(__NR_getpriority, which, who) }.map(|v| 20usize.wrapping_sub(v)))
}
