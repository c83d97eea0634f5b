//! Spin locks, `pthread_spinlock_t`: 0 free, 1 held. No futex: the word may lie in memory shared between processes, and
//! the holder is expected to be quick.

use core::hint;
use core::sync::atomic::{
    AtomicI32,
    Ordering::{Acquire, Relaxed, Release},
};

/// After so many looks the holder has probably been preempted, and on one CPU cannot go on before the spinner stops.
const LOOKS_BEFORE_YIELD: u32 = 1000;

/// Takes the lock, spinning.
#[inline]
pub fn lock(word: &AtomicI32) {
    while !try_lock(word) {
        let mut looks = 0;
        while word.load(Relaxed) != 0 {
            looks += 1;
            if looks % LOOKS_BEFORE_YIELD == 0 {
                crate::scheduling::yield_now();
            } else {
                hint::spin_loop();
            }
        }
    }
}

/// Takes the lock if it is free.
#[inline]
pub fn try_lock(word: &AtomicI32) -> bool {
    word.swap(1, Acquire) == 0
}

/// Releases the lock.
#[inline]
pub fn unlock(word: &AtomicI32) {
    word.store(0, Release);
}
