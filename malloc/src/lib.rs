//! Tidal's memory allocator: per-CPU lists changed by restartable sequences, lock-free structures behind them.
//!
//! ```text
//! malloc/free  [fast]     per-CPU rows [percpu]     one restartable sequence, one committing store
//!    │ empty, full, gate shut, large                no LOCK prefix; bounded by CPUs, not by threads
//!    ▼
//! [slow]       full magazines [magazine]            arrays of freed objects, which nobody touches on the way
//!              central stacks [stack]               chains of free objects; both by one 16-byte CAS
//!    ▼
//! [span]       fresh objects from spans             one CAS; a span is 256 KiB or 2 MiB of one [class]
//!    ▼
//! [glue]       mmap                                 regions of address space, doubling up to 64 MiB
//!
//! [large]      above 256 KiB: pages, kept in [runs] when freed, one CAS
//! [pagemap]    from an address to its class or large block, one load mostly
//! [guard]      instead of all this, where the options ask for it: inaccessible pages around every block
//! ```
//!
//! # Invariants
//! 1. **There is no lock** that an allocation or a release waits for, so nobody waits for a task that is suspended (a
//!    vfork parent, a thread interrupted by a signal handler), is missing (another thread's half in a fork child) or dead.
//! 2. An object is in one place: with the program, in one CPU's row, in one stack, in a magazine that is in one of those, or
//!    not yet carved. It changes place by one committing store or one compare-and-swap; in between it belongs to the task that
//!    moves it.
//! 3. Per-CPU rows are touched by tasks whose gate is open, inside restartable sequences, and by whoever has replaced the
//!    whole table and restarted all sequences. So a vfork child, whose sequences nothing restarts, never sees them.
//! 4. A vfork child moves one object at a time: killed after any instruction it costs the object on its way (or address
//!    space never touched, when it was the one to map some), and breaks nothing.
//! 5. Spans are never unmapped and a page-map leaf never goes away: a late reader reads stale bytes, not a fault.
//! 6. Nothing is written beside live objects: what malloc knows lies in its own tables, or in free objects, mangled.
//!
//! `TIDAL_MALLOC` in the environment: see `options.rs`.
#![cfg_attr(not(any(test, feature = "host")), no_std)]

mod api;
mod cached;
mod check;
mod class;
mod collect;
#[doc(hidden)]
pub mod fast;
mod global;
mod glue;
mod guard;
mod large;
mod magazine;
mod options;
mod pagemap;
mod percpu;
mod report;
mod runs;
mod shards;
#[doc(hidden)]
pub mod slow;
mod span;
mod stack;
#[cfg(test)]
mod stack_model;
mod stats;
mod supply;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "host"))]
pub mod trace;
pub mod tune;
mod word;

pub use api::{allocate, allocate_aligned, allocate_zeroed, reallocate, release, usable};
pub use check::check;
pub use global::Malloc;
pub use options::exit_handler;
pub use stats::{Stats, print as print_stats, stats};
#[doc(hidden)]
pub use tidal_rt::{rseq_inject as inject, rseq_signature as signature};

/// Has all threads go by `cpu_id`, as on a kernel without `mm_cid`: for tests, before there is a second thread.
#[doc(hidden)]
pub fn go_by_cpu() {
    slow::secret();
    percpu::go_by_cpu();
}

/// Gives idle memory back to the kernel, also what CPUs keep. Whether there was any.
pub fn trim() -> bool {
    collect::collect(true)
}
