//! Scheduling policy and priority, and CPU-time clocks.

use core::ffi::c_int;

use tidal_rt::{Errno, identity, syscall};

use crate::thread::StartScheduling;
use crate::{mutex, registry};

/// `struct sched_param`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Parameters {
    /// 0 for `SCHED_OTHER`, `SCHED_BATCH` and `SCHED_IDLE`; 1 to 99 for the real-time policies.
    pub priority: c_int,
}

/// Sets a thread's policy and priority.
///
/// # Errors
/// `ESRCH`, `EINVAL`, `EPERM`.
pub fn set(handle: usize, policy: c_int, parameters: Parameters) -> Result<(), Errno> {
    registry::with(handle, |thread| {
        let mut wish = parameters;
        if thread.tid() == identity::tid() {
            wish.priority = mutex::priority_with_ceilings(policy, parameters.priority);
        }
        set_task(thread.tid(), policy, wish)
    })
}

fn set_task(tid: u32, policy: c_int, parameters: Parameters) -> Result<(), Errno> {
    // SAFETY: the structure is live.
    unsafe { syscall!(__NR_sched_setscheduler, tid, policy, &raw const parameters) }.map(drop)
}

/// Sets a thread's priority within its policy.
///
/// # Errors
/// `ESRCH`, `EINVAL`, `EPERM`.
pub fn set_priority(handle: usize, priority: c_int) -> Result<(), Errno> {
    let parameters = Parameters { priority };
    registry::with(handle, |thread| {
        // SAFETY: the structure is live.
        unsafe { syscall!(__NR_sched_setparam, thread.tid(), &raw const parameters) }.map(drop)
    })
}

/// A thread's policy and priority.
///
/// # Errors
/// `ESRCH`.
pub fn get(handle: usize) -> Result<(c_int, Parameters), Errno> {
    registry::with(handle, |thread| {
        let mut parameters = Parameters::default();
        // SAFETY: the structure is live.
        let policy = unsafe {
            syscall!(__NR_sched_getparam, thread.tid(), &raw mut parameters)?;
            syscall!(__NR_sched_getscheduler, thread.tid())?
        };
        Ok((policy as c_int, parameters))
    })
}

/// What a new thread gets before it runs.
pub(crate) fn apply(tid: u32, wish: StartScheduling) -> Result<(), Errno> {
    if let Some((address, bytes)) = wish.cpus {
        // SAFETY: the set is the attribute object's, which the caller has.
        unsafe { syscall!(__NR_sched_setaffinity, tid, bytes, address) }?;
    }
    match wish.policy {
        Some((policy, priority)) => set_task(tid, policy, Parameters { priority }),
        None => Ok(()),
    }
}

/// The lowest and the highest priority of a policy.
///
/// # Errors
/// `EINVAL` if there is no such policy.
pub fn priority_range(policy: c_int) -> Result<(c_int, c_int), Errno> {
    // SAFETY: no pointers.
    unsafe {
        let lowest = syscall!(__NR_sched_get_priority_min, policy)?;
        let highest = syscall!(__NR_sched_get_priority_max, policy)?;
        Ok((lowest as c_int, highest as c_int))
    }
}

/// Lets others run.
pub fn yield_now() {
    // SAFETY: no pointers; cannot fail.
    let _ = unsafe { syscall!(__NR_sched_yield) };
}

/// The clock of a thread's CPU time, as `clockid_t` (`CPUCLOCK_PERTHREAD`, `CPUCLOCK_SCHED` of
/// `include/linux/posix-timers_types.h`).
///
/// # Errors
/// `ESRCH`.
pub fn cpu_clock(handle: usize) -> Result<c_int, Errno> {
    const PER_THREAD: c_int = 4;
    const SCHED: c_int = 2;
    registry::with(handle, |thread| {
        if thread.is_dead() {
            return Err(Errno::ESRCH);
        }
        Ok(!(thread.tid() as c_int) << 3 | PER_THREAD | SCHED)
    })
}
