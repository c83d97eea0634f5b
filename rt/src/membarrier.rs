//! `membarrier(2)`: making other threads' restartable sequences restart.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

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
pub fn register_rseq() -> bool {
    match STATE.load(Relaxed) {
        AVAILABLE => return true,
        MISSING => return false,
        _ => {}
    }
    // SAFETY: no pointers.
    let ok = unsafe { syscall!(__NR_membarrier, REGISTER_PRIVATE_EXPEDITED_RSEQ, 0u32, 0i32) }.is_ok();
    STATE.store(if ok { AVAILABLE } else { MISSING }, Relaxed);
    ok
}

/// Whether [`register_rseq`] succeeded.
#[inline]
pub fn rseq_available() -> bool {
    STATE.load(Relaxed) == AVAILABLE
}

/// Restarts every restartable sequence that a thread of this process is in, and orders memory with all of them.
/// Afterwards each sequence that had begun before the call has committed visibly or will abort. False if refused.
pub fn restart_sequences() -> bool {
    // SAFETY: no pointers.
    unsafe { syscall!(__NR_membarrier, PRIVATE_EXPEDITED_RSEQ, 0u32, 0i32) }.is_ok()
}
