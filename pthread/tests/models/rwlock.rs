//! The read-write lock: preference, sleeping in two groups on one word, writers that give up.

use tidal_pthread::rwlock::state::{READERS_WAIT, State, WRITERS_WAIT};

use crate::explore::{Model, explore, holds};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mutation {
    None,
    /// The release wakes only the group that it chose, even if nobody of it sleeps.
    OneGroupOnly,
    /// A writer that slept does not leave `WRITERS_WAIT` behind.
    ForgetsWriters,
    /// A writer that gives up leaves everything as it is.
    GivesUpSilently,
    /// The release wakes nobody.
    NoWake,
    /// Readers enter whatever is inside.
    NoExclusion,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    Start,
    Enter,
    Announce,
    Sleep(State),
    Asleep,
    Inside,
    Leave(State),
    Wake { readers_first: bool, both: bool },
    GiveUp,
    GiveUpWake,
    Done,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Thread {
    writer: bool,
    at: At,
    rounds: u8,
    waited: bool,
    /// May still time out once.
    impatient: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Lock {
    mutation: Mutation,
    writers_first: bool,
    state: State,
    threads: Vec<Thread>,
}

impl Lock {
    fn at(&self, t: usize, at: At) -> Lock {
        let mut next = self.clone();
        next.threads[t].at = at;
        next
    }

    fn sleepers(&self, writers: bool) -> Vec<usize> {
        (0..self.threads.len())
            .filter(|&o| self.threads[o].at == At::Asleep && self.threads[o].writer == writers)
            .collect()
    }

    /// Wakes all readers, or one writer (any); the states that may come of it, and whether somebody slept.
    fn woken(&self, writers: bool) -> (Vec<Lock>, bool) {
        let sleepers = self.sleepers(writers);
        if sleepers.is_empty() {
            return (vec![self.clone()], false);
        }
        let wake = |s: &mut Lock, o: usize| {
            s.threads[o].at = At::Enter;
            s.threads[o].waited = true;
        };
        if writers {
            let one = |&o: &usize| {
                let mut s = self.clone();
                wake(&mut s, o);
                s
            };
            return (sleepers.iter().map(one).collect(), true);
        }
        let mut s = self.clone();
        sleepers.iter().for_each(|&o| wake(&mut s, o));
        (vec![s], true)
    }

    fn bit(&self, t: usize) -> u32 {
        if self.threads[t].writer { WRITERS_WAIT } else { READERS_WAIT }
    }

    fn try_enter(&self, t: usize) -> Option<State> {
        let thread = &self.threads[t];
        if thread.writer {
            self.state.with_writer(thread.waited && self.mutation != Mutation::ForgetsWriters).ok()
        } else if self.mutation == Mutation::NoExclusion && !self.state.is_written() {
            Some(State(self.state.0 + 1))
        } else if self.mutation == Mutation::NoExclusion {
            Some(self.state)
        } else {
            self.state.with_reader(self.writers_first).ok()
        }
    }
}

impl Model for Lock {
    fn threads(&self) -> usize {
        self.threads.len()
    }

    fn is_done(&self, t: usize) -> bool {
        self.threads[t].at == At::Done
    }

    fn steps(&self, t: usize, next: &mut Vec<Self>) {
        let thread = &self.threads[t];
        match thread.at {
            At::Done => {}
            At::Start if thread.rounds == 0 => next.push(self.at(t, At::Done)),
            At::Start => {
                let mut s = self.at(t, At::Enter);
                s.threads[t].rounds -= 1;
                s.threads[t].waited = false;
                next.push(s);
            }
            At::Enter => match self.try_enter(t) {
                Some(state) => {
                    let mut s = self.at(t, At::Inside);
                    s.state = state;
                    next.push(s);
                }
                None => next.push(self.at(t, At::Announce)),
            },
            At::Announce => {
                if self.state.admits(thread.writer, self.writers_first) {
                    next.push(self.at(t, At::Enter));
                } else {
                    let mut s = self.clone();
                    s.state.0 |= self.bit(t);
                    s.threads[t].at = At::Sleep(s.state);
                    next.push(s);
                }
            }
            At::Sleep(seen) => {
                next.push(self.at(t, if self.state == seen { At::Asleep } else { At::Enter }));
            }
            At::Asleep => {
                if thread.impatient {
                    let mut s = self.at(t, if thread.writer { At::GiveUp } else { At::Start });
                    s.threads[t].impatient = false;
                    next.push(s);
                }
            }
            At::Inside => next.push(self.at(t, At::Leave(self.state))),
            At::Leave(seen) => {
                if self.state != seen {
                    return next.push(self.at(t, At::Leave(self.state)));
                }
                let new = seen.left(self.writers_first);
                let mut s = self.at(t, At::Start);
                s.state = new;
                let waiting = seen.0 & (READERS_WAIT | WRITERS_WAIT);
                if new.count() == 0 && waiting != 0 && self.mutation != Mutation::NoWake {
                    let cleared = seen.0 & !new.0;
                    s.threads[t].at = At::Wake {
                        readers_first: cleared & WRITERS_WAIT == 0,
                        both: waiting == READERS_WAIT | WRITERS_WAIT,
                    };
                }
                next.push(s);
            }
            At::Wake { readers_first, both } => {
                let (states, any) = self.woken(!readers_first);
                for s in states {
                    if any || !both || self.mutation == Mutation::OneGroupOnly {
                        next.push(s.at(t, At::Start));
                    } else {
                        next.extend(s.woken(readers_first).0.iter().map(|s| s.at(t, At::Start)));
                    }
                }
            }
            At::GiveUp => {
                let mut s = self.at(t, At::GiveUpWake);
                if self.mutation == Mutation::GivesUpSilently {
                    s.threads[t].at = At::Start;
                } else if s.state.0 & WRITERS_WAIT != 0 {
                    s.state = s.state.without_waiters();
                }
                next.push(s);
            }
            At::GiveUpWake => {
                for s in self.woken(true).0 {
                    next.extend(s.woken(false).0.iter().map(|s| s.at(t, At::Start)));
                }
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        let inside = |writer| {
            self.threads
                .iter()
                .filter(|t| t.writer == writer && matches!(t.at, At::Inside | At::Leave(_)))
                .count()
        };
        let (readers, writers) = (inside(false), inside(true));
        if writers > 1 || (writers == 1 && readers > 0) {
            return Err("a writer is not alone".into());
        }
        // A reader that may enter must not sleep for a writer that is gone.
        let all_quiet = self.threads.iter().all(|t| matches!(t.at, At::Asleep | At::Done | At::Inside));
        let writer_about = self.threads.iter().any(|t| t.writer && t.at != At::Done);
        if all_quiet && !writer_about && !self.sleepers(false).is_empty() && !self.state.is_written() {
            return Err("a reader waits for nobody".into());
        }
        Ok(())
    }
}

fn lock(writers_first: bool, threads: &[(bool, u8, bool)], mutation: Mutation) -> Lock {
    let thread =
        |&(writer, rounds, impatient)| Thread { writer, at: At::Start, rounds, waited: false, impatient };
    Lock { mutation, writers_first, state: State(0), threads: threads.iter().map(thread).collect() }
}

const R: bool = false;
const W: bool = true;

const PROGRAMS: [&[(bool, u8, bool)]; 4] = [
    &[(R, 2, false), (W, 2, false), (W, 1, false)],
    &[(R, 1, false), (R, 1, true), (W, 1, true), (W, 1, false)],
    &[(R, 2, false), (R, 1, false), (W, 1, true)],
    &[(W, 1, false), (W, 1, true), (R, 1, true), (R, 1, false)],
];

#[test]
fn it_excludes_and_nobody_is_forgotten() {
    for program in PROGRAMS {
        for writers_first in [false, true] {
            holds("rwlock", lock(writers_first, program, Mutation::None));
        }
    }
}

#[test]
fn planted_errors_are_found() {
    use Mutation::*;
    for mutation in [OneGroupOnly, ForgetsWriters, GivesUpSilently, NoWake, NoExclusion] {
        let found = PROGRAMS.iter().any(|program| {
            [false, true].iter().any(|&first| explore(lock(first, program, mutation)).is_err())
        });
        assert!(found, "{mutation:?} was not found");
    }
}
