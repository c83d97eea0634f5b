//! The process-shared condition's groups: as many waits end as there were signals, none of them for a later waiter.

use crate::explore::{Model, explore, holds};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mutation {
    None,
    /// A signal does not change the event count.
    NoEvent,
    /// The wake comes after the lock is released, when the group may be another.
    LateWake,
    /// Signals go to whoever is there, later waiters too.
    NoGroups,
    /// Who leaves is still counted.
    LeavesCounted,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    Join,
    Sleep,
    Asleep,
    /// Awake; `true`: its time is up.
    Look(bool),
    // who signals
    Signal,
    Broadcast,
    Wake(usize, bool),
    Done,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Thread {
    at: At,
    group: usize,
    seen: u8,
    impatient: bool,
    rounds: u8,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Cond {
    mutation: Mutation,
    open: usize,
    joined: u8,
    remaining: u8,
    tokens: u8,
    events: [u8; 2],
    /// A signal has been given: late waiters may come.
    given: bool,
    threads: Vec<Thread>,
}

impl Cond {
    fn at(&self, t: usize, at: At) -> Cond {
        let mut next = self.clone();
        next.threads[t].at = at;
        next
    }

    fn close(&mut self) -> bool {
        if self.joined == 0 {
            return false;
        }
        self.open += 1;
        self.remaining = self.joined;
        self.tokens = 0;
        self.joined = 0;
        true
    }

    fn give(&mut self, count: u8) {
        self.remaining -= count;
        self.tokens += count;
        if self.mutation != Mutation::NoEvent {
            self.events[(self.open - 1) & 1] += 1;
        }
    }

    /// Wakes sleepers on an event word, one (any) or all.
    fn wake(&self, t: usize, parity: usize, all: bool, next: &mut Vec<Cond>, then: At) {
        let sleepers: Vec<usize> = (0..self.threads.len())
            .filter(|&o| self.threads[o].at == At::Asleep && self.threads[o].group & 1 == parity)
            .collect();
        if sleepers.is_empty() || all {
            let mut s = self.at(t, then);
            sleepers.iter().for_each(|&o| s.threads[o].at = At::Look(false));
            return next.push(s);
        }
        for &o in &sleepers {
            let mut s = self.at(t, then);
            s.threads[o].at = At::Look(false);
            next.push(s);
        }
    }

    fn after_signal(&self, t: usize) -> At {
        if self.threads[t].rounds > 0 { self.threads[t].at } else { At::Done }
    }
}

impl Model for Cond {
    fn threads(&self) -> usize {
        self.threads.len()
    }

    fn is_done(&self, t: usize) -> bool {
        self.threads[t].at == At::Done
    }

    fn steps(&self, t: usize, next: &mut Vec<Self>) {
        let thread = &self.threads[t];
        let mut s = self.clone();
        match thread.at {
            At::Done => return,
            At::Join if !self.given => return,
            At::Join => {
                s.threads[t].group = self.open;
                s.threads[t].seen = self.events[self.open & 1];
                s.joined += 1;
                s.threads[t].at = At::Sleep;
            }
            At::Sleep => {
                let unchanged = self.events[thread.group & 1] == thread.seen;
                s.threads[t].at = if unchanged { At::Asleep } else { At::Look(false) };
            }
            At::Asleep => {
                if thread.impatient {
                    let mut over = self.at(t, At::Look(true));
                    over.threads[t].impatient = false;
                    next.push(over);
                }
                return;
            }
            At::Look(over) => {
                // One locked section.
                s.threads[t].seen = self.events[thread.group & 1];
                let closed = self.open == thread.group + 1;
                let any = self.mutation == Mutation::NoGroups && self.tokens > 0;
                if self.open > thread.group + 1 && self.mutation != Mutation::NoGroups {
                    s.threads[t].at = At::Done;
                } else if (closed && self.tokens > 0) || any {
                    s.tokens -= 1;
                    s.threads[t].at = At::Done;
                } else if over {
                    if self.mutation == Mutation::LeavesCounted {
                    } else if closed {
                        s.remaining -= 1;
                    } else {
                        s.joined -= 1;
                    }
                    s.threads[t].at = At::Done;
                } else {
                    s.threads[t].at = At::Sleep;
                }
            }
            At::Signal => {
                s.given = true;
                s.threads[t].rounds -= 1;
                let then = s.after_signal(t);
                if s.remaining > 0 || s.close() {
                    s.give(1);
                    let parity = (s.open - 1) & 1;
                    if self.mutation == Mutation::LateWake {
                        s.threads[t].at = At::Wake(parity, false);
                    } else {
                        return s.wake(t, parity, false, next, then);
                    }
                } else {
                    s.threads[t].at = then;
                }
            }
            At::Broadcast => {
                s.given = true;
                s.threads[t].rounds -= 1;
                for _ in 0..2 {
                    if s.remaining > 0 {
                        let remaining = s.remaining;
                        s.give(remaining);
                        let parity = (s.open - 1) & 1;
                        let mut woken = Vec::new();
                        s.wake(t, parity, true, &mut woken, At::Broadcast);
                        s = woken.remove(0);
                    }
                    s.close();
                }
                if s.remaining > 0 {
                    let remaining = s.remaining;
                    s.give(remaining);
                    let parity = (s.open - 1) & 1;
                    let mut woken = Vec::new();
                    s.wake(t, parity, true, &mut woken, At::Broadcast);
                    s = woken.remove(0);
                }
                s.threads[t].at = s.after_signal(t);
            }
            At::Wake(parity, all) => {
                let mut signaller = self.clone();
                signaller.threads[t].at = At::Signal;
                let then = signaller.after_signal(t);
                return self.wake(t, parity, all, next, then);
            }
        }
        next.push(s);
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn check_end(&self) -> Result<(), String> {
        if self.joined + self.remaining != 0 {
            Err("somebody who is gone is still counted".into())
        } else {
            Ok(())
        }
    }
}

fn waiter(impatient: bool) -> Thread {
    Thread { at: At::Join, group: 0, seen: 0, impatient, rounds: 0 }
}

fn signaller(at: At, rounds: u8) -> Thread {
    Thread { at, rounds, ..waiter(false) }
}

/// Waiters that have joined already come first; `late` ones join while the signals are given.
fn cond(early: &[bool], late: usize, signallers: &[(At, u8)], mutation: Mutation) -> Cond {
    let mut threads: Vec<Thread> =
        early.iter().map(|&impatient| Thread { at: At::Sleep, ..waiter(impatient) }).collect();
    // A late one must always be able to end: it is impatient.
    threads.extend((0..late).map(|_| waiter(true)));
    threads.extend(signallers.iter().map(|&(at, rounds)| signaller(at, rounds)));
    Cond {
        mutation,
        open: 0,
        joined: early.len() as u8,
        remaining: 0,
        tokens: 0,
        events: [0; 2],
        given: false,
        threads,
    }
}

type Program = (&'static [bool], usize, &'static [(At, u8)]);

/// In each, there are signals enough for the early ones that do not leave by themselves.
const PROGRAMS: [Program; 5] = [
    (&[false, false], 1, &[(At::Signal, 2)]),
    (&[false, false], 1, &[(At::Signal, 1), (At::Signal, 1)]),
    (&[false, true, false], 1, &[(At::Broadcast, 1)]),
    (&[false], 2, &[(At::Signal, 2), (At::Signal, 1)]),
    (&[true, false], 1, &[(At::Signal, 1), (At::Broadcast, 1)]),
];

#[test]
fn early_waiters_are_served() {
    for (early, late, signallers) in PROGRAMS {
        holds("cond groups", cond(early, late, signallers, Mutation::None));
    }
}

#[test]
fn planted_errors_are_found() {
    use Mutation::*;
    for mutation in [NoEvent, LateWake, NoGroups, LeavesCounted] {
        let found = PROGRAMS
            .iter()
            .any(|&(early, late, signallers)| explore(cond(early, late, signallers, mutation)).is_err());
        assert!(found, "{mutation:?} was not found");
    }
}
