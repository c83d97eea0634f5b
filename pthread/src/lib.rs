//! Threads, mutexes and everything else of `<pthread.h>`, on the KTLS block.
//!
//! | subject | modules |
//! |---|---|
//! | what a thread is | [`thread`], [`registry`], [`stack`], [`attributes`], [`first_stack`] |
//! | its life | [`create`], [`exit`], [`join`] ([`join_state`]), [`cancel`], [`unwind`], [`spawn`] |
//! | what it keeps | [`keys`], [`destructors`] |
//! | about a thread | [`kill`], [`name`], [`scheduling`], [`affinity`] |
//! | locks | [`mutex`], [`cond`], [`rwlock`]; for Rust programs [`raw`] |
//! | meeting points | [`once`], [`call_once`], [`barrier`], [`semaphore`], [`named_semaphore`], [`spin`] |
//! | the process | [`fork`], [`credentials`] |
//!
//! Memory comes from mmap: threads may start before malloc is up. Errors are values; nothing here touches `errno`.
#![cfg_attr(not(test), no_std)]

pub mod affinity;
pub mod attributes;
pub mod barrier;
pub mod call_once;
pub mod cancel;
pub mod cond;
pub mod create;
pub mod credentials;
pub mod destructors;
pub mod exit;
pub mod first_stack;
pub mod fork;
pub mod join;
pub mod join_state;
pub mod keys;
pub mod kill;
pub mod mutex;
pub mod name;
pub mod named_semaphore;
pub mod once;
pub mod raw;
pub mod registry;
pub mod rwlock;
pub mod scheduling;
pub mod semaphore;
pub mod spawn;
pub mod spin;
pub mod stack;
mod sync;
pub mod thread;
pub mod unwind;
pub mod vfork_wait;
