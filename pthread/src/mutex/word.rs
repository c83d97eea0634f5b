//! The word of a private mutex, and every decision that is taken by looking at it.
//!
//! ```text
//!            63            32 31             0
//!   word =  │      bias      │      lock      │      8 bytes, aligned; the futex is the low half
//!
//!   lock =  0                              free
//!           id [| RECURSED] [| WAITERS]    held by the thread of control `id` (its `lock_id`)
//!   bias =  UNBIASED (0)                   an ordinary futex mutex; what a static initialiser gives
//!           id                             `id` takes and releases the lock by restartable sequences
//!           REVOKING | ticket              somebody is ending the bias; the ticket names who marked it
//!           GONE                           destroyed
//! ```
//!
//! A mutex that is free and has no bias is all zero, so the first lock of a new one is an ordinary one.
//!
//! The functions here are pure. The lock ([`super::biased`]) applies them with compare-and-swap, and the exhaustive
//! model (`pthread/tests/models`) applies the very same ones, so that what is checked is what runs.

/// Lock half: nobody holds the mutex.
pub const FREE: u32 = 0;
/// Lock half: somebody may sleep on the word.
pub const WAITERS: u32 = 1 << 31;
/// Lock half: a recursive mutex is held more than once; its count says how often.
pub const RECURSED: u32 = 1 << 30;
/// Lock half: the bits that name the owner.
pub const OWNER: u32 = RECURSED - 1;

/// Bias half: an ordinary futex mutex.
pub const UNBIASED: u32 = 0;
/// Bias half: destroyed. Above all ids.
pub const GONE: u32 = 1 << 30;
/// Bias half: being revoked; the other bits are the marker's ticket.
pub const REVOKING: u32 = 1 << 31;

// The ordinary paths of `sequences` swap with plain ids and zeros, and see waiters as a sign.
const _: () = assert!(Word::ORDINARY.0 == 0 && WAITERS == 1 << 31);

/// The two halves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Word(pub u64);

/// What a thread that wants the mutex does next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Acquire {
    /// Swap the word for this one; if that succeeds, the mutex is held.
    Take(Word),
    /// The caller holds it already.
    Mine,
    /// It is biased to another thread: mark it [`Word::marked`], then look again.
    Mark,
    /// It is marked: restart all sequences, then swap the word for [`Word::unbiased`], then look again.
    Complete,
    /// Another thread holds it: sleep, once the word says that somebody may.
    Busy,
}

/// What a thread that holds the mutex does to release it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Release {
    /// Swap the word for this one (compare and swap); nobody can be asleep.
    Clear(Word),
    /// Exchange the word for [`Word::ORDINARY`], wake one if the old one says `WAITERS`.
    Exchange,
    /// Biased to another thread, which a normal mutex's unlock by a stranger meets: end the bias, then look again.
    Foreign,
    /// Nobody holds it.
    Nothing,
}

impl Word {
    /// Free, without a bias.
    pub const ORDINARY: Word = Word::new(FREE, UNBIASED);

    /// Destroyed: neither the sequences nor the ordinary path take it.
    pub const GONE: Word = Word::new(FREE, GONE);

    /// A word of two halves.
    #[inline(always)]
    pub const fn new(lock: u32, bias: u32) -> Word {
        Word((bias as u64) << 32 | lock as u64)
    }

    /// The low half.
    #[inline(always)]
    pub const fn lock(self) -> u32 {
        self.0 as u32
    }

    /// The high half.
    #[inline(always)]
    pub const fn bias(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Who holds the mutex; 0 for nobody.
    #[inline(always)]
    pub const fn owner(self) -> u32 {
        self.lock() & OWNER
    }

    /// Whether somebody is ending the bias.
    #[inline]
    pub const fn is_revoking(self) -> bool {
        self.bias() & REVOKING != 0
    }

    /// The same holder, revocation begun under `ticket`.
    #[inline]
    pub const fn marked(self, ticket: u32) -> Word {
        Word::new(self.lock(), REVOKING | ticket)
    }

    /// The same holder, no bias.
    #[inline]
    pub const fn unbiased(self) -> Word {
        Word::new(self.lock(), UNBIASED)
    }

    /// The same holder, who earned the bias. Sound only for the holder of an unbiased mutex nobody waits for.
    #[inline]
    pub const fn earned(self) -> Option<Word> {
        let id = self.lock();
        if self.bias() == UNBIASED && id != FREE && id <= OWNER { Some(Word::new(id, id)) } else { None }
    }

    /// The word with `WAITERS`, for who is about to sleep.
    #[inline]
    pub const fn with_waiters(self) -> Word {
        Word::new(self.lock() | WAITERS, self.bias())
    }

    /// How thread `me` goes about taking the mutex. `waited`: it has slept, so others may still sleep, and it must leave
    /// `WAITERS` behind.
    #[inline]
    pub const fn acquire(self, me: u32, waited: bool) -> Acquire {
        if self.owner() == me {
            return Acquire::Mine;
        }
        match self.bias() {
            UNBIASED if self.lock() == FREE => {
                Acquire::Take(Word::new(if waited { me | WAITERS } else { me }, UNBIASED))
            }
            UNBIASED => Acquire::Busy,
            // Our own bias, and no sequence of ours in flight: we are here.
            id if id == me => Acquire::Take(Word::new(me, me)),
            bias if bias & REVOKING != 0 => Acquire::Complete,
            _ => Acquire::Mark,
        }
    }

    /// How thread `me` goes about releasing the mutex.
    #[inline]
    pub const fn release(self, me: u32) -> Release {
        match self.bias() {
            UNBIASED => Release::Exchange,
            _ if self.lock() == FREE => Release::Nothing,
            // The holder alone changes the lock half of a biased or marked word.
            bias if bias == me || (bias & REVOKING != 0 && self.owner() == me) => {
                Release::Clear(Word::new(FREE, bias))
            }
            _ => Release::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_static_initialiser_is_free_and_has_no_bias() {
        assert_eq!(Word(0), Word::ORDINARY);
        assert_eq!(Word(0).acquire(7, false), Acquire::Take(Word::new(7, UNBIASED)));
        assert_eq!(Word(0).release(7), Release::Exchange);
    }

    #[test]
    fn a_stranger_ends_the_bias_in_two_steps() {
        let biased = Word::new(7, 7);
        assert_eq!(biased.acquire(8, false), Acquire::Mark);
        assert_eq!(biased.marked(5).acquire(8, false), Acquire::Complete);
        assert_eq!(biased.marked(5).unbiased().acquire(8, false), Acquire::Busy);
    }

    #[test]
    fn release_under_revocation_keeps_the_mark() {
        let marked = Word::new(7, 7).marked(5);
        assert_eq!(marked.release(7), Release::Clear(Word::new(FREE, REVOKING | 5)));
    }

    #[test]
    fn what_is_gone_is_no_ordinary_lock_and_nobodys() {
        assert_ne!(Word::GONE, Word::ORDINARY);
        assert!(Word::GONE.bias() > OWNER);
    }

    #[test]
    fn a_bias_is_earned_by_the_undisturbed_holder_alone() {
        assert_eq!(Word::new(7, UNBIASED).earned(), Some(Word::new(7, 7)));
        assert_eq!(Word::new(7 | WAITERS, UNBIASED).earned(), None);
        assert_eq!(Word::ORDINARY.earned(), None);
    }
}
