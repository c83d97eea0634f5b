//! A mainline kernel: each thread registers its rseq area itself. Without rseq(2) (`ENOSYS`, or `EPERM` by seccomp) the
//! gate stays shut and everything takes its ordinary path.

use core::sync::atomic::Ordering::Relaxed;

use super::Provider;
use crate::block::Block;
use crate::rseq;

pub static PROVIDER: Provider = Provider {
    name: crate::start_text!("mainline"),
    clone_flags: 0,
    process_started: |_| Ok(()),
    thread_started,
    // The vfork child was not registered, so its copy is not either.
    vfork_child_copied: thread_started,
    thread_ending,
    gate_in_vfork_child: 0,
};

fn thread_started(block: &Block) {
    let registered = rseq::register(block).is_ok();
    if registered {
        rseq::REGISTERED_SIZE.store(rseq::area_size() as u32, Relaxed);
    }
    block.ktls.gate.store(if registered { rseq::gate_of(block) } else { 0 }, Relaxed);
}

fn thread_ending(block: &Block) {
    if block.ktls.gate.swap(0, Relaxed) != 0 {
        let _ = rseq::unregister(block);
    }
}
