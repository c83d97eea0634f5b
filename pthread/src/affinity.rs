//! The CPUs that a thread may run on. Sets are bytes, CPU *n* being bit *n* % 8 of byte *n* / 8.

use tidal_rt::{Errno, syscall};

use crate::registry;

/// Restricts a thread to a set of CPUs.
///
/// # Errors
/// `ESRCH`, `EINVAL` (no CPU of the set is there), `EPERM`.
pub fn set(handle: usize, cpus: &[u8]) -> Result<(), Errno> {
    registry::with(handle, |thread| {
        // SAFETY: the set is live.
        unsafe { syscall!(__NR_sched_setaffinity, thread.tid(), cpus.len(), cpus.as_ptr()) }.map(drop)
    })
}

/// Writes the set of CPUs that a thread may run on.
///
/// # Errors
/// `ESRCH`, `EINVAL` (the set is too small for this machine).
pub fn get(handle: usize, cpus: &mut [u8]) -> Result<(), Errno> {
    let written = registry::with(handle, |thread| {
        let size = cpus.len().min(i32::MAX as usize);
        // SAFETY: the set is live and that long.
        unsafe { syscall!(__NR_sched_getaffinity, thread.tid(), size, cpus.as_mut_ptr()) }
    })?;
    // The kernel writes as much as it has CPUs.
    cpus[written..].fill(0);
    Ok(())
}
