//! The biased mutex: sequences, revocation, parking, earning, a vfork child, revokers that die.
//!
//! Each thread has a store buffer (x86: its own loads see its stores at once, others later, in order). A barrier drains
//! everybody's buffer and sends whoever is inside a sequence back to its beginning, which is what the kernel promises
//! (`kernel/sched/membarrier.c`, `kernel/rseq.c`); being preempted does the same to one thread at any time.

use tidal_pthread::mutex::word::{Acquire, FREE, Release, UNBIASED, WAITERS, Word};

use crate::explore::{Model, explore, fails, holds};

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
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    Start,
    // lock, fast: inside the sequence from the first look at the bias on
    SeqBias,
    SeqLock,
    SeqCommit,
    // lock, slow
    Look,
    Swap(Word, Word),
    Barrier,
    Sleep(Word),
    Asleep,
    // held
    ReadData,
    WriteData(u8),
    Earn,
    // unlock
    UnlockBias,
    UnlockLock,
    UnlockCommit,
    Release,
    ReleaseSwap(Word, Word),
    Wake,
    Done,
    Dead,
}

impl At {
    fn in_sequence(self) -> Option<At> {
        match self {
            At::SeqBias | At::SeqLock | At::SeqCommit => Some(At::SeqBias),
            At::UnlockBias | At::UnlockLock | At::UnlockCommit => Some(At::UnlockBias),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Store {
    Lock(u32),
    Data(u8),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Thread {
    id: u32,
    at: At,
    rounds: u8,
    waited: bool,
    covered: Option<u32>,
    /// How often it may still turn into its own vfork child and back.
    vforks: u8,
    gate: bool,
    /// A killable revoker: a vfork child of a thread that matters no more.
    mortal: bool,
    buffer: Vec<Store>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Mutex {
    mutation: Mutation,
    word: Word,
    data: u8,
    done: u8,
    tickets: u32,
    earnings: u8,
    broken: bool,
    threads: Vec<Thread>,
}

impl Mutex {
    fn new(rounds: &[u8], mutation: Mutation) -> Mutex {
        let thread = |(i, &rounds): (usize, &u8)| Thread {
            id: i as u32 + 1,
            at: At::Start,
            rounds,
            waited: false,
            covered: None,
            vforks: 0,
            gate: true,
            mortal: false,
            buffer: Vec::new(),
        };
        Mutex {
            mutation,
            word: Word(0),
            data: 0,
            done: 0,
            tickets: 0,
            earnings: 1,
            broken: false,
            threads: rounds.iter().enumerate().map(thread).collect(),
        }
    }

    fn drain_one(&mut self, t: usize) {
        match self.threads[t].buffer.remove(0) {
            Store::Lock(lock) => self.word = Word::new(lock, self.word.bias()),
            Store::Data(data) => self.data = data,
        }
    }

    fn drain(&mut self, t: usize) {
        while !self.threads[t].buffer.is_empty() {
            self.drain_one(t);
        }
    }

    /// The lock half as thread `t` sees it.
    fn lock_seen_by(&self, t: usize) -> u32 {
        let own = self.threads[t].buffer.iter().rev().find_map(|s| match s {
            Store::Lock(lock) => Some(*lock),
            Store::Data(_) => None,
        });
        own.unwrap_or(self.word.lock())
    }

    fn data_seen_by(&self, t: usize) -> u8 {
        let own = self.threads[t].buffer.iter().rev().find_map(|s| match s {
            Store::Data(data) => Some(*data),
            Store::Lock(_) => None,
        });
        own.unwrap_or(self.data)
    }

    fn broken(&self) -> Mutex {
        Mutex { broken: true, ..self.clone() }
    }

    fn at(&self, t: usize, at: At) -> Mutex {
        let mut next = self.clone();
        next.threads[t].at = at;
        next
    }

    /// A compare-and-swap of the whole word, which drains the buffer first.
    fn swap(&self, t: usize, old: Word, new: Word, then: At, otherwise: At) -> Mutex {
        let mut next = self.clone();
        next.drain(t);
        let equal = match self.mutation {
            Mutation::TakesHalf if old == Word::ORDINARY => next.word.lock() == FREE,
            Mutation::TakesLate if old == Word::ORDINARY => true,
            _ => next.word == old,
        };
        if equal {
            next.word = if self.mutation == Mutation::TakesHalf && old == Word::ORDINARY {
                Word::new(new.lock(), next.word.bias())
            } else {
                new
            };
        }
        next.threads[t].at = if equal { then } else { otherwise };
        next
    }

    fn barrier(&self, t: usize) -> Mutex {
        let mut next = self.clone();
        let restarts = !matches!(self.mutation, Mutation::NoBarrier | Mutation::BarrierWithoutRestart);
        for other in 0..next.threads.len() {
            if self.mutation != Mutation::NoBarrier {
                next.drain(other);
            }
            if restarts && let Some(begin) = next.threads[other].at.in_sequence() {
                next.threads[other].at = begin;
            }
        }
        next.threads[t].at = At::Look;
        next
    }

    fn decide(&self, t: usize) -> Mutex {
        let thread = &self.threads[t];
        let word = Word::new(self.lock_seen_by(t), self.word.bias());
        let waited = thread.waited && self.mutation != Mutation::ForgetsWaiters;
        match word.acquire(thread.id, thread.gate, waited) {
            Acquire::Take(new) => self.at(t, At::Swap(word, new)),
            Acquire::Mark => {
                let mut next = self.at(t, At::Look);
                next.tickets += u32::from(self.mutation != Mutation::NoTickets);
                next.threads[t].at = At::Swap(word, word.marked(next.tickets));
                next
            }
            Acquire::Complete if thread.covered == Some(word.bias()) => {
                self.at(t, At::Swap(word, word.unbiased()))
            }
            Acquire::Complete => {
                let mut next = self.at(t, At::Barrier);
                next.threads[t].covered = Some(word.bias());
                next
            }
            Acquire::Busy
                if thread.mortal
                    || word.lock() & WAITERS != 0
                    || self.mutation == Mutation::SleepsUnannounced =>
            {
                self.at(t, At::Sleep(word))
            }
            Acquire::Busy => self.at(t, At::Swap(word, word.with_waiters())),
            // Nobody locks twice here: the word has gone wrong.
            Acquire::Mine => self.broken(),
        }
    }

    /// The holder's release by one exchange.
    fn exchanged(&self, t: usize) -> Mutex {
        let mut next = self.clone();
        next.drain(t);
        let wakes = next.word.lock() & WAITERS != 0 && self.mutation != Mutation::NoWake;
        next.word = Word::ORDINARY;
        next.threads[t].at = if wakes { At::Wake } else { At::Start };
        next
    }

    /// After a successful swap on the way to the lock.
    fn swapped(&self, t: usize, old: Word, new: Word) -> Mutex {
        let mut then = At::Look;
        if new.owner() == self.threads[t].id {
            then = At::ReadData;
        }
        let mut next = self.swap(t, old, new, then, At::Look);
        if next.threads[t].at == At::ReadData {
            next.threads[t].waited = false;
        }
        next
    }
}

impl Model for Mutex {
    fn threads(&self) -> usize {
        self.threads.len()
    }

    fn is_done(&self, t: usize) -> bool {
        matches!(self.threads[t].at, At::Done | At::Dead) && self.threads[t].buffer.is_empty()
    }

    fn steps(&self, t: usize, next: &mut Vec<Self>) {
        let thread = &self.threads[t];
        let me = thread.id;
        if !thread.buffer.is_empty() {
            let mut drained = self.clone();
            drained.drain_one(t);
            next.push(drained);
        }
        // It does not sleep on the word (vfork children nap), so it never takes a wake with it.
        if thread.mortal && matches!(thread.at, At::Look | At::Swap(..) | At::Barrier) {
            let mut dead = self.at(t, At::Dead);
            dead.drain(t);
            next.push(dead);
        }
        if thread.vforks > 0
            && thread.at.in_sequence().is_none()
            && !matches!(thread.at, At::Asleep | At::Dead)
        {
            let mut child = self.clone();
            child.drain(t);
            child.threads[t].gate = !thread.gate;
            child.threads[t].vforks -= 1;
            next.push(child);
        }
        let fast = |at| if thread.gate { at } else { At::Look };
        let after = match thread.at {
            At::Done | At::Dead | At::Asleep => return,
            At::Start if thread.rounds == 0 => self.at(t, At::Done),
            At::Start => {
                let mut s = self.at(t, fast(At::SeqBias));
                s.threads[t].rounds -= 1;
                s.threads[t].covered = None;
                s
            }
            At::SeqBias if self.word.bias() == me || self.mutation == Mutation::NoCompare => {
                self.at(t, At::SeqLock)
            }
            // As the sequence compares; the states show that under its own bias only `FREE` is below.
            At::SeqLock if self.lock_seen_by(t) < me => self.at(t, At::SeqCommit),
            At::SeqBias | At::SeqLock => self.at(t, At::Look),
            At::SeqCommit => {
                let mut s = self.at(t, At::ReadData);
                s.threads[t].buffer.push(Store::Lock(me));
                s
            }
            At::Look => self.decide(t),
            At::Swap(old, new) => self.swapped(t, old, new),
            At::Barrier => self.barrier(t),
            At::Sleep(_) if thread.mortal => self.at(t, At::Look),
            At::Sleep(word) => {
                let mut s = self.clone();
                s.drain(t);
                let asleep = s.word.lock() == word.lock();
                s.threads[t].at = if asleep { At::Asleep } else { At::Look };
                s.threads[t].waited = true;
                s
            }
            At::ReadData => {
                let seen = self.data_seen_by(t);
                if self.earnings > 0 && self.word == Word::new(me, UNBIASED) {
                    next.push(self.at(t, At::Earn));
                }
                self.at(t, At::WriteData(seen))
            }
            At::Earn => {
                let word = Word::new(self.lock_seen_by(t), self.word.bias());
                let mut s = match word.earned() {
                    _ if self.mutation == Mutation::EarnsBlindly => {
                        let mut s = self.at(t, At::ReadData);
                        s.drain(t);
                        s.word = Word::new(me, me);
                        s
                    }
                    Some(biased) => self.swap(t, word, biased, At::ReadData, At::ReadData),
                    None => self.at(t, At::ReadData),
                };
                s.earnings -= 1;
                s
            }
            At::WriteData(seen) => {
                let mut s = self.at(t, if thread.gate { At::UnlockBias } else { At::Release });
                s.threads[t].buffer.push(Store::Data(seen + 1));
                s.done += 1;
                s
            }
            At::UnlockBias if self.word.bias() == me => {
                // The holder may always exchange, whatever the bias: `last` is only a hint that it took the lock without.
                next.push(self.exchanged(t));
                self.at(t, At::UnlockLock)
            }
            At::UnlockLock if self.lock_seen_by(t) == me => self.at(t, At::UnlockCommit),
            At::UnlockBias | At::UnlockLock => self.at(t, At::Release),
            At::UnlockCommit => {
                let mut s = self.at(t, At::Start);
                s.threads[t].buffer.push(Store::Lock(FREE));
                s
            }
            At::Release => {
                let word = Word::new(self.lock_seen_by(t), self.word.bias());
                match word.release(me) {
                    Release::Clear(new) => self.at(t, At::ReleaseSwap(word, new)),
                    Release::Exchange => self.exchanged(t),
                    // The holder is told that it is not: the word has gone wrong.
                    Release::Nothing | Release::Foreign => self.broken(),
                }
            }
            At::ReleaseSwap(old, new) => self.swap(t, old, new, At::Start, At::Release),
            At::Wake => {
                let sleepers: Vec<_> =
                    (0..self.threads.len()).filter(|&o| self.threads[o].at == At::Asleep).collect();
                for &sleeper in &sleepers {
                    let mut s = self.at(t, At::Start);
                    s.threads[sleeper].at = At::Look;
                    next.push(s);
                }
                if !sleepers.is_empty() {
                    return;
                }
                self.at(t, At::Start)
            }
        };
        next.push(after);
    }

    fn check(&self) -> Result<(), String> {
        let inside =
            self.threads.iter().filter(|t| matches!(t.at, At::ReadData | At::WriteData(_) | At::Earn));
        if self.broken {
            return Err("the holder is not the owner".into());
        }
        if inside.count() > 1 { Err("two threads hold it".into()) } else { Ok(()) }
    }

    fn check_end(&self) -> Result<(), String> {
        if self.data != self.done {
            return Err("a store of a critical section was lost".into());
        }
        if self.word.lock() != FREE {
            return Err("free, but the word says held".into());
        }
        Ok(())
    }
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
    let mut model = mutex(&[2, 1, 1], Mutation::None);
    model.earnings = 0;
    holds("three threads", model);
    if std::env::var_os("TIDAL_LONG").is_some() {
        holds("three threads, earning", mutex(&[2, 1, 1], Mutation::None));
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
    let mut model = mutex(&[2, 1, 1], Mutation::None);
    model.earnings = 0;
    model.threads[1].mortal = true;
    model.threads[1].gate = false;
    holds("killed revoker", model);
}

#[test]
fn gates_are_shut() {
    let mut model = mutex(&[2, 1, 1], Mutation::None);
    model.threads.iter_mut().for_each(|t| t.gate = false);
    holds("no rseq", model);
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
    let mut model = mutex(&[3, 1, 1], Mutation::NoTickets);
    model.earnings = 1;
    fails("no tickets", model);
}
