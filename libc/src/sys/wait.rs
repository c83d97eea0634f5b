//! `<sys/wait.h>`: waiting for children.

use core::ffi::{c_int, c_uint};
use core::ptr;

use linux_raw_sys::general::{rusage, siginfo_t};

use crate::macros::cancellation_points;

cancellation_points! {
    /// Waits for a child: a PID, -1 for any, 0 or a negative number for a process group.
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int
        = __NR_wait4(pid, status, options, ptr::null::<rusage>()), as __waitpid;
    /// Waits for any child.
    fn wait(status: *mut c_int) -> c_int = __NR_wait4(-1i32, status, 0i32, ptr::null::<rusage>());
    /// As `waitpid`, with the child's use of resources.
    fn wait4(pid: c_int, status: *mut c_int, options: c_int, usage: *mut rusage) -> c_int
        = __NR_wait4(pid, status, options, usage);
    /// As `wait4` for any child.
    fn wait3(status: *mut c_int, options: c_int, usage: *mut rusage) -> c_int
        = __NR_wait4(-1i32, status, options, usage);
    /// Waits for a child's change of state and says which; `WNOWAIT` leaves it.
    fn waitid(kind: c_uint, id: c_uint, info: *mut siginfo_t, options: c_int) -> c_int
        = __NR_waitid(kind, id, info, options, ptr::null::<rusage>());
}
