//! Tidal's runtime core: one block per thread, shared with the kernel, and the few services that stand on it.
//!
//! | module | what it holds |
//! |---|---|
//! | [`block`] | the KTLS block at the thread pointer: ABI part, KTLS part, rseq area |
//! | [`identity`] | `tid` (the kernel's name for the running task) and `lock_id` (private locks' name) |
//! | [`provider`] | who maintains the block: a mainline kernel or one that implements the KTLS RFC |
//! | [`rseq`] | registration, the gate, restartable sequences |
//! | [`sys`] | system calls, raw and typed |
//! | [`process`] | vfork, fork, clone, spawn: the switch to a child that borrows the block |
//! | [`lock`] | the runtime's own locks, which name their holder and outlive a dead vfork child |
//! | [`robust`] | which head of a robust list the running task has |
//! | [`errno`], [`futex`], [`signal`], [`membarrier`], [`auxv`], [`vdso`], [`tls`], [`cancel`], [`jump`] | the rest |
//!
//! `rt` knows no allocator and no list of threads, and exports no C symbol.
#![cfg_attr(not(test), no_std)]

pub mod auxv;
pub mod block;
pub mod cancel;
pub mod errno;
pub mod futex;
pub mod identity;
pub mod jump;
pub mod lock;
pub mod membarrier;
pub mod message;
pub mod process;
pub mod provider;
pub mod robust;
pub mod rseq;
pub mod signal;
pub mod startup;
pub mod sys;
pub mod text;
pub mod tls;
pub mod vdso;

pub use errno::Errno;
