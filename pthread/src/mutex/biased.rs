//! `BiasedLock`: a private mutex whose owner takes and releases it without a LOCK prefix.
//!
//! The [`word`](super::word) has two halves: who holds the lock, and to whom it is biased. The thread of the bias locks
//! and unlocks in **restartable sequences** of plain loads and one committing store ([`crate::biased_lock_asm`]):
//!
//! ```text
//! lock:    rseq { if bias == gate && lock < gate                { lock = gate } else slow }
//! unlock:  rseq { if bias == gate && lock == gate && gate != 0  { lock = 0    } else slow }
//! ```
//!
//! (An open gate holds the thread's `lock_id`, a shut one 0, which equals the bias of a mutex without one: but nothing is
//! below 0. Under A's bias only 0 is below A.) Everybody else, and the owner on its slow path, changes the word by 8-byte
//! compare-and-swap, so that bias and lock are seen and changed together.
//!
//! ```text
//!                A holds it, undisturbed for so many uses as `policy::price` asks: CAS (A, UNBIASED) → (A, A)
//!   UNBIASED ───────────────────────────────────────────────────────────────────────────────▶ biased to A
//!   (new: 0)                                                                                       │
//!       ▲                                                  B wants it: CAS bias A → REVOKING|ticket │
//!       │                                                                                          ▼
//!       └──────────────────────────────────────────────────────────────────────────────── REVOKING|ticket
//!                anyone: barrier, then CAS → UNBIASED, lock as it is
//! ```
//!
//! # Why two threads never hold it
//!
//! **Rules.** (1) While bias = A, only A changes the lock half. (2) While bias = REVOKING, only the thread that A is
//! changes it, by CAS, and only to release. (3) While bias = UNBIASED, whoever takes it expects (0, UNBIASED) in one CAS.
//! (4) Each change of the bias is a CAS of both halves; so a slow path can never act on a bias that has changed since it
//! looked. (5) The holder may release by exchanging both halves for (0, UNBIASED), whatever the bias: it is in no sequence,
//! whoever is ending its bias finds the word changed, and nobody sleeps on any other word than an UNBIASED one, whose
//! `WAITERS` the exchange brings back. What remains is the plain store of A's sequences, which looks at the bias first and
//! stores later. **The claim**: when the bias becomes UNBIASED, no sequence of A's that saw the old bias can still commit.
//!
//! The revoker B marks the word (now no *new* look finds bias = A), then calls `membarrier`, then swaps the mark for
//! UNBIASED. During the barrier A is in one of these places:
//! - *running, between look and commit*: the barrier interrupts A's CPU; on return to user mode the kernel finds A inside
//!   the sequence and sends it to the abort handler, which begins again and finds the mark.
//! - *running, past the commit*: the interrupt orders A's store before everything that B does next: B reads the lock half
//!   with its last CAS and finds A's value.
//! - *preempted or migrated inside*: a task that is switched out inside a sequence is sent to the abort handler when it comes
//!   back; its uncommitted store never happens. The switch orders its earlier stores.
//! - *in a signal handler* that interrupted the sequence: the kernel aborts the sequence before it enters the handler.
//!   What the handler locks and unlocks are sequences of its own, which the same cases cover.
//! - *blocked in a system call*: it is in no sequence. That includes **A suspended in vfork**: its child runs on A's block
//!   with the gate shut (0, which equals no thread's bias), so it takes the slow path, where it is A (same `lock_id`): CAS on
//!   (0, A). Rule 1 holds: parent and child are one thread of control. A child killed anywhere leaves the word as
//!   one of the states above, and a lock that it left held belongs to A.
//! - *exited*, holding the lock or not: no more sequences; a lock that it held stays held, as POSIX has it. A later thread
//!   that gets the same `lock_id` finds itself the owner of the bias, and is the only one with that id, which is all that
//!   the rules ask.
//!
//! **B is a vfork child**, or is killed between mark and completion: the mark stays, and *whoever* comes next makes its own
//! barrier and completes; nobody waits for a revoker. A thread that issued its barrier, was stopped, and completes
//! much later could meet a *newer* mark, which its barrier did not cover: marks carry tickets, so its CAS expects the
//! old one and fails. (Tickets repeat after 2^31 revocations.)
//! A vfork child never sleeps on the word either, for it could be killed after a wake that was meant for somebody else: it
//! naps and looks again.
//! **Two revokers**: both barriers are good; one completion succeeds, the other finds the word changed.
//! **A itself** finds the mark: it completes too, or, holding the lock, releases it under the mark (rule 2), which loses no
//! wake-up: nobody sleeps before the bias is UNBIASED.
//!
//! **Destroy and reuse.** The commit is the last access of the fast unlock, and the exchange or CAS of the slow one: a
//! thread that takes the lock next may unmap it. Only `FUTEX_WAKE` follows, by address. Revokers touch the word until
//! they hold the lock, as any waiter does.
//! **Fork**: the child is one thread, with its parent's `lock_id` and a registered area: its own biases go on, those of
//! threads that it does not have are revoked like any other (the barrier then has nobody to interrupt).
//! **Condition waits** release and take the mutex through the same two functions.
//! **Earning** a bias needs the lock held with nobody waiting: the CAS (A, UNBIASED) → (A, A) makes every later CAS that
//! expects UNBIASED fail. Who has just set `WAITERS` makes it fail instead.
//!
//! On x86 the commit of `lock` may still sit in the store buffer while the critical section reads. That is harmless: the
//! only threads that decide by the lock half without A's cooperation do so behind a barrier, which drains it.

