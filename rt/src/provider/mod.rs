//! Who maintains the block: chosen once, at start, in [`start`]. Nothing else in the code asks which kernel it runs on.
//!
//! | | mainline kernel | kernel with the KTLS RFC |
//! |---|---|---|
//! | `tid` | `CLONE_CHILD_SETTID` into our word | the kernel's word behind the rseq area |
//! | rseq | `rseq(2)` in each thread | offset registered once, threads are born registered |
//! | gate in a vfork child | shut | open |

mod mainline;

use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use crate::block::Block;
use crate::syscall;

/// A kernel's way to maintain blocks.
pub struct Provider {
    /// For people: `tidal doctor` and `<ktls.h>` show it.
    pub name: &'static CStr,
    /// Flags that `clone3(2)` of a new thread takes beside the usual ones.
    pub clone_flags: u64,
    /// First code of a new thread, signals blocked: makes its area known to the kernel and opens the gate.
    pub thread_started: fn(&Block),
    /// Last code of a thread before its block may be unmapped, signals blocked.
    pub thread_ending: fn(&Block),
    /// Nonzero if the kernel protects a vfork child: it then keeps its parent's gate. 0: the child's gate is shut.
    pub gate_in_vfork_child: u32,
}

static CURRENT: AtomicPtr<Provider> = AtomicPtr::new((&raw const mainline::PROVIDER).cast_mut());

/// The provider that [`start`] chose.
#[inline]
pub fn current() -> &'static Provider {
    // SAFETY: only statics are ever stored.
    unsafe { &*CURRENT.load(Relaxed) }
}

/// Makes the first thread's block live: TID, `lock_id`, rseq, gate. Called once by `crt`, the thread pointer being set.
pub fn start(block: &Block) {
    // SAFETY: the word is in a block that outlives the process's last thread; 0 there when the first thread ends is
    // what nobody reads, because `pthread` registers a word of its own before there are other threads.
    let tid = unsafe { syscall!(__NR_set_tid_address, block.ktls.tid.as_ptr().cast::<c_void>()) }.unwrap_or(1)
        as u32;
    block.ktls.tid.store(tid, Relaxed);
    block.ktls.lock_id.store(tid, Relaxed);
    (current().thread_started)(block);
}
