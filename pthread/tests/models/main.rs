//! Exhaustive models of the locks: every interleaving of small programs, checked state by state.
//!
//! The decisions are the locks' own ([`tidal_pthread::mutex::word`], [`tidal_pthread::rwlock::state`]); what surrounds them
//! (compare-and-swap, restartable sequences that a barrier aborts, store buffers, the futex) is modelled here. Each model
//! must pass, and must fail once a mutation from its list is planted: a model that finds nothing proves nothing.

mod cond_groups;
mod cond_queue;
mod explore;
mod mutex;
mod robust;
mod rwlock;
