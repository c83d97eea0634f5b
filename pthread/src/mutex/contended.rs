//! The slow ways to a private mutex: ending a bias, waiting for a holder.
//!
//! One decision at a time, as [`super::word`] takes it, until the lock is held or the deadline is past. A thread that
//! finds it held looks for a while ([`super::spin`]), then says `WAITERS` and sleeps on the lock half. A release that finds
//! `WAITERS` clears it and wakes one; the woken thread takes the lock with `WAITERS` set again, because others may sleep
//! still. Nobody is handed the lock: a thread that is running takes it before one that must first be woken, which
//! is what keeps throughput; what bounds the waiting is said in [`super::spin`].

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use linux_raw_sys::general::{CLOCK_MONOTONIC, CLOCK_REALTIME};
use tidal_rt::futex::{self, Clock, Scope};
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, identity, membarrier, message, syscall, vdso};

use super::biased::{BiasedLock, Deadline, Taken};
use super::spin;
use super::word::{Acquire as Decision, FREE, REVOKING, UNBIASED, WAITERS, Word};

static TICKETS: AtomicU32 = AtomicU32::new(0);

/// A number for the next mark. Two marks share one only 2^31 revocations apart.
fn ticket() -> u32 {
    TICKETS.fetch_add(1, Relaxed) & (REVOKING - 1)
}

impl BiasedLock {
    #[cold]
    #[inline(never)]
    pub(super) fn try_lock_odd(&self, me: u32) -> Result<Taken, Errno> {
        let mut covered = None;
        loop {
            let word = self.load();
            let owner = word.owner();
            if owner != FREE && owner != me {
                // Held at this moment, whatever becomes of the bias.
                return Err(Errno::EBUSY);
            }
            match self.step(word, me, false, &mut covered) {
                Step::Taken => return Ok(Taken::Fresh),
                Step::Mine => return Ok(Taken::Already),
                Step::Again => {}
                Step::Busy => return Err(Errno::EBUSY),
            }
        }
    }

    /// Waits for a lock that the caller itself holds, as a normal mutex wants: until another thread releases it.
    ///
    /// # Errors
    /// As [`Self::lock_slow`].
    #[cold]
    pub fn lock_again(&self, deadline: Deadline) -> Result<Taken, Errno> {
        self.lock_contended_or(identity::lock_id(), deadline, true)
    }

    #[cold]
    #[inline(never)]
    pub(super) fn lock_contended(&self, me: u32, deadline: Deadline) -> Result<Taken, Errno> {
        self.lock_contended_or(me, deadline, false)
    }

    #[inline]
    fn lock_contended_or(&self, me: u32, deadline: Deadline, wait_for_self: bool) -> Result<Taken, Errno> {
        let mut covered = None;
        let mut waited = false;
        let mut spun = false;
        loop {
            let mut word = self.load();
            let mut step = self.step(word, me, waited, &mut covered);
            if wait_for_self && matches!(step, Step::Mine) {
                // Nobody has id 0: to this stranger the lock is busy, and a bias is in the way.
                step = self.step(word, 0, waited, &mut covered);
            }
            match step {
                Step::Taken => return Ok(Taken::Fresh),
                Step::Mine => return Ok(Taken::Already),
                Step::Again => continue,
                Step::Busy => {}
            }
            if identity::is_vfork_child() {
                // It may be killed at any moment, and must not take a wake with it that was for somebody else.
                nap(deadline)?;
                continue;
            }
            if !spun && word.lock() & WAITERS == 0 {
                spun = true;
                let take = |word| matches!(self.step(word, me, waited, &mut covered), Step::Taken);
                if spin::look_for_a_while(self, take) {
                    return Ok(Taken::Fresh);
                }
                continue;
            }
            if word.lock() & WAITERS == 0 {
                if !self.swap_if(word, word.with_waiters()) {
                    continue;
                }
                word = word.with_waiters();
            }
            match spin::asleep(|| futex::wait_until(self.futex(), word.lock(), Scope::Private, deadline)) {
                Err(e @ (Errno::ETIMEDOUT | Errno::EINVAL)) => return Err(e),
                _ => waited = true,
            }
            spun = false;
        }
    }

    /// One decision about `word`. `covered` is the mark that a barrier of ours has covered.
    #[inline(always)]
    pub(super) fn step(&self, word: Word, me: u32, waited: bool, covered: &mut Option<u32>) -> Step {
        match word.acquire(me, waited) {
            Decision::Take(new) => {
                if self.swap_if(word, new) {
                    if new.bias() == UNBIASED {
                        self.last.store(me, Relaxed);
                        self.restart_streak();
                    }
                    return Step::Taken;
                }
                Step::Again
            }
            Decision::Mine => Step::Mine,
            Decision::Mark => {
                self.swap_if(word, word.marked(ticket()));
                Step::Again
            }
            Decision::Complete => {
                if *covered != Some(word.bias()) {
                    if !membarrier::restart_sequences() {
                        message::fatal("a biased mutex cannot be taken over: membarrier(2) is refused");
                    }
                    *covered = Some(word.bias());
                    // The lock half may be another by now.
                    return Step::Again;
                }
                self.swap_if(word, word.unbiased());
                Step::Again
            }
            Decision::Busy => Step::Busy,
        }
    }
}

/// What came of one decision.
pub(super) enum Step {
    Taken,
    Mine,
    Again,
    Busy,
}

/// Sleeps for a moment, by itself.
///
/// # Errors
/// `ETIMEDOUT` once the deadline is past, `EINVAL` if it is none.
#[cold]
pub(crate) fn nap(deadline: Deadline) -> Result<(), Errno> {
    if let Some((clock, time)) = deadline {
        if !time.is_valid() {
            return Err(Errno::EINVAL);
        }
        let number = match clock {
            Clock::Realtime => CLOCK_REALTIME,
            Clock::Monotonic => CLOCK_MONOTONIC,
        };
        if vdso::clock_gettime(number as i32)? >= *time {
            return Err(Errno::ETIMEDOUT);
        }
    }
    let moment = Timespec { tv_sec: 0, tv_nsec: 200_000 };
    // SAFETY: the time is live.
    let _ = unsafe { syscall!(__NR_nanosleep, ptr::from_ref(&moment), ptr::null_mut::<Timespec>()) };
    Ok(())
}
