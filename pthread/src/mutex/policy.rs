//! Who gets a bias, and when: a bound on what revocations may cost.
//!
//! A revocation costs a barrier on all CPUs (0.14 µs to 15 µs, mostly 1), an ordinary pair about 18 ns, a biased one 2 ns.
//! So a bias pays after some 80 to a thousand uses by one thread, and a wrong guess costs as much as so many ordinary uses.
//!
//! - **First locker.** A fresh mutex is biased at once if a *token* is left. There are [`TOKENS_MOST`]; a biased mutex
//!   that is destroyed gives its token back, a revocation consumes it. New ones come by time: one per [`INTEREST`]
//!   times the measured cost of a revocation. So however many mutexes are locked once in A and handed to B, revocations
//!   take at most 1/[`INTEREST`] of the time, plus [`TOKENS_MOST`] of them once (0.5 ms at worst).
//! - **Everybody else earns it**: a mutex without a bias gets one when one thread has locked it [`STREAK`] times in a row
//!   without finding it taken. Each time it is lost again, twice as many are needed ([`LEVEL_MOST`] times over).

use core::arch::x86_64::_rdtsc;
use core::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed},
};

use tidal_rt::{membarrier, rseq};

use super::word::OWNER;

/// Tokens at start, and at most. More would only save the first [`STREAK`] uses of further mutexes, 65 µs for each, and
/// cost a process that hands its mutexes on 1 µs for each.
const TOKENS_MOST: u32 = 32;
/// Time between two new tokens, in costs of a revocation.
const INTEREST: u64 = 16;
/// Fresh mutexes without a token for each look at the clock.
const GLANCE: u32 = 16;
/// Uses in a row by one thread that earn a bias.
pub const STREAK: u32 = 4096;
/// How often losing an earned bias doubles the price of the next.
pub const LEVEL_MOST: u32 = 15;

/// The count in a mutex's streak word.
pub const STREAK_COUNT: u32 = (1 << LEVEL_SHIFT) - 1;
/// Where in the streak word the level begins.
pub const LEVEL_SHIFT: u32 = 28;

const _: () = assert!((STREAK as u64) << LEVEL_MOST <= STREAK_COUNT as u64);

static TOKENS: AtomicU32 = AtomicU32::new(TOKENS_MOST);
/// Cycles of a revocation, a moving average; the guess is 15 µs.
static COST: AtomicU64 = AtomicU64::new(40_000);
static ASKED: AtomicU32 = AtomicU32::new(0);
static LAST_TOKEN: AtomicU64 = AtomicU64::new(0);
static TICKETS: AtomicU32 = AtomicU32::new(0);

/// Whether the running task may be given biases at all.
#[inline]
pub fn may_be_biased(me: u32) -> bool {
    rseq::gate_open() && me <= OWNER && membarrier::register_rseq()
}

/// Takes a token for a fresh mutex.
#[inline]
pub fn take_token() -> bool {
    TOKENS.fetch_update(Acquire, Relaxed, |n| n.checked_sub(1)).is_ok() || mint()
}

/// A biased mutex is gone without revocation.
pub fn return_token() {
    let _ = TOKENS.fetch_update(Relaxed, Relaxed, |n| (n < TOKENS_MOST).then_some(n + 1));
}

/// A token if enough time has passed since the last. Looks at the clock, which costs more than the lock, only one time in
/// [`GLANCE`]; a lost count does no harm.
#[cold]
fn mint() -> bool {
    let asked = ASKED.load(Relaxed);
    ASKED.store(asked.wrapping_add(1), Relaxed);
    if !asked.is_multiple_of(GLANCE) {
        return false;
    }
    let (now, last) = (cycles(), LAST_TOKEN.load(Relaxed));
    now.wrapping_sub(last) >= INTEREST * COST.load(Relaxed)
        && LAST_TOKEN.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
}

/// A number for the next mark. Two marks share one only 2^31 revocations apart.
pub fn ticket() -> u32 {
    TICKETS.fetch_add(1, Relaxed) & (super::word::REVOKING - 1)
}

/// Runs a revocation's barrier and learns from it what one costs.
pub fn measured(barrier: impl FnOnce() -> bool) -> bool {
    let begin = cycles();
    let done = barrier();
    let took = cycles().wrapping_sub(begin).min(1 << 22);
    let cost = COST.load(Relaxed);
    COST.store(cost - cost / 8 + took / 8, Relaxed);
    done
}

/// The clock that costs least.
pub fn cycles() -> u64 {
    // SAFETY: every x86-64 has the counter.
    unsafe { _rdtsc() }
}
