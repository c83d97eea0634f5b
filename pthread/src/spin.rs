//! Spin locks, `pthread_spinlock_t`: 0 free, 1 held. No futex: the word may lie in memory shared between processes, and
//! the holder is expected to be quick. Any other value is no lock, or one that was destroyed.

use core::hint;
use core::sync::atomic::{
    AtomicI32,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_rt::Errno;

const FREE: i32 = 0;
const HELD: i32 = 1;
const DESTROYED: i32 = -1;

/// After so many looks the holder has probably been preempted, and on one CPU cannot go on before the spinner stops.
const LOOKS_BEFORE_YIELD: u32 = 1000;

/// Takes the lock, spinning.
///
/// # Errors
/// `EINVAL` for what is no lock.
#[inline]
pub fn lock(word: &AtomicI32) -> Result<(), Errno> {
    loop {
        match try_lock(word) {
            Err(Errno::EBUSY) => {}
            result => return result,
        }
        let mut looks = 0;
        while word.load(Relaxed) == HELD {
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
///
/// # Errors
/// `EBUSY`; `EINVAL` for what is no lock.
#[inline]
pub fn try_lock(word: &AtomicI32) -> Result<(), Errno> {
    match word.compare_exchange(FREE, HELD, Acquire, Relaxed) {
        Ok(_) => Ok(()),
        Err(HELD) => Err(Errno::EBUSY),
        Err(_) => Err(Errno::EINVAL),
    }
}

/// Releases the lock.
#[inline]
pub fn unlock(word: &AtomicI32) {
    word.store(FREE, Release);
}

/// Ends the lock; taking it afterwards gives `EINVAL`.
///
/// # Errors
/// `EBUSY` if it is held; `EINVAL` for what is no lock.
pub fn destroy(word: &AtomicI32) -> Result<(), Errno> {
    match word.compare_exchange(FREE, DESTROYED, Relaxed, Relaxed) {
        Ok(_) => Ok(()),
        Err(HELD) => Err(Errno::EBUSY),
        Err(_) => Err(Errno::EINVAL),
    }
}
