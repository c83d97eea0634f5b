//! The biased mutex: sequences, revocation, parking, earning, a vfork child, revokers that die.
//!
//! Each thread has a store buffer (x86: its own loads see its stores at once, others later, in order). A barrier drains
//! everybody's buffer and sends whoever is inside a sequence back to its beginning, which is what the kernel promises
//! (`kernel/sched/membarrier.c`, `kernel/rseq.c`); being preempted does the same to one thread at any time.

mod state;
mod steps;

use crate::explore::{explore, fails, holds};
use state::Mutex;

/// Errors that can be planted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mutation {
    None,
    /// The revoker completes without a barrier.
    NoBarrier,
    /// Marks are all the same, so that an old barrier covers a new mark.
    NoTickets,
    /// The barrier does not restart sequences, it only orders memory.
    BarrierWithoutRestart,
    /// The sequence does not look at the bias.
    NoCompare,
    /// A shut gate equals no bias, and the lock sequence takes that for its own.
    PassesShutGates,
    /// The release wakes nobody.
    NoWake,
    /// Who has slept takes the lock without leaving `WAITERS`.
    ForgetsWaiters,
    /// A sleeper does not set `WAITERS`.
    SleepsUnannounced,
    /// The bias is earned by a plain store, waiters or not.
    EarnsBlindly,
    /// An unbiased lock is taken by looking at the lock half alone.
    TakesHalf,
    /// A trylock looks, then takes without another look.
    TakesLate,
    /// Who gives it back goes on as if it had it.
    NotTakenAgain,
}

fn mutex(rounds: &[u8], mutation: Mutation) -> Mutex {
    Mutex::new(rounds, mutation)
}

#[test]
fn two_threads_share_it() {
    holds("two threads", mutex(&[3, 3], Mutation::None));
}

#[test]
fn three_threads_share_it() {
    holds("three threads, biased", mutex(&[2, 1, 1], Mutation::None).biased_to_the_first());
    if std::env::var_os("TIDAL_LONG").is_some() {
        holds("three threads, earning twice", mutex(&[2, 1, 1], Mutation::None));
    }
}

#[test]
fn the_owner_becomes_its_vfork_child_and_back() {
    let mut model = mutex(&[3, 2], Mutation::None);
    model.threads[0].vforks = 2;
    holds("vfork", model);
}

#[test]
fn a_revoker_is_killed() {
    let mut model = mutex(&[2, 1, 1], Mutation::None).biased_to_the_first();
    model.threads[1].mortal = true;
    model.threads[1].gate = false;
    holds("killed revoker", model);
}

#[test]
fn gates_are_shut() {
    let shut = |rounds: &[u8], mutation| {
        let mut model = mutex(rounds, mutation);
        model.earnings = 0;
        model.threads.iter_mut().for_each(|t| t.gate = false);
        model
    };
    holds("no rseq", shut(&[2, 2], Mutation::None));
    holds("no rseq, three threads", shut(&[2, 1, 1], Mutation::None));
    fails("shut gates passed", shut(&[1, 1], Mutation::PassesShutGates));
}

#[test]
fn it_is_given_back_before_it_is_used() {
    let mut model = mutex(&[3, 2], Mutation::None);
    model.returns = 2;
    holds("given back", model);
    let mut model = mutex(&[1, 1, 1], Mutation::None);
    (model.earnings, model.returns) = (0, 1);
    holds("given back, three threads", model);
    let mut model = mutex(&[1, 1], Mutation::NotTakenAgain);
    model.returns = 1;
    fails("not taken again", model);
}

#[test]
fn planted_errors_are_found() {
    use Mutation::*;
    for mutation in [
        NoBarrier,
        BarrierWithoutRestart,
        NoCompare,
        NoWake,
        ForgetsWaiters,
        SleepsUnannounced,
        EarnsBlindly,
        TakesHalf,
        TakesLate,
    ] {
        let found =
            explore(mutex(&[3, 2], mutation)).is_err() || explore(mutex(&[2, 1, 1], mutation)).is_err();
        assert!(found, "{mutation:?} was not found");
    }
}

#[test]
fn without_tickets_an_old_barrier_covers_a_new_mark() {
    let mut model = mutex(&[3, 1, 1], Mutation::NoTickets).biased_to_the_first();
    model.earnings = 1;
    fails("no tickets", model);
}
