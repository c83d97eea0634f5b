//! What the threads have: their places, their store buffers, the word; and what may happen to it all at once.

use tidal_pthread::mutex::word::{Acquire, FREE, WAITERS, Word};

use super::Mutation;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum At {
    Start,
    // lock, fast: inside the sequence from the first look at the bias on
    SeqBias,
    SeqLock,
    SeqCommit(u32),
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
    pub(super) fn in_sequence(self) -> Option<At> {
        match self {
            At::SeqBias | At::SeqLock | At::SeqCommit(_) => Some(At::SeqBias),
            At::UnlockBias | At::UnlockLock | At::UnlockCommit => Some(At::UnlockBias),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Store {
    Lock(u32),
    Data(u8),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Thread {
    pub(super) id: u32,
    pub(super) at: At,
    pub(super) rounds: u8,
    pub(super) waited: bool,
    pub(super) covered: Option<u32>,
    /// How often it may still turn into its own vfork child and back.
    pub(super) vforks: u8,
    pub(super) gate: bool,
    /// A killable revoker: a vfork child of a thread that matters no more.
    pub(super) mortal: bool,
    pub(super) buffer: Vec<Store>,
}

impl Thread {
    /// What its block says; shut it is 0.
    pub(super) fn gate(&self) -> u32 {
        if self.gate { self.id } else { 0 }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Mutex {
    pub(super) mutation: Mutation,
    pub(super) word: Word,
    pub(super) data: u8,
    pub(super) done: u8,
    pub(super) tickets: u32,
    /// How often a bias may still be earned.
    pub(super) earnings: u8,
    /// How often a thread that has just taken it may give it back and take it again.
    pub(super) returns: u8,
    pub(super) broken: bool,
    pub(super) threads: Vec<Thread>,
}

impl Mutex {
    pub(super) fn new(rounds: &[u8], mutation: Mutation) -> Mutex {
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
            word: Word::ORDINARY,
            data: 0,
            done: 0,
            tickets: 0,
            earnings: 2,
            returns: 0,
            broken: false,
            threads: rounds.iter().enumerate().map(thread).collect(),
        }
    }

    /// The first thread has had a bias by uses that are over, and nobody earns another.
    pub(super) fn biased_to_the_first(self) -> Mutex {
        Mutex { word: Word::new(FREE, self.threads[0].id), earnings: 0, ..self }
    }

    pub(super) fn drain_one(&mut self, t: usize) {
        match self.threads[t].buffer.remove(0) {
            Store::Lock(lock) => self.word = Word::new(lock, self.word.bias()),
            Store::Data(data) => self.data = data,
        }
    }

    pub(super) fn drain(&mut self, t: usize) {
        while !self.threads[t].buffer.is_empty() {
            self.drain_one(t);
        }
    }

    /// The lock half as thread `t` sees it.
    pub(super) fn lock_seen_by(&self, t: usize) -> u32 {
        let own = self.threads[t].buffer.iter().rev().find_map(|s| match s {
            Store::Lock(lock) => Some(*lock),
            Store::Data(_) => None,
        });
        own.unwrap_or(self.word.lock())
    }

    pub(super) fn data_seen_by(&self, t: usize) -> u8 {
        let own = self.threads[t].buffer.iter().rev().find_map(|s| match s {
            Store::Data(data) => Some(*data),
            Store::Lock(_) => None,
        });
        own.unwrap_or(self.data)
    }

    pub(super) fn broken(&self) -> Mutex {
        Mutex { broken: true, ..self.clone() }
    }

    pub(super) fn at(&self, t: usize, at: At) -> Mutex {
        let mut next = self.clone();
        next.threads[t].at = at;
        next
    }

    /// A compare-and-swap of the whole word, which drains the buffer first.
    pub(super) fn swap(&self, t: usize, old: Word, new: Word, then: At, otherwise: At) -> Mutex {
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

    pub(super) fn barrier(&self, t: usize) -> Mutex {
        let mut next = self.clone();
        let restarts = !matches!(self.mutation, Mutation::NoBarrier | Mutation::BarrierWithoutRestart);
        for other in 0..next.threads.len() {
            if self.mutation != Mutation::NoBarrier {
                next.drain(other);
            }
            let other = &mut next.threads[other];
            // The kernel does not know of a sequence behind a shut gate.
            if restarts
                && other.gate
                && let Some(begin) = other.at.in_sequence()
            {
                other.at = begin;
            }
        }
        next.threads[t].at = At::Look;
        next
    }

    pub(super) fn decide(&self, t: usize) -> Mutex {
        let thread = &self.threads[t];
        let word = Word::new(self.lock_seen_by(t), self.word.bias());
        let waited = thread.waited && self.mutation != Mutation::ForgetsWaiters;
        match word.acquire(thread.id, waited) {
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
    pub(super) fn exchanged(&self, t: usize) -> Mutex {
        let mut next = self.clone();
        next.drain(t);
        let wakes = next.word.lock() & WAITERS != 0 && self.mutation != Mutation::NoWake;
        next.word = Word::ORDINARY;
        next.threads[t].at = if wakes { At::Wake } else { At::Start };
        next
    }

    /// Given back before anything was done with it, to be taken again.
    pub(super) fn given_back(&self, t: usize) -> Mutex {
        let mut next = self.exchanged(t);
        next.returns -= 1;
        next.threads[t].rounds += 1;
        if self.mutation == Mutation::NotTakenAgain {
            next.threads[t].at = At::ReadData;
        }
        next
    }

    /// After a successful swap on the way to the lock.
    pub(super) fn swapped(&self, t: usize, old: Word, new: Word) -> Mutex {
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
