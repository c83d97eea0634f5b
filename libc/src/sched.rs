//! `<sched.h>`.

pub mod clone;

use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

use tidal_rt::sys::time::Timespec;
use tidal_rt::{rseq, vdso};

use crate::errno::{or_errno, zero_or_errno};
use crate::heap;
use crate::macros::syscalls;

syscalls! {
    /// Lets another task run.
    fn sched_yield() -> c_int = __NR_sched_yield(), as __sched_yield;
    /// The scheduling policy of a task, 0 for the caller.
    fn sched_getscheduler(pid: c_int) -> c_int = __NR_sched_getscheduler(pid);
    /// Sets policy and priority of a task.
    fn sched_setscheduler(pid: c_int, policy: c_int, parameter: *const c_int) -> c_int
        = __NR_sched_setscheduler(pid, policy, parameter);
    /// The priority of a task.
    fn sched_getparam(pid: c_int, parameter: *mut c_int) -> c_int = __NR_sched_getparam(pid, parameter);
    /// Sets the priority of a task.
    fn sched_setparam(pid: c_int, parameter: *const c_int) -> c_int = __NR_sched_setparam(pid, parameter);
    /// The greatest priority of a policy.
    fn sched_get_priority_max(policy: c_int) -> c_int = __NR_sched_get_priority_max(policy);
    /// The least priority of a policy.
    fn sched_get_priority_min(policy: c_int) -> c_int = __NR_sched_get_priority_min(policy);
    /// The time slice of a task.
    fn sched_rr_get_interval(pid: c_int, interval: *mut Timespec) -> c_int = __NR_sched_rr_get_interval(pid, interval);
    /// Sets the CPUs that a task may run on.
    fn sched_setaffinity(pid: c_int, size: usize, set: *const c_void) -> c_int
        = __NR_sched_setaffinity(pid, size, set);
    /// Moves the caller into namespaces of its own.
    fn unshare(flags: c_int) -> c_int = __NR_unshare(flags);
    /// Moves the caller into a namespace.
    fn setns(fd: c_int, kind: c_int) -> c_int = __NR_setns(fd, kind);
}

/// The CPUs that a task may run on; the rest of the set is cleared.
///
/// # Errors
/// `EINVAL` (set too small), `ESRCH`, `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sched_getaffinity(pid: c_int, size: usize, set: *mut c_void) -> c_int {
    // SAFETY: the set is the caller's, of that size.
    let result =
        unsafe { tidal_rt::syscall!(__NR_sched_getaffinity, pid, size.min(c_int::MAX as usize), set) };
    zero_or_errno(result.map(|filled| {
        // SAFETY: the kernel filled no more than the size.
        unsafe { ptr::write_bytes(set.cast::<u8>().add(filled), 0, size - filled) };
    }))
}

/// The CPU that the caller runs on.
///
/// # Errors
/// `ENOSYS`.
///
/// Signal-safe: yes. Vfork-safe: yes (it is the child's).
#[unsafe(no_mangle)]
pub extern "C" fn sched_getcpu() -> c_int {
    match rseq::cpu() {
        Some(cpu) => cpu as c_int,
        None => cpu_unprotected(),
    }
}

#[cold]
#[inline(never)]
fn cpu_unprotected() -> c_int {
    or_errno(vdso::getcpu().map(|(cpu, _)| cpu as c_int))
}

/// CPU and NUMA node that the caller runs on; either may be null.
///
/// # Errors
/// `ENOSYS`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getcpu(cpu: *mut c_uint, node: *mut c_uint) -> c_int {
    zero_or_errno(vdso::getcpu().map(|(on_cpu, on_node)| {
        for (to, value) in [(cpu, on_cpu), (node, on_node)] {
            if !to.is_null() {
                // SAFETY: the caller's word.
                unsafe { to.write(value) };
            }
        }
    }))
}

/// How many CPUs of a set of `size` bytes are in it.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __sched_cpucount(size: usize, set: *const c_void) -> c_int {
    // SAFETY: the set has that many bytes by contract.
    let bytes = unsafe { core::slice::from_raw_parts(set.cast::<u8>(), size) };
    bytes.iter().map(|b| b.count_ones()).sum::<u32>() as c_int
}

/// A set for `count` CPUs from `malloc`, or null.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __sched_cpualloc(count: usize) -> *mut c_void {
    let size = count.div_ceil(64) * 8;
    heap::allocate(size).map_or(ptr::null_mut(), |set| set.as_ptr())
}

/// Gives a set of `__sched_cpualloc` back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __sched_cpufree(set: *mut c_void) {
    // SAFETY: from `__sched_cpualloc` by contract.
    unsafe { heap::release(set) };
}

/// CPUs that are online, from the kernel's own list; those of the affinity mask where there is no `/sys`.
pub(crate) fn online_cpus() -> u32 {
    listed(c"/sys/devices/system/cpu/online").unwrap_or_else(allowed_cpus)
}

/// CPUs that the machine may have.
pub(crate) fn configured_cpus() -> u32 {
    listed(c"/sys/devices/system/cpu/possible").unwrap_or_else(online_cpus)
}

fn allowed_cpus() -> u32 {
    let mut set = [0u64; 128];
    // SAFETY: the set is live and that long.
    let result =
        unsafe { tidal_rt::syscall!(__NR_sched_getaffinity, 0i32, size_of_val(&set), set.as_mut_ptr()) };
    if result.is_err() {
        return 1;
    }
    set.iter().map(|word| word.count_ones()).sum::<u32>().max(1)
}

/// How many numbers a list like `0-3,8` names.
fn listed(path: &core::ffi::CStr) -> Option<u32> {
    let mut text = [0u8; 1024];
    let length = crate::files::read_at_once(path, &mut text).ok()?;
    let mut count = 0;
    for range in text[..length].split(|&b| b == b',' || b == b'\n').filter(|r| !r.is_empty()) {
        let (first, rest) = crate::text::parse_decimal(range)?;
        let last = match rest {
            [b'-', end @ ..] => crate::text::parse_decimal(end)?.0,
            _ => first,
        };
        count += last.checked_sub(first)? + 1;
    }
    u32::try_from(count).ok().filter(|&n| n > 0)
}