use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{AcqRel, Relaxed, Release as ReleaseOrder},
};

use tidal_rt::futex::{self, Clock, Scope};
use tidal_rt::lock::held;
use tidal_rt::rseq::sections::{self, Outcome};
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, identity, message, rseq, startup};

use super::word::{RECURSED, Release, WAITERS, Word};

/// An absolute time to give up at.
pub type Deadline<'a> = Option<(Clock, &'a Timespec)>;

/// How a thread got the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It was free or became so.
    Fresh,
    /// The caller holds it already; nothing was changed.
    Already,
}

/// The lock proper: 16 bytes, all zero when free and never used.
#[repr(C)]
pub struct BiasedLock {
    word: AtomicU64,
    /// The last thread that took it without a bias, 0 once it has one; written by the holder alone. So a holder who finds
    /// anything else than 0 holds an unbiased lock, and its unlock need not look at the word.
    pub(super) last: AtomicU32,
    /// How often in a row, and above [`super::policy::LEVEL_SHIFT`] how many biases it has earned; written by the holder alone.
    pub(super) streak: AtomicU32,
}

/// Offset of what the ordinary path keeps: the last thread.
pub const LAST: usize = offset_of!(BiasedLock, last);
/// Offset of the streak.
pub const STREAK: usize = offset_of!(BiasedLock, streak);

impl BiasedLock {
    /// A free lock without a bias.
    pub const fn new() -> Self {
        BiasedLock { word: AtomicU64::new(0), last: AtomicU32::new(0), streak: AtomicU32::new(0) }
    }

    #[inline(always)]
    pub(super) fn load(&self) -> Word {
        Word(self.word.load(Relaxed))
    }

    #[inline(always)]
    pub(super) fn swap_if(&self, old: Word, new: Word) -> bool {
        self.word.compare_exchange(old.0, new.0, AcqRel, Relaxed).is_ok()
    }

    /// The half that the kernel and the sequences address by itself.
    #[inline(always)]
    fn half(&self, index: usize) -> &AtomicU32 {
        // SAFETY: both halves are live for as long as the word; they are accessed through this reference by the kernel
        // and by assembly alone, where an access of half the word is an access like any other.
        unsafe { &*ptr::from_ref(&self.word).cast::<AtomicU32>().add(index) }
    }

    /// The futex word: the low half.
    #[inline(always)]
    pub fn futex(&self) -> &AtomicU32 {
        self.half(0)
    }

    /// Who holds the lock right now; 0 for nobody.
    #[inline]
    pub fn owner(&self) -> u32 {
        self.load().owner()
    }

