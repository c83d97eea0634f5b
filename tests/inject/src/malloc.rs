//! Forced restarts at each step of malloc's sequences.

use core::sync::atomic::Ordering::Relaxed;

use tidal_malloc as malloc;
use tidal_rt::rseq::sections::inject::{RESTARTS, STEP};

use crate::ensure;

/// Injection points of the longest sequence.
const STEPS: u32 = 4;
const SIZES: [usize; 4] = [24, 1000, 5000, 200_000];
const LIVE: usize = 150;

/// The fast paths alone: one restart each, and the block that was freed last comes back.
fn fast_paths() {
    for size in SIZES {
        // SAFETY: live, and freed once.
        unsafe { malloc::release(malloc::allocate(size)) };
        for step in 1..=STEPS {
            let before = RESTARTS.load(Relaxed);
            STEP.store(step, Relaxed);
            let block = malloc::allocate(size);
            ensure(!block.is_null(), "no block after a restart");
            ensure(RESTARTS.load(Relaxed) == before + 1, "malloc's sequence was not restarted");
            STEP.store(step, Relaxed);
            // SAFETY: live, and freed once.
            unsafe { malloc::release(block) };
            ensure(RESTARTS.load(Relaxed) == before + 2, "free's sequence was not restarted");
            let again = malloc::allocate(size);
            ensure(again == block, "a restarted free did not take effect once");
            // SAFETY: as above.
            unsafe { malloc::release(again) };
        }
    }
}

/// The sequences of the slow paths, as lists fill and run empty, with a restart wherever the next sequence has that step.
fn slow_paths() {
    let mut live = [core::ptr::null_mut(); LIVE];
    for round in 0..2000_usize {
        let size = SIZES[round % 3];
        for (n, slot) in live.iter_mut().enumerate() {
            STEP.store(((round + n) % (STEPS as usize + 1)) as u32, Relaxed);
            *slot = malloc::allocate(size);
            ensure(!slot.is_null(), "no block in the middle of restarts");
        }
        for (n, &block) in live.iter().enumerate() {
            STEP.store(((round / 5 + n) % (STEPS as usize + 1)) as u32, Relaxed);
            // SAFETY: live, and freed once.
            unsafe { malloc::release(block) };
        }
    }
    STEP.store(0, Relaxed);
    ensure(malloc::check(), "the heap was not walked");
    ensure(malloc::stats().live == 0, "restarts lost blocks");
}

pub fn run() {
    fast_paths();
    slow_paths();
}
