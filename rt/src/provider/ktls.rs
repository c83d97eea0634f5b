//! A kernel with the KTLS RFC ("[RFC PATCH 1/2] rseq: Implement KTLS prototype for x86-64", 2020): the process tells it
//! one offset from the thread pointer, and from then on the kernel fills every thread's area there. A thread is born
//! with it filled (`CLONE_RSEQ_KTLS`); a fork child keeps it; a vfork child has it on loan, and its parent finds its own
//! TID again.
//!
//! The last of these is more than the RFC's code does: as posted, with an area of 20 bytes and no TID, it unregisters a
//! vfork child. A kernel that keeps a TID right has to know which task an area is on loan to, so the TID is the sign that
//! it does; without one the gate is shut in vfork children.
//!
//! The numbers are the RFC's. Mainline may come to use the same flags for something else, so the length that goes with
//! them is one that no registration of an area takes.

use core::sync::atomic::Ordering::Relaxed;

use super::Provider;
use super::layout::{Area, Layout};
use crate::block::{self, Block};
use crate::errno::Errno;
use crate::{identity, rseq, syscall};

const GET_KTLS_LAYOUT: u32 = 1 << 1;
const SET_KTLS_OFFSET: u32 = 1 << 2;
const SET_SIG: u32 = 1 << 3;
const SET_KTLS_THREAD: u32 = 1 << 4;
const CLONE_RSEQ_KTLS: u64 = 0x4_0000_0000;

const fn provider(gate_in_vfork_child: u32) -> Provider {
    Provider {
        name: crate::start_text!("ktls"),
        clone_flags: CLONE_RSEQ_KTLS,
        process_started,
        thread_started,
        // The gate says already whether the kernel knows the area. The copied CPU number does not.
        vfork_child_copied: |_| {},
        thread_ending,
        gate_in_vfork_child,
    }
}

static WITH_TID: Provider = provider(1);
static WITHOUT_TID: Provider = provider(0);

/// The provider for a kernel that offers this area.
pub fn for_area(area: &Area) -> &'static Provider {
    if area.tid.is_some() { &WITH_TID } else { &WITHOUT_TID }
}

/// The kernel's offer, if it makes one.
pub fn offer() -> Option<Layout> {
    let mut layout = Layout::default();
    // SAFETY: the kernel fills the structure, or refuses (`EINVAL`, `ENOSYS`, `EPERM`).
    unsafe { syscall!(__NR_rseq, &raw mut layout, size_of::<Layout>(), GET_KTLS_LAYOUT, 0u32) }
        .is_ok()
        .then_some(layout)
}

/// Says where all threads' areas are. `EBUSY` if somebody registered one before us.
fn process_started(_block: &Block) -> Result<(), Errno> {
    let offset = block::RSEQ as i64;
    // SAFETY: the signature is a number.
    unsafe { syscall!(__NR_rseq, 0usize, 0usize, SET_SIG, rseq::SIGNATURE) }?;
    // SAFETY: the kernel reads one number; blocks are laid out with an area of its size at that offset.
    unsafe { syscall!(__NR_rseq, &raw const offset, size_of::<i64>(), SET_KTLS_OFFSET, 0u32) }.map(drop)
}

fn thread_started(block: &Block) {
    // Known to the kernel since clone, fork, or when the offset was set; else a thread that was made without the flag,
    // because clone3 is refused.
    let takes_part = is_filled(block) || (join().is_ok() && is_filled(block));
    if !takes_part {
        identity::adopt(block);
        block.ktls.gate.store(0, Relaxed);
        return;
    }
    rseq::REGISTERED_SIZE.store(rseq::filled_size(), Relaxed);
    block.ktls.gate.store(rseq::gate_of(block), Relaxed);
}

/// Whether the area has a CPU number, which the kernel alone writes there.
fn is_filled(block: &Block) -> bool {
    block.rseq().cpu_id.load(Relaxed) as i32 >= 0
}

#[cold]
fn join() -> Result<(), Errno> {
    // SAFETY: the running thread is on a block with an area for the kernel.
    unsafe { syscall!(__NR_rseq, 0usize, 0usize, SET_KTLS_THREAD, 0u32) }.map(drop)
}

/// The area stays with the kernel: blocks outlive their threads, and the kernel writes nothing for a task that exits
/// (`__rseq_handle_notify_resume` of `kernel/rseq.c`). So a thread costs no call of rseq(2) in all its life.
fn thread_ending(block: &Block) {
    block.ktls.gate.store(0, Relaxed);
}