    /// The lock half of the word, for the kinds that the kernel or other processes see: no bias, no ids of ours.
    #[inline(always)]
    pub(super) fn raw(&self) -> &AtomicU32 {
        self.half(0)
    }

    /// Words that the ordinary path keeps, free for other use in kinds that have no bias.
    #[inline(always)]
    pub(super) fn spare(&self) -> (&AtomicU32, &AtomicU32) {
        (&self.last, &self.streak)
    }

    /// Takes the lock.
    #[inline]
    pub fn lock(&self) -> Taken {
        // As in `biased_or_ordinary_asm`, `last` tells which it is.
        if self.last.load(Relaxed) == 0 && self.lock_if_biased() {
            return Taken::Fresh;
        }
        if !startup::is_single_threaded() && self.swap_ordinary(identity::lock_id()) {
            return Taken::Fresh;
        }
        match self.lock_slow(None) {
            Ok(taken) => taken,
            // Without a deadline there is nothing to fail.
            Err(_) => message::fatal("a mutex without a deadline timed out"),
        }
    }

    /// Takes the lock by the biased sequence alone.
    #[inline(always)]
    pub fn lock_if_biased(&self) -> bool {
        let id: u32;
        // SAFETY: the sequence stores its own id to the lock half, with the gate open, the bias its own and the lock free.
        unsafe {
            core::arch::asm!(
                crate::biased_lock_asm!("{word}", "{id:e}", "{id:r}", "mov {id:e}, 1", "jmp 66f", "65: xor {id:e}, {id:e}", "jmp 66f"),
                "66:",
                word = in(reg) ptr::from_ref(self),
                id = out(reg) id,
                rseq_cs = const tidal_rt::block::RSEQ_CS,
                gate = const tidal_rt::block::GATE,
                sig = const rseq::SIGNATURE,
                options(nostack),
            );
        }
        id != 0
    }

    /// Releases the lock by the biased sequence alone.
    #[inline(always)]
    pub fn unlock_if_biased(&self) -> bool {
        let id: u32;
        // SAFETY: the sequence clears the lock half, with the gate open and bias and lock its own.
        unsafe {
            core::arch::asm!(
                crate::biased_unlock_asm!("{word}", "{id:e}", "{id:r}", "mov {id:e}, 1", "jmp 66f", "65: xor {id:e}, {id:e}", "jmp 66f"),
                "66:",
                word = in(reg) ptr::from_ref(self),
                id = out(reg) id,
                rseq_cs = const tidal_rt::block::RSEQ_CS,
                gate = const tidal_rt::block::GATE,
                sig = const rseq::SIGNATURE,
                options(nostack),
            );
        }
        id != 0
    }

    /// Takes the lock where the biased sequence said no, giving up at the deadline.
    ///
    /// # Errors
    /// `ETIMEDOUT`; `EINVAL` for a deadline that is no time, if the lock is not free.
    #[inline(always)]
    pub fn lock_slow(&self, deadline: Deadline) -> Result<Taken, Errno> {
        let me = identity::lock_id();
        if self.take_ordinary(me) {
            return Ok(Taken::Fresh);
        }
        self.lock_contended(me, deadline)
    }

    /// Takes an unbiased free lock; without a LOCK prefix where the process has one thread.
    #[inline(always)]
    fn take_ordinary(&self, me: u32) -> bool {
        if self.load() != Word::ORDINARY {
            return false;
        }
        if startup::is_single_threaded() {
            // No other thread, and a vfork child runs while its parent does not. A signal handler leaves the lock as it
            // found it.
            self.word.store(Word::ORDINARY.0 | u64::from(me), Relaxed);
            self.note_use(me);
            return true;
        }
        self.swap_ordinary(me)
    }

    /// Takes an unbiased free lock, without a look at it.
    #[inline(always)]
    fn swap_ordinary(&self, me: u32) -> bool {
        let taken = self.swap_if(Word::ORDINARY, Word(Word::ORDINARY.0 | u64::from(me)));
        if taken {
            self.note_use(me);
        }
        taken
    }

