//! What comes of many uses in a row by one thread: a bias, or others' turn.
//!
//! The holder counts ([`BiasedLock::note_use`], and `ordinary_lock_asm`), it alone. How long a streak must be is [`policy`]'s.

use core::sync::atomic::Ordering::Relaxed;

use tidal_rt::identity;

use super::biased::BiasedLock;
use super::{policy, spin};
use crate::scheduling;

impl BiasedLock {
    /// The lock was just taken without a bias, and the streak is at a point where it may earn one.
    #[cold]
    pub fn earn_if_due(&self) {
        self.earn(identity::lock_id(), self.streak.load(Relaxed));
    }

    /// The same for a caller who may wait, and has not entered its critical section: if a thread of the process sleeps on a
    /// lock, or was woken and has not run ([`spin`], "Long runs"), it gives the lock back, lets others have its CPU, and takes
    /// the lock again. So nobody waits for a holder that has given its CPU away. Whoever wants this lock has mostly had a turn
    /// then, and ended the streak. If nobody did, the sleepers are taken to wait for something else and to be in no bias's way;
    /// where the kernel has only gone on with the caller, who was woken for this lock waits for its tick, and ends the bias.
    #[cold]
    pub fn earn_or_give_way(&self) {
        if spin::somebody_sleeps() && !identity::is_vfork_child() {
            self.exchange();
            scheduling::yield_now();
            self.lock();
        }
        self.earn_if_due();
    }

    /// Counts a use of an unbiased lock by its holder.
    #[inline(always)]
    pub(super) fn note_use(&self, me: u32) {
        if self.last.load(Relaxed) != me {
            self.last.store(me, Relaxed);
            return self.restart_streak();
        }
        // A carry into the level, after 2^28 uses that could not earn a bias, does no harm.
        let streak = self.streak.load(Relaxed).wrapping_add(1);
        self.streak.store(streak, Relaxed);
        if streak & (policy::STREAK - 1) == 0 {
            self.earn(me, streak);
        }
    }

    /// What changes with each use of an unbiased lock.
    #[inline(always)]
    pub(super) fn uses(&self) -> (u32, u32) {
        (self.last.load(Relaxed), self.streak.load(Relaxed))
    }

    #[inline(always)]
    pub(super) fn restart_streak(&self) {
        self.streak.store(self.streak.load(Relaxed) & !policy::STREAK_COUNT, Relaxed);
    }

    /// Biases the lock to its holder, if the streak is long enough.
    #[cold]
    #[inline(never)]
    fn earn(&self, me: u32, streak: u32) {
        let level = streak >> policy::LEVEL_SHIFT;
        if streak & policy::STREAK_COUNT < policy::price(level) || !policy::may_be_biased(me) {
            return;
        }
        let word = self.load();
        if let Some(biased) = word.earned()
            && self.swap_if(word, biased)
        {
            self.last.store(0, Relaxed);
            let level = (level + 1).min(policy::LEVEL_MOST);
            self.streak.store(level << policy::LEVEL_SHIFT, Relaxed);
        }
    }
}
