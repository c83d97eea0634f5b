//! Two names for a thread.
//!
//! - **`tid`** is what the *kernel* calls the running task, right at every moment, in a vfork child too.
//! - **`lock_id`** is what *private locks* call the thread of control. It starts as the TID and does not change in a
//!   vfork child (parent and child are one thread of control: one of them sleeps) nor in a fork child (which owns what
//!   its forking thread held). Bits from [`LOCK_ID_ALIAS`] up tell a later thread whose TID equals an inherited
//!   `lock_id` from the first one.

use core::arch::asm;
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use crate::block::{self, Block};
use crate::syscall;

/// TIDs stay below this (`PID_MAX_LIMIT` of `include/linux/threads.h`); the bits above are free in a `lock_id`.
pub const LOCK_ID_ALIAS: u32 = 1 << 22;

/// Where the kernel keeps the running task's TID, as an offset from the thread pointer: our own word with a mainline
/// kernel, a word of its own with one that implements KTLS. Set once at start; `<ktls.h>` reads it as
/// `__ktls_tid_offset`.
pub static TID_OFFSET: AtomicUsize = AtomicUsize::new(block::TID);

/// Tells [`tid`] where the provider's kernel writes the TID. Called while the process has one thread.
pub fn set_tid_offset(offset: usize) {
    TID_OFFSET.store(offset, Relaxed);
}

/// Where [`tid`] reads, as an offset from the thread pointer in bytes.
pub fn tid_offset() -> usize {
    TID_OFFSET.load(Relaxed)
}

/// Puts a task's TID where [`tid`] and a vfork parent look for it, in a block that no kernel has written it to. Where the
/// kernel keeps a word of its own it writes the same there.
#[inline]
pub fn record(block: &Block, tid: u32) {
    block.ktls.tid.store(tid, Relaxed);
    let word = ptr::from_ref(block).cast::<u8>().wrapping_add(tid_offset()).cast::<AtomicU32>();
    // SAFETY: `TID_OFFSET` names an aligned word of every block: ours, or one in the area that the kernel asked for.
    unsafe { (*word).store(tid, Relaxed) };
}

/// In a child for which the kernel wrote our word (`CLONE_CHILD_SETTID`, `CLONE_PARENT_SETTID`): has [`tid`] say the same.
/// A KTLS kernel has done so itself, but only for a task that takes part: not for one that was made without the flag and
/// refused to join, nor for its children.
#[inline]
pub fn adopt(block: &Block) {
    record(block, block.ktls.tid.load(Relaxed));
}

/// The running task's TID by system call, for a block that does not have it yet.
pub fn ask_kernel() -> u32 {
    // SAFETY: no pointers; cannot fail.
    unsafe { syscall!(__NR_gettid) }.unwrap_or_default() as u32
}

/// The kernel's name for the **running task**. For it alone: other threads have an immutable copy in `pthread`.
#[inline(always)]
pub fn tid() -> u32 {
    let tid: u32;
    // SAFETY: the offset names a word of the block that the kernel keeps.
    unsafe {
        asm!("mov {0:e}, fs:[{1}]", out(reg) tid, in(reg) TID_OFFSET.load(Relaxed),
            options(readonly, nostack, preserves_flags));
    }
    tid
}

/// What private locks call the running thread of control; never 0.
#[inline(always)]
pub fn lock_id() -> u32 {
    let id: u32;
    // SAFETY: reads a word of the block.
    unsafe {
        asm!("mov {0:e}, fs:[{1}]", out(reg) id, const block::LOCK_ID,
            options(readonly, nostack, preserves_flags));
    }
    id
}

/// Whether the running task is a vfork child on its ancestor's block.
#[inline]
pub fn is_vfork_child() -> bool {
    block::current().ktls.flags.load(Relaxed) & block::Flags::VFORKED != 0
}

/// Whether `tid` is a vfork ancestor of the running task, suspended until the running task execs or ends. What such a
/// task holds is held by this very thread of control, and nobody will release it while we wait.
#[inline]
pub fn is_suspended_ancestor(tid: u32) -> bool {
    is_vfork_child() && ancestors_contain(tid)
}

#[cold]
fn ancestors_contain(tid: u32) -> bool {
    let block = block::current();
    let depth = block.ktls.vfork_depth.load(Relaxed) as usize;
    block.vfork.ancestors.iter().take(depth).any(|a| a.load(Relaxed) == tid)
}