    /// Takes the lock if it is free; never waits, but may have to end a bias.
    ///
    /// # Errors
    /// `EBUSY`.
    #[inline(always)]
    pub fn try_lock_slow(&self) -> Result<Taken, Errno> {
        let me = identity::lock_id();
        if self.take_ordinary(me) {
            return Ok(Taken::Fresh);
        }
        self.try_lock_odd(me)
    }

    /// Releases the lock.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        if self.last.load(Relaxed) != 0 && !startup::is_single_threaded() {
            return self.exchange();
        }
        if !self.unlock_if_biased() {
            // SAFETY: the caller's word.
            unsafe { self.unlock_slow() }
        }
    }

    /// Releases the lock where the biased sequence said no.
    ///
    /// # Safety
    /// The caller holds the lock, or it is a normal mutex that the program hands from thread to thread.
    #[inline(always)]
    pub unsafe fn unlock_slow(&self) {
        let word = self.load();
        if word.bias() != Word::ORDINARY.bias() {
            return self.unlock_odd();
        }
        if startup::is_single_threaded() && word.lock() & WAITERS == 0 {
            self.word.store(Word::ORDINARY.0, Relaxed);
            return;
        }
        self.exchange();
    }

    #[inline(always)]
    pub(super) fn exchange(&self) {
        let futex = ptr::from_ref(self.futex());
        if identity::is_vfork_child() {
            return self.exchange_in_vfork_child(futex);
        }
        let old = Word(self.word.swap(Word::ORDINARY.0, ReleaseOrder));
        if old.lock() & WAITERS != 0 {
            wake_one(futex);
        }
    }

    #[cold]
    #[inline(never)]
    fn exchange_in_vfork_child(&self, futex: *const AtomicU32) {
        held::with_wake_owed(futex, Scope::Private, || {
            let old = Word(self.word.swap(Word::ORDINARY.0, ReleaseOrder));
            if old.lock() & WAITERS != 0 {
                wake_one(futex);
            }
        });
    }

    #[cold]
    #[inline(never)]
    fn unlock_odd(&self) {
        let me = identity::lock_id();
        let mut covered = None;
        loop {
            let word = self.load();
            match word.release(me) {
                Release::Clear(new) => {
                    if self.swap_if(word, new) {
                        return;
                    }
                }
                Release::Exchange => return self.exchange(),
                Release::Nothing => return,
                // Nobody has id 0, so this ends the bias and takes nothing.
                Release::Foreign => {
                    self.step(word, 0, false, &mut covered);
                }
            }
        }
    }

    /// Stores `lock` to the lock half, which the caller holds; `WAITERS` survives.
    fn set_recursed(&self, me: u32, recursed: bool) {
        let biased = self.load().bias() == me;
        let lock = if recursed { me | RECURSED } else { me };
        if biased && rseq::gate_open() {
            // SAFETY: the gate is open, both halves live; the bias is changed with a barrier to follow.
            let outcome = unsafe { sections::cmp_then_store(self.half(1), me, self.half(0), lock) };
            if outcome == Outcome::Committed {
                return;
            }
        }
        if recursed {
            self.word.fetch_or(u64::from(RECURSED), Relaxed);
        } else {
            self.word.fetch_and(!u64::from(RECURSED), Relaxed);
        }
    }

    /// Marks the lock, which the caller holds, as held more than once: the fast unlock then leaves it alone.
    pub fn recurse(&self) {
        self.set_recursed(identity::lock_id(), true);
    }

    /// The caller holds the lock once only again.
    pub fn unrecurse(&self) {
        self.set_recursed(identity::lock_id(), false);
    }

    /// The lock is gone: every later use takes the slow path.
    pub fn retire(&self) {
        self.word.store(Word::GONE.0, Relaxed);
    }
}

/// Wakes one sleeper; the lock's memory may be gone.
#[cold]
pub fn wake_one(futex: *const AtomicU32) {
    futex::wake(futex, 1, Scope::Private);
}

impl Default for BiasedLock {
    fn default() -> Self {
        BiasedLock::new()
    }
}
