//! Both ends of a switch to a child on the same block: see the table in [`super`].

use core::sync::atomic::Ordering::Relaxed;

use crate::block::{self, Block, Flags, NOBODY, RobustList, VFORK_DEPTH_MAX};
use crate::errno::{self, Errno};
use crate::lock::held;
use crate::signal::{self, Mask};
use crate::{identity, provider};

/// What the parent puts back. It fits in four vector registers.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
pub(super) struct Suspended {
    mask: Mask,
    robust: *mut RobustList,
    gate: u32,
    flags: u32,
    errno: i32,
    tid: u32,
    depth: u32,
    reserved: [u32; 5],
}

pub(super) const SUSPENDED_SIZE: usize = size_of::<Suspended>();
const _: () = assert!(SUSPENDED_SIZE == 64);

/// Before the system call: blocks signals and makes the block what the child must find, but for the TID.
///
/// # Errors
/// `EAGAIN` when vfork children would nest deeper than [`VFORK_DEPTH_MAX`].
#[inline]
pub(super) fn suspend() -> Result<Suspended, Errno> {
    let block = block::current();
    let ktls = &block.ktls;
    let depth = ktls.vfork_depth.load(Relaxed);
    if depth as usize >= VFORK_DEPTH_MAX {
        return Err(Errno::EAGAIN);
    }
    let saved = Suspended {
        mask: signal::block_all(),
        robust: block.vfork.robust.load(Relaxed),
        gate: ktls.gate.load(Relaxed),
        flags: ktls.flags.load(Relaxed),
        errno: errno::get(),
        tid: identity::tid(),
        depth,
        reserved: [0; 5],
    };
    let protected = provider::current().gate_in_vfork_child != 0;
    ktls.gate.store(if protected { saved.gate } else { 0 }, Relaxed);
    ktls.flags.store(saved.flags | Flags::VFORKED, Relaxed);
    block.vfork.ancestors[depth as usize].store(saved.tid, Relaxed);
    ktls.vfork_depth.store(depth + 1, Relaxed);
    ktls.unlock_id.store(NOBODY, Relaxed);
    block.vfork.robust.store(core::ptr::null_mut(), Relaxed);
    Ok(saved)
}

/// In the parent, the child being gone from the memory (or never made): everything is as it was.
/// `errno` is what the caller makes of the outcome.
#[inline]
pub(super) fn resume(saved: &Suspended) {
    let block = block::current();
    let ktls = &block.ktls;
    // The word that the kernel wrote for the child names the child as it knew itself, in its own PID namespace.
    let child = ktls.tid.load(Relaxed);
    identity::record(block, saved.tid);
    ktls.flags.store(saved.flags, Relaxed);
    ktls.vfork_depth.store(saved.depth, Relaxed);
    ktls.unlock_id.store(if saved.depth == 0 { identity::lock_id() } else { NOBODY }, Relaxed);
    block.vfork.robust.store(saved.robust, Relaxed);
    block.rseq().rseq_cs.store(0, Relaxed);
    ktls.gate.store(saved.gate, Relaxed);
    if child != saved.tid {
        held::release_left_by(block, child);
    }
    Errno(saved.errno).set();
    signal::set_mask(saved.mask);
}

impl Suspended {
    /// The signal mask before the switch.
    #[inline]
    pub(super) fn mask(&self) -> Mask {
        self.mask
    }
}

/// Where the kernel writes the child's TID.
#[inline]
pub(super) fn tid_word(block: &Block) -> *mut u32 {
    block.ktls.tid.as_ptr()
}
