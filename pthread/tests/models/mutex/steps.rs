//! What a thread does next, from each place.

use tidal_pthread::mutex::word::{FREE, Release, UNBIASED, Word};

use super::Mutation;
use super::state::{At, Mutex, Store};
use crate::explore::Model;

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
        let after = match thread.at {
            At::Done | At::Dead | At::Asleep => return,
            At::Start if thread.rounds == 0 => self.at(t, At::Done),
            At::Start => {
                let mut s = self.at(t, At::SeqBias);
                s.threads[t].rounds -= 1;
                s.threads[t].covered = None;
                s
            }
            At::SeqBias if self.word.bias() == thread.gate() || self.mutation == Mutation::NoCompare => {
                // It may always be left out, whatever the bias: `last` is only a hint.
                next.push(self.at(t, At::Look));
                self.at(t, At::SeqLock)
            }
            // As the sequence compares; the states show that under its own bias only `FREE` is below.
            At::SeqLock if self.lock_seen_by(t) < thread.gate() => self.at(t, At::SeqCommit(thread.gate())),
            At::SeqLock if self.mutation == Mutation::PassesShutGates && self.lock_seen_by(t) == FREE => {
                self.at(t, At::SeqCommit(thread.gate()))
            }
            At::SeqBias | At::SeqLock => self.at(t, At::Look),
            At::SeqCommit(lock) => {
                let mut s = self.at(t, At::ReadData);
                s.threads[t].buffer.push(Store::Lock(lock));
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
                if self.returns > 0 && self.word.bias() == UNBIASED {
                    next.push(self.given_back(t));
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
                let mut s = self.at(t, At::UnlockBias);
                s.threads[t].buffer.push(Store::Data(seen + 1));
                s.done += 1;
                s
            }
            At::UnlockBias if self.word.bias() == thread.gate() => {
                // The holder may always exchange, whatever the bias: `last` is only a hint that it took the lock without.
                next.push(self.exchanged(t));
                self.at(t, At::UnlockLock)
            }
            At::UnlockLock if thread.gate && self.lock_seen_by(t) == me => self.at(t, At::UnlockCommit),
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
