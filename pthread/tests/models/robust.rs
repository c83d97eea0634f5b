//! The robust mutex's word under SIGKILL: tasks that take and release it, die at any step, and leave nobody asleep for ever.
//!
//! The kernel's part is modelled too: a killed sleeper stays in the queue, where a wake can still pick it, until it runs for
//! the last time; at its death the kernel looks at the word of its pending operation (`kernel/futex/core.c`,
//! `handle_futex_death`).

use tidal_pthread::mutex::tid_state::{self, OWNER_DIED, TID, WAITERS, Wake};

use crate::explore::{Model, explore, fails, holds};

/// Errors that can be planted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mutation {
    None,
    /// A release clears the word and wakes one.
    ClearsWaiters,
    /// Out of patience, a release clears the word and wakes one.
    WakesOneAtLast,
    /// Out of patience, a release clears the word and wakes everybody in two steps.
    WakesAllInTwoSteps,
    /// Who takes a free word drops `WAITERS`.
    TakesBare,
    /// A sleeper does not set `WAITERS`.
    SleepsUnannounced,
    /// The kernel does not pass on what a dead sleeper was woken for.
    KernelDropsWake,
    /// The kernel marks the word of a dead owner and wakes nobody.
    KernelOnlyMarks,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    Start,
    Try,
    Mark(u32),
    Sleep(u32),
    Asleep,
    /// Killed in its sleep, and still in the queue.
    Doomed,
    /// Killed, out of the queue, not yet gone.
    Dying,
    Held,
    Release,
    Wake {
        all: bool,
    },
    Done,
    Dead,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Task {
    at: At,
    rounds: u8,
    mortal: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Robust {
    mutation: Mutation,
    word: u32,
    patience: u32,
    /// What a sleeper leaves.
    full: u32,
    tasks: Vec<Task>,
}

fn robust(rounds: &[u8], mortals: usize, full: u32, mutation: Mutation) -> Robust {
    let task = |(i, &rounds): (usize, &u8)| Task { at: At::Start, rounds, mortal: i < mortals };
    Robust { mutation, word: 0, patience: 0, full, tasks: rounds.iter().enumerate().map(task).collect() }
}

impl Robust {
    fn at(&self, t: usize, at: At) -> Robust {
        let mut next = self.clone();
        next.tasks[t].at = at;
        next
    }

    /// Every outcome of waking one sleeper (any: the kernel's order is not relied on) or all.
    fn woken(mut self, all: bool, next: &mut Vec<Self>) {
        let sleeping: Vec<_> =
            (0..self.tasks.len()).filter(|&o| matches!(self.tasks[o].at, At::Asleep | At::Doomed)).collect();
        let wake = |task: &mut Task| task.at = if task.at == At::Doomed { At::Dying } else { At::Try };
        if all || sleeping.is_empty() {
            sleeping.iter().for_each(|&s| wake(&mut self.tasks[s]));
            return next.push(self);
        }
        for &sleeper in &sleeping {
            let mut one = self.clone();
            wake(&mut one.tasks[sleeper]);
            next.push(one);
        }
    }

    /// The task's death. An operation on the word was pending in every state that dies.
    fn die(&self, t: usize, next: &mut Vec<Self>) {
        let mut s = self.at(t, At::Dead);
        let wakes = if s.word & TID == t as u32 + 1 {
            s.word = s.word & WAITERS | OWNER_DIED;
            s.word & WAITERS != 0 && self.mutation != Mutation::KernelOnlyMarks
        } else {
            s.word & TID == 0 && self.mutation != Mutation::KernelDropsWake
        };
        if wakes { s.woken(false, next) } else { next.push(s) }
    }

    /// A step of the task's own code.
    fn step(&self, t: usize, next: &mut Vec<Self>) {
        let me = t as u32 + 1;
        let mut s = self.clone();
        s.tasks[t].at = match self.tasks[t].at {
            At::Start if self.tasks[t].rounds == 0 => At::Done,
            At::Start => {
                s.tasks[t].rounds -= 1;
                At::Try
            }
            At::Try => match tid_state::taken(self.word, me) {
                Some(word) => {
                    s.word = if self.mutation == Mutation::TakesBare { word & !WAITERS } else { word };
                    At::Held
                }
                None if self.mutation == Mutation::SleepsUnannounced => At::Sleep(self.word),
                None => At::Mark(self.word),
            },
            At::Mark(seen) if self.word == seen => {
                s.word |= WAITERS;
                s.patience = self.full;
                At::Sleep(s.word)
            }
            At::Sleep(expected) if self.word == expected => At::Asleep,
            At::Mark(_) | At::Sleep(_) => At::Try,
            At::Held => At::Release,
            At::Release if self.word & WAITERS == 0 => {
                s.word = 0;
                At::Start
            }
            At::Release => {
                let release = tid_state::release(self.patience);
                s.patience = release.patience;
                s.word = if self.mutation == Mutation::ClearsWaiters { 0 } else { release.word };
                match (release.wake, self.mutation) {
                    (Wake::One, _) | (Wake::All, Mutation::ClearsWaiters | Mutation::WakesOneAtLast) => {
                        At::Wake { all: false }
                    }
                    (Wake::All, Mutation::WakesAllInTwoSteps) => At::Wake { all: true },
                    // FUTEX_WAKE_OP.
                    (Wake::All, _) => {
                        s.tasks[t].at = At::Start;
                        return s.woken(true, next);
                    }
                }
            }
            At::Wake { all } => {
                s.tasks[t].at = At::Start;
                return s.woken(all, next);
            }
            At::Asleep | At::Doomed | At::Dying | At::Done | At::Dead => return,
        };
        next.push(s);
    }
}

impl Model for Robust {
    fn threads(&self) -> usize {
        self.tasks.len()
    }

    fn is_done(&self, t: usize) -> bool {
        matches!(self.tasks[t].at, At::Done | At::Dead)
    }

    fn steps(&self, t: usize, next: &mut Vec<Self>) {
        match self.tasks[t].at {
            At::Doomed | At::Dying => return self.die(t, next),
            At::Start | At::Done | At::Dead => {}
            At::Asleep if self.tasks[t].mortal => next.push(self.at(t, At::Doomed)),
            _ if self.tasks[t].mortal => next.push(self.at(t, At::Dying)),
            _ => {}
        }
        self.step(t, next);
    }

    fn check(&self) -> Result<(), String> {
        let holds = |t: &usize| matches!(self.tasks[*t].at, At::Held | At::Release);
        match (0..self.tasks.len()).filter(holds).count() {
            0 | 1 => Ok(()),
            _ => Err("two tasks hold it".into()),
        }
    }

    fn check_end(&self) -> Result<(), String> {
        if self.word & TID == 0 { Ok(()) } else { Err("everybody is gone, and the word has an owner".into()) }
    }
}

#[test]
fn nobody_sleeps_for_ever() {
    for full in 0..3 {
        holds("robust, one mortal", robust(&[2, 2, 2], 1, full, Mutation::None));
        holds("robust, two mortals", robust(&[2, 2, 1], 2, full, Mutation::None));
        holds("robust, four tasks", robust(&[1, 1, 2, 1], 1, full, Mutation::None));
    }
}

#[test]
fn planted_errors_are_found() {
    use Mutation::*;
    for mutation in [ClearsWaiters, TakesBare, SleepsUnannounced, KernelDropsWake, KernelOnlyMarks] {
        fails(&format!("{mutation:?}"), robust(&[2, 2, 2], 1, 2, mutation));
    }
    fails("WakesOneAtLast", robust(&[1, 1, 2, 1], 1, 0, WakesOneAtLast));
    fails("WakesAllInTwoSteps", robust(&[2, 2, 2], 1, 0, WakesAllInTwoSteps));
}

/// The death of a sleeper is what it takes: without one, clearing the word is right.
#[test]
fn clearing_the_word_is_right_among_immortals() {
    assert!(explore(robust(&[2, 2, 2], 0, 1, Mutation::KernelDropsWake)).is_ok());
}
