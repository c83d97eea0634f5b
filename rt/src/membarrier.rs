//! `membarrier(2)`: making other threads' restartable sequences restart.
//!
//! A filter that lets the registration pass and refuses the barrier later is answered by a walk over the CPUs: a task
//! that has been moved to a CPU ran there, so whatever ran there before was switched out and restarts its sequence.

use core::sync::atomic::{AtomicU32, Ordering, Ordering::Relaxed, fence};

use crate::errno::Errno;
use crate::syscall;

// `enum membarrier_cmd` of <linux/membarrier.h>.
const PRIVATE_EXPEDITED_RSEQ: u32 = 1 << 7;
const REGISTER_PRIVATE_EXPEDITED_RSEQ: u32 = 1 << 8;

const UNKNOWN: u32 = 0;
const AVAILABLE: u32 = 1;
const MISSING: u32 = 2;

static STATE: AtomicU32 = AtomicU32::new(UNKNOWN);

/// Registers the process's intent, best done while it has one thread (under 1 µs then). False where the kernel or a
/// seccomp filter refuses.
#[inline]
pub fn register_rseq() -> bool {
    match STATE.load(Relaxed) {
        AVAILABLE => true,
        MISSING => false,
        _ => register(),
    }
}

#[cold]
fn register() -> bool {
    // A filter may know the command's number but not like it: the barrier itself is tried as well.
    let ok = command(REGISTER_PRIVATE_EXPEDITED_RSEQ).is_ok() && command(PRIVATE_EXPEDITED_RSEQ).is_ok();
    STATE.store(if ok { AVAILABLE } else { MISSING }, Relaxed);
    ok
}

/// Whether [`register_rseq`] succeeded.
#[inline]
pub fn rseq_available() -> bool {
    STATE.load(Relaxed) == AVAILABLE
}

/// Restarts every restartable sequence that a thread of this process is in, and orders memory with all of them.
/// Afterwards each sequence that had begun before the call has committed visibly or will abort. False if that could
/// not be had, not even by the walk over the CPUs; [`rseq_available`] is false from the first refusal on.
pub fn restart_sequences() -> bool {
    match command(PRIVATE_EXPEDITED_RSEQ) {
        Ok(()) => return true,
        // A new address space is not registered (a fork child's is, with today's kernels).
        Err(Errno::EPERM)
            if command(REGISTER_PRIVATE_EXPEDITED_RSEQ).is_ok()
                && command(PRIVATE_EXPEDITED_RSEQ).is_ok() =>
        {
            return true;
        }
        Err(_) => {}
    }
    STATE.store(MISSING, Relaxed);
    visit_every_cpu()
}

fn command(command: u32) -> Result<(), Errno> {
    // SAFETY: no pointers.
    unsafe { syscall!(__NR_membarrier, command, 0u32, 0i32) }.map(drop)
}

/// Runs on each CPU that this process may use, one after the other.
#[cold]
fn visit_every_cpu() -> bool {
    const BYTES: usize = 128;
    let mut allowed = [0u8; BYTES];
    // SAFETY: the set is live and of the size given; 0 is the running task.
    let Ok(size) = (unsafe { syscall!(__NR_sched_getaffinity, 0, BYTES, allowed.as_mut_ptr()) }) else {
        return false;
    };
    let mut visited = false;
    for cpu in 0..size * 8 {
        let mut one = [0u8; BYTES];
        one[cpu / 8] = 1 << (cpu % 8);
        // Every CPU is tried, not only those this thread is confined to: others may run elsewhere.
        // SAFETY: as above.
        visited |= unsafe { syscall!(__NR_sched_setaffinity, 0, size, one.as_ptr()) }.is_ok();
    }
    // SAFETY: as above.
    let _ = unsafe { syscall!(__NR_sched_setaffinity, 0, size, allowed.as_ptr()) };
    fence(Ordering::SeqCst);
    visited
}
