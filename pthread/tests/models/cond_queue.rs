//! The private condition's queue: a signal reaches who waited, a broadcast everybody, and nobody touches a condition that its
//! broadcaster has destroyed.

use crate::explore::{Model, explore, holds};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Mutation {
    None,
    /// The signaller does not wait for leaving waiters that it met.
    IgnoresLeaving,
    /// A waiter whose time is up leaves without a word, chosen or not.
    LeavesChosen,
    /// The released one does not release the next of its chain.
    BreaksChain,
    /// A leaving waiter counts as the one that was signalled.
    ChoosesLeaving,
    /// Who destroys the condition does not wait for those that a vfork child has sent away.
    DestroysUnderLeaving,
    /// A waiter that a vfork child has sent away waits to be released.
    AwaitsReleaseSentAway,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum State {
    Waiting,
    Leaving,
    Chosen,
    Released,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    // waiters: with the mutex, then in the wait
    Lock,
    Append,
    Unlock,
    Check,
    TimeUp,
    LockQueue,
    Tell,
    AwaitRelease,
    Retake,
    PassOn,
    // who signals
    Choose,
    AwaitLeaving(u8),
    ReleaseFirst(Option<usize>),
    // a vfork child that signals, then its parent, which destroys
    SendAway,
    DestroyLocked,
    AwaitGone,
    Destroy,
    Done,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Thread {
    at: At,
    state: State,
    chain: Option<usize>,
    /// The signaller that unlinked it.
    told: Option<usize>,
    impatient: bool,
    /// A signaller chooses this many.
    most: usize,
    destroys: bool,
    timed_out: bool,
    leaving: u8,
    /// Who was told that it was signalled.
    signalled: bool,
    /// A vfork child has signalled it.
    sent_away: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Cond {
    mutation: Mutation,
    holder: Option<usize>,
    queue: Vec<usize>,
    destroyed: bool,
    touched_after: bool,
    signals_due: usize,
    threads: Vec<Thread>,
}

impl Cond {
    fn at(&self, t: usize, at: At) -> Cond {
        let mut next = self.clone();
        next.threads[t].at = at;
        next
    }

    /// Where a waiter goes that finds itself signalled.
    fn end_of_signalled(&self, t: usize) -> At {
        let departs = self.threads[t].state == State::Leaving;
        if departs && self.mutation != Mutation::AwaitsReleaseSentAway {
            At::LockQueue
        } else {
            At::AwaitRelease
        }
    }

    fn touch(&mut self) {
        self.touched_after |= self.destroyed;
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
            At::Lock if self.holder.is_some() => return,
            At::Lock => {
                s.holder = Some(t);
                s.threads[t].at = At::Append;
            }
            At::Append => {
                s.touch();
                s.queue.push(t);
                s.threads[t].at = At::Unlock;
            }
            At::Unlock => {
                s.holder = None;
                s.threads[t].at = At::Check;
            }
            At::Check => {
                let waiting = thread.state == State::Waiting;
                if waiting && thread.impatient {
                    next.push(self.at(t, At::TimeUp));
                }
                if waiting {
                    return;
                }
                s.threads[t].at = self.end_of_signalled(t);
            }
            At::TimeUp => {
                s.threads[t].impatient = false;
                if thread.state == State::Leaving {
                    s.threads[t].at = self.end_of_signalled(t);
                } else if thread.state == State::Waiting {
                    s.threads[t].state = State::Leaving;
                    s.threads[t].at = At::LockQueue;
                } else if self.mutation == Mutation::LeavesChosen {
                    s.threads[t].timed_out = true;
                    s.threads[t].at = At::Retake;
                } else {
                    s.threads[t].at = At::AwaitRelease;
                }
            }
            At::LockQueue => {
                s.touch();
                if thread.told.is_none() {
                    s.queue.retain(|&o| o != t);
                }
                s.threads[t].at = At::Tell;
            }
            At::Tell => {
                if let Some(signaller) = thread.told {
                    s.threads[signaller].leaving -= 1;
                }
                s.threads[t].timed_out = !thread.sent_away;
                s.threads[t].signalled = thread.sent_away;
                s.threads[t].at = At::Retake;
            }
            At::AwaitRelease if thread.state != State::Released => return,
            At::AwaitRelease => {
                s.threads[t].signalled = true;
                s.threads[t].at = At::Retake;
            }
            At::Retake if self.holder.is_some() => return,
            At::Retake => {
                s.holder = Some(t);
                s.threads[t].at = At::PassOn;
            }
            At::PassOn => {
                if let Some(chained) = thread.chain
                    && self.mutation != Mutation::BreaksChain
                {
                    s.threads[chained].state = State::Released;
                }
                s.holder = None;
                s.threads[t].at = At::Done;
            }
            At::Choose => {
                // One locked section.
                s.touch();
                s.signals_due += thread.most.min(self.queue.len());
                let (mut first, mut last, mut chosen) = (None, None::<usize>, 0);
                while chosen < thread.most && !s.queue.is_empty() {
                    let o = s.queue.remove(0);
                    let leaving = s.threads[o].state == State::Leaving;
                    if leaving {
                        s.threads[o].told = Some(t);
                        s.threads[t].leaving += 1;
                        s.signals_due =
                            s.signals_due.saturating_sub(usize::from(thread.most > s.queue.len() + chosen));
                        if self.mutation == Mutation::ChoosesLeaving {
                            chosen += 1;
                        }
                        continue;
                    }
                    s.threads[o].state = State::Chosen;
                    match last {
                        None => first = Some(o),
                        Some(last) => s.threads[last].chain = Some(o),
                    }
                    last = Some(o);
                    chosen += 1;
                }
                let leaving = s.threads[t].leaving;
                s.threads[t].at = if self.mutation == Mutation::IgnoresLeaving {
                    At::ReleaseFirst(first)
                } else {
                    At::AwaitLeaving(leaving)
                };
                s.threads[t].chain = first;
            }
            At::AwaitLeaving(_) if thread.leaving > 0 => return,
            At::AwaitLeaving(_) => s.threads[t].at = At::ReleaseFirst(thread.chain),
            At::ReleaseFirst(first) => {
                if let Some(first) = first {
                    s.threads[first].state = State::Released;
                }
                s.threads[t].at = if thread.destroys { At::Destroy } else { At::Done };
            }
            At::SendAway => {
                s.touch();
                let waiting = self.queue.iter().filter(|&&o| self.threads[o].state == State::Waiting);
                for &o in waiting.take(thread.most) {
                    s.threads[o].state = State::Leaving;
                    s.threads[o].sent_away = true;
                }
                s.threads[t].at = if thread.destroys { At::DestroyLocked } else { At::Done };
            }
            At::DestroyLocked => {
                s.touch();
                if self.queue.iter().any(|&o| self.threads[o].state == State::Waiting) {
                    // EBUSY
                    s.threads[t].at = At::Done;
                } else {
                    for o in std::mem::take(&mut s.queue) {
                        s.threads[o].told = Some(t);
                        s.threads[t].leaving += 1;
                    }
                    let waits = self.mutation != Mutation::DestroysUnderLeaving;
                    s.threads[t].at = if waits { At::AwaitGone } else { At::Destroy };
                }
            }
            At::AwaitGone if thread.leaving > 0 => return,
            At::AwaitGone => s.threads[t].at = At::Destroy,
            At::Destroy => {
                s.destroyed = true;
                s.threads[t].at = At::Done;
            }
        }
        next.push(s);
    }

    fn check(&self) -> Result<(), String> {
        if self.touched_after { Err("a destroyed condition was touched".into()) } else { Ok(()) }
    }

    fn check_end(&self) -> Result<(), String> {
        let chosen_but_timed_out =
            self.threads.iter().any(|t| t.timed_out && matches!(t.state, State::Chosen | State::Released));
        if chosen_but_timed_out { Err("a signal was lost with who timed out".into()) } else { Ok(()) }
    }
}

fn waiter(impatient: bool) -> Thread {
    Thread {
        at: At::Lock,
        state: State::Waiting,
        chain: None,
        told: None,
        impatient,
        most: 0,
        destroys: false,
        timed_out: false,
        leaving: 0,
        signalled: false,
        sent_away: false,
    }
}

/// A thread that signals so many; the model starts when the waiters are queued, where one of them must not be missed.
fn signaller(most: usize, destroys: bool) -> Thread {
    Thread { at: At::Choose, most, destroys, ..waiter(false) }
}

/// A vfork child that signals so many, and its parent, which then destroys the condition if it can.
fn vfork_child(most: usize, destroys: bool) -> Thread {
    Thread { at: At::SendAway, most, destroys, ..waiter(false) }
}

fn cond(mut threads: Vec<Thread>, mutation: Mutation) -> Cond {
    let queue: Vec<usize> = (0..threads.len()).filter(|&t| threads[t].most == 0).collect();
    queue.iter().for_each(|&t| threads[t].at = At::Check);
    Cond { mutation, holder: None, queue, destroyed: false, touched_after: false, signals_due: 0, threads }
}

fn programs() -> Vec<Vec<Thread>> {
    vec![
        // A broadcast reaches everybody, then the condition goes.
        vec![waiter(false), waiter(true), waiter(false), signaller(usize::MAX, true)],
        // Two signals for two that stay; the third may leave.
        vec![waiter(false), waiter(true), waiter(false), signaller(1, false), signaller(usize::MAX, false)],
        vec![waiter(true), waiter(false), signaller(1, true)],
        vec![waiter(true), waiter(true), waiter(true), signaller(usize::MAX, true)],
        vec![waiter(false), waiter(true), waiter(false), vfork_child(usize::MAX, true)],
        vec![waiter(false), waiter(true), vfork_child(1, false), signaller(1, false)],
    ]
}

#[test]
fn signals_arrive() {
    // In the third program the signal may go to the impatient one, and the other then waits on: not a deadlock.
    for (n, program) in programs().into_iter().enumerate() {
        if n != 2 {
            holds("cond queue", cond(program, Mutation::None));
        }
    }
}

#[test]
fn a_leaving_waiter_does_not_swallow_a_signal() {
    // The impatient one is first in the queue; if it is leaving, the signal is for the other.
    let program = || {
        let mut impatient = waiter(true);
        impatient.state = State::Leaving;
        let mut model = cond(vec![impatient, waiter(false), signaller(1, true)], Mutation::None);
        model.threads[0].at = At::LockQueue;
        model
    };
    holds("cond queue, leaving", program());
    let mut mutated = program();
    mutated.mutation = Mutation::ChoosesLeaving;
    assert!(explore(mutated).is_err(), "the planted error was not found");
}

#[test]
fn planted_errors_are_found() {
    use Mutation::*;
    for mutation in [IgnoresLeaving, LeavesChosen, BreaksChain, DestroysUnderLeaving, AwaitsReleaseSentAway] {
        let found = programs()
            .into_iter()
            .enumerate()
            .any(|(n, program)| n != 2 && explore(cond(program, mutation)).is_err());
        assert!(found, "{mutation:?} was not found");
    }
}
