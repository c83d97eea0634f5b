//! The robust list: which kernel-visible locks the kernel must mark `FUTEX_OWNER_DIED` when the running task ends
//! (`set_robust_list(2)`, `Documentation/locking/robust-futexes.rst`).
//!
//! A list belongs to a *task*: at a task's death the kernel walks the head that this task registered, and marks the
//! words that hold its TID. A vfork child therefore has a head of its own. Its parent's stays registered and untouched, so
//! that the parent's death marks the parent's locks even while the child runs.
//!
//! | | first use | head | ends |
//! |---|---|---|---|
//! | thread | registers | the block's `ktls.robust` | with the thread |
//! | vfork child | registers its own | `vfork.robust_heads[depth - 1]` of the same block | kernel walks it before the parent resumes |
//! | fork child | registers anew | `ktls.robust`, empty: it owns none of the parent's | with the thread |

use core::ffi::c_long;
use core::mem::size_of;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use crate::block::{self, Block, RobustList};
use crate::syscall;

/// The running task's robust list; the first call registers it. `futex_offset` is the distance from a list entry to its
/// futex word in bytes, the same at every call. `None` where the kernel refuses: the death of the task goes unnoticed then.
#[inline]
pub fn list(futex_offset: c_long) -> Option<&'static RobustList> {
    let head = block::current().vfork.robust.load(Relaxed);
    if head.is_null() {
        return register(futex_offset);
    }
    // SAFETY: only heads inside the block are ever stored.
    Some(unsafe { &*head })
}

/// The running task's robust list if it has one; what a task holds is on it.
#[inline]
pub fn registered() -> Option<&'static RobustList> {
    let head = block::current().vfork.robust.load(Relaxed);
    // SAFETY: null, or a head inside the block.
    unsafe { head.as_ref() }
}

#[cold]
#[inline(never)]
fn register(futex_offset: c_long) -> Option<&'static RobustList> {
    let block = block::current();
    let head = match block.ktls.vfork_depth.load(Relaxed) as usize {
        0 => &block.ktls.robust,
        depth => &block.vfork.robust_heads[depth - 1],
    };
    head.clear();
    head.futex_offset.set(futex_offset);
    // SAFETY: the head lives as long as the task may run on this block.
    unsafe { syscall!(__NR_set_robust_list, ptr::from_ref(head), size_of::<RobustList>()) }.ok()?;
    block.vfork.robust.store(ptr::from_ref(head).cast_mut(), Relaxed);
    Some(head)
}

/// In a fork child: it has registered nothing and owns nothing.
pub(crate) fn forget(block: &Block) {
    block.vfork.robust.store(ptr::null_mut(), Relaxed);
    block.ktls.robust.clear();
}
