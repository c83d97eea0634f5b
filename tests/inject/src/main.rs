//! Forces a restart at each step of malloc's sequences, and of the lock and unlock sequences, first alone, then while
//! another thread revokes.
//! Exit status 0 if each restart happened and nothing came of it. Its argument is how long malloc is at it in company, in
//! walks of the heap.
#![no_std]
#![no_main]

mod malloc;

use core::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_crt::entry::Args;
use tidal_pthread::mutex::{biased::BiasedLock, policy};
use tidal_pthread::spawn::spawn;
use tidal_rt::rseq::sections::inject::{RESTARTS, STEP};
use tidal_rt::{identity, membarrier, message, rseq};

tidal_crt::entry!(main);

/// How many injection points a sequence has.
const STEPS: u32 = 2;
const ROUNDS: u64 = 50_000;

static LOCK: BiasedLock = BiasedLock::new();
static COUNT: AtomicU64 = AtomicU64::new(0);
static OTHERS: AtomicU64 = AtomicU64::new(0);
static STOP: AtomicBool = AtomicBool::new(false);

fn ensure(holds: bool, what: &str) {
    if !holds {
        message::fatal(what);
    }
}

/// A counter that only mutual exclusion keeps right.
fn count() {
    COUNT.store(COUNT.load(Relaxed) + 1, Relaxed);
}

/// Each step of both sequences restarts once, and the sequence then takes effect once.
fn alone() {
    for step in 1..=STEPS {
        let before = RESTARTS.load(Relaxed);
        STEP.store(step, Relaxed);
        ensure(LOCK.lock_if_biased(), "the lock sequence did not recover from a restart");
        ensure(RESTARTS.load(Relaxed) == before + 1, "the lock sequence was not restarted");
        ensure(LOCK.owner() == identity::lock_id(), "a restarted lock did not store its owner");
        ensure(!LOCK.lock_if_biased(), "a held lock was taken again");
        STEP.store(step, Relaxed);
        ensure(LOCK.unlock_if_biased(), "the unlock sequence did not recover from a restart");
        ensure(RESTARTS.load(Relaxed) == before + 2, "the unlock sequence was not restarted");
        ensure(LOCK.owner() == 0, "a restarted unlock did not release");
        ensure(!LOCK.unlock_if_biased(), "a free lock was released");
    }
}

/// Restarts at every step while a second thread takes the lock now and then, and the bias comes and goes.
fn with_company() {
    let other = spawn(|| {
        while !STOP.load(Acquire) {
            LOCK.lock();
            count();
            OTHERS.fetch_add(1, Relaxed);
            // SAFETY: locked above.
            unsafe { LOCK.unlock() };
            for _ in 0..200_000 {
                core::hint::spin_loop();
            }
        }
    });
    for round in 0..ROUNDS {
        STEP.store((round % u64::from(STEPS + 1)) as u32, Relaxed);
        LOCK.lock();
        count();
        STEP.store((round / 3 % u64::from(STEPS + 1)) as u32, Relaxed);
        // SAFETY: locked above.
        unsafe { LOCK.unlock() };
    }
    STOP.store(true, Release);
    ensure(other.and_then(|t| t.join()).is_ok(), "no second thread");
    ensure(COUNT.load(Relaxed) == ROUNDS + OTHERS.load(Relaxed), "two threads held the lock");
}

fn main(mut args: Args) -> i32 {
    if rseq::gate_open() {
        let walks = args.nth(1).and_then(|a| a.to_str().ok()?.parse().ok()).unwrap_or(20);
        malloc::run();
        malloc::with_company(walks);
        malloc::by_cpu(walks);
    }
    for _ in 0..=policy::STREAK {
        LOCK.lock();
        // SAFETY: locked above.
        unsafe { LOCK.unlock() };
    }
    // Without a bias there is no sequence to restart.
    if rseq::gate_open() && membarrier::rseq_available() {
        ensure(LOCK.lock_if_biased(), "a bias was not earned");
        // SAFETY: locked just now.
        unsafe { LOCK.unlock() };
        alone();
    }
    with_company();
    0
}
