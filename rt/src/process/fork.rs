//! `fork(2)`: a copy of the process with the calling thread alone.

use core::sync::atomic::Ordering::Relaxed;

use linux_raw_sys::general as linux;

use super::vfork_protocol::tid_word;
use crate::block::{self, Block, Flags};
use crate::errno::Errno;
use crate::lock::held;
use crate::{identity, provider, robust, signal, syscall};

/// Makes a child with a copy of the memory and the calling thread alone; 0 in the child. `prepared` runs in the child
/// while signals are still blocked: there the layers above put their own state right.
///
/// `lock_id` stays, so the child owns the private locks that the forking thread held. It does not own kernel-visible
/// ones, which the parent still holds. Called in a vfork child it makes an ordinary process out of the copy.
///
/// # Errors
/// `EAGAIN`, `ENOMEM`, `ENOSYS`.
pub fn fork(prepared: impl FnOnce()) -> Result<u32, Errno> {
    let block = block::current();
    let old = signal::block_all();
    let flags = linux::CLONE_CHILD_SETTID | linux::SIGCHLD;
    // SAFETY: without CLONE_VM the child has a stack of its own at the same address.
    let made = unsafe { syscall!(__NR_clone, flags, 0usize, 0usize, tid_word(block), 0usize) };
    if made == Ok(0) {
        settle(block);
        prepared();
    }
    signal::set_mask(old);
    made.map(|pid| pid as u32)
}

/// Makes the copied block that of an ordinary thread.
pub(super) fn settle(block: &Block) {
    identity::adopt(block);
    robust::forget(block);
    let ktls = &block.ktls;
    if ktls.flags.load(Relaxed) & Flags::VFORKED != 0 {
        ktls.flags.fetch_and(!Flags::VFORKED, Relaxed);
        ktls.vfork_depth.store(0, Relaxed);
        ktls.set_lock_id(identity::lock_id());
        held::clear_all(block);
        (provider::current().vfork_child_copied)(block);
    }
}
