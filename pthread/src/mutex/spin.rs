//! How a thread looks at a lock that another holds, before it goes to sleep.
//!
//! Two kinds of holder ask for opposite things:
//! - **A long section.** The lock is to be taken the moment it is free, and looking costs the holder nothing: it does not
//!   touch the lock's cache line meanwhile. So look often.
//! - **Short sections, one after the other.** Each look takes the line away from the holder, and a lock that changes hands
//!   every time pays two journeys of the line for each section (8 million a second here, where one thread alone does 50).
//!   So stay away: let the holder go on, and come back later.
//!
//! What tells them apart is the lock's own bookkeeping. `last` and `streak` change with each use; if they have changed
//! between two looks that saw no free lock, its holder is back sooner than one can look. Then the thread stays away, twice
//! as long each time. A thread that was away and finds the lock free takes it, and the others do the same to it: sections run
//! in batches of a few microseconds.
//!
//! Who has looked [`LOOKS`] times, or has stayed away longer than a sleep and a wake take, sleeps; and so does who sees
//! that others sleep, because more spinners would only take the lock from under who was woken.
//!
//! **Turns.** Spinners do not sleep, so with more threads than CPUs the others would wait for whole time slices (40 ms with
//! 16 threads on two CPUs), and the lock cannot tell: they wait for a CPU, not for it. So every [`TURN`] one of the
//! process's contenders lets others have its CPU first. Where nobody wants it that is a system call of half a
//! microsecond; beside another program's busy thread it loses nothing (measured), since who has had no more than its share does
//! not fall behind.
//!
//! **Long runs.** The kernel may put a woken thread on the CPU of the thread that woke it, where it waits for the next tick,
//! up to 4 ms, while the holder goes on without ever finding the lock taken. So who has used a lock 4096 times in a row, and
//! knows of a thread that sleeps or was woken ([`asleep`]), gives it back once and lets others have its CPU
//! ([`BiasedLock::earn_or_give_way`]).

use core::arch::x86_64::_rdtsc;
use core::hint;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use tidal_rt::identity;

use super::biased::BiasedLock;
use super::word::{FREE, WAITERS, Word};
use crate::scheduling;

/// Looks at a lock that does not change, before a sleep: about what that costs (4 µs).
const LOOKS: u32 = 100;
/// Pauses of a thread that stays away: 64 × 14 ns here, the time of 45 short sections or 3 of 320 ns …
const AWAY_LEAST: u32 = 64;
/// … up to 7 µs.
const AWAY_MOST: u32 = 512;
/// Cycles between two turns, about 30 µs. The longest wait grows with it; half as much costs some throughput.
const TURN: u64 = 80_000;

static LAST_TURN: AtomicU64 = AtomicU64::new(0);
/// Threads of the process that have gone to sleep on a mutex and are not back. A hint: after a jump out of a handler
/// somebody is counted who does not sleep, which costs a system call for each long run.
static ASLEEP: AtomicU32 = AtomicU32::new(0);

/// Looks at the lock for a while, and has `take` take it when it is free. Gives whether that succeeded.
#[inline]
pub fn look_for_a_while(lock: &BiasedLock, mut take: impl FnMut(Word) -> bool) -> bool {
    let mut uses = lock.uses();
    // The clock costs some looks, which is a good time to stay away before the first.
    give_way_in_turn();
    let mut away = AWAY_LEAST;
    for _ in 0..LOOKS {
        let mut word = lock.load();
        if word.lock() & WAITERS != 0 {
            return false;
        }
        if lock.uses() != uses {
            if away > AWAY_MOST {
                return false;
            }
            pause(away);
            away *= 2;
            (word, uses) = (lock.load(), lock.uses());
        }
        if word.lock() == FREE && take(word) {
            return true;
        }
        hint::spin_loop();
    }
    false
}

fn pause(times: u32) {
    for _ in 0..times {
        hint::spin_loop();
    }
}

/// The clock that costs least.
fn cycles() -> u64 {
    // SAFETY: every x86-64 has the counter.
    unsafe { _rdtsc() }
}

#[inline]
fn give_way_in_turn() {
    let (now, last) = (cycles(), LAST_TURN.load(Relaxed));
    if now.wrapping_sub(last) > TURN && LAST_TURN.compare_exchange(last, now, Relaxed, Relaxed).is_ok() {
        scheduling::yield_now();
    }
}

/// Counts the caller among the sleepers while `sleep` runs. Not a vfork child, which may be killed there.
#[inline]
pub fn asleep<R>(sleep: impl FnOnce() -> R) -> R {
    if identity::is_vfork_child() {
        return sleep();
    }
    ASLEEP.fetch_add(1, Relaxed);
    let result = sleep();
    // Not below 0: a signal handler that came meanwhile may have forked, and then this is the child.
    let _ = ASLEEP.fetch_update(Relaxed, Relaxed, |sleepers| sleepers.checked_sub(1));
    result
}

/// In a fork child: the others are not there.
pub fn nobody_sleeps() {
    ASLEEP.store(0, Relaxed);
}

/// Whether any thread is among them.
pub fn somebody_sleeps() -> bool {
    ASLEEP.load(Relaxed) != 0
}
