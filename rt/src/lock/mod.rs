//! `RawLock`: the futex word lock of the runtime itself.
//!
//! ```text
//!   word = HELD | TID of the holder | WAITERS if somebody may sleep        0: free
//!
//!            lock: CAS                    lock, busy: CAS, then futex wait
//!   0 free ────────────▶ held by TID ────────────────────▶ held by TID, waiters
//!      ▲                    │ unlock: swap 0                    │ unlock: swap 0, wake one
//!      └────────────────────┴───────────────────────────────────┘
//! ```
//!
//! Unlock is one read-modify-write, and nothing of the lock is touched after it: the next owner may free its memory.
//! Who waited takes the lock with WAITERS set, because it cannot know whether others sleep too.
//!
//! **The holder is named by its TID**, the kernel's name for the running task, which tells a vfork child from its parent.
//! That is what lets a parent release exactly what its dead child held: a child notes each lock in the block before it
//! takes it ([`held`]), and the parent, on its return from vfork, frees those noted locks whose word names the child.
//! Users of a lock have nothing to do for it. They only keep what it guards usable at every store, or mend it: a child
//! that dies by SIGKILL in the middle of an update leaves just that.
//!
//! A lock whose holder can never go on while we wait (ourselves, or a suspended vfork ancestor) is a bug of the caller:
//! one line and the end of the process, not a hang. [`RecursiveLock`] is for sections that may be entered again.

pub mod held;
mod recursive;

use core::hint;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::futex::{self, Scope};
use crate::identity;
use crate::sys::time::Timespec;
use crate::{message, syscall};

pub use recursive::RecursiveLock;

const FREE: u32 = 0;
const HELD: u32 = 1 << 30;
const WAITERS: u32 = 1 << 31;
const SPINS: u32 = 100;

/// A mutual-exclusion lock for short sections inside the runtime. Not recursive; never changes `errno`.
#[repr(transparent)]
pub struct RawLock {
    state: AtomicU32,
}

/// The running task as a lock word.
#[inline(always)]
fn me() -> u32 {
    HELD | identity::tid()
}

impl RawLock {
    /// A free lock.
    pub const fn new() -> Self {
        RawLock { state: AtomicU32::new(FREE) }
    }

    /// Takes the lock, waiting for it.
    #[inline]
    pub fn lock(&self) {
        if identity::is_vfork_child() {
            return self.lock_in_vfork_child();
        }
        self.acquire();
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        if identity::is_vfork_child() {
            return self.try_lock_in_vfork_child();
        }
        self.try_acquire()
    }

    #[inline]
    fn acquire(&self) {
        if !self.try_acquire() {
            self.acquire_contended();
        }
    }

    #[inline]
    fn try_acquire(&self) -> bool {
        self.state.compare_exchange(FREE, me(), Acquire, Relaxed).is_ok()
    }

    #[cold]
    #[inline(never)]
    fn lock_in_vfork_child(&self) {
        held::note(self.address(), 0, Self::recover);
        self.acquire();
    }

    #[cold]
    #[inline(never)]
    fn try_lock_in_vfork_child(&self) -> bool {
        held::note(self.address(), 0, Self::recover);
        let taken = self.try_acquire();
        if !taken {
            held::forget(self.address());
        }
        taken
    }

    fn address(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }

    /// A [`held::Recover`].
    unsafe fn recover(address: usize, tid: u32, _: u32) {
        // SAFETY: a noted lock exists; its holder, if it is this one, is dead.
        unsafe { (*core::ptr::with_exposed_provenance::<RawLock>(address)).recover_from(tid) }
    }

    /// Frees the lock if the dead child `tid` held it. Else the child may have died between its release and the wake, or
    /// with a wake that was for somebody else.
    ///
    /// # Safety
    /// That child is dead.
    pub unsafe fn recover_from(&self, tid: u32) {
        if self.is_held_by(tid) {
            // SAFETY: by the caller's contract.
            unsafe { self.release() };
        } else {
            futex::wake(&self.state, 1, Scope::Private);
        }
    }

    #[cold]
    #[inline(never)]
    fn acquire_contended(&self) {
        for _ in 0..SPINS {
            match self.state.load(Relaxed) {
                FREE if self.try_acquire() => return,
                word if word & WAITERS != 0 => break,
                _ => hint::spin_loop(),
            }
        }
        let mut word = self.state.load(Relaxed);
        loop {
            if word == FREE {
                match self.state.compare_exchange(FREE, me() | WAITERS, Acquire, Relaxed) {
                    Ok(_) => return,
                    Err(now) => word = now,
                }
                continue;
            }
            let owner = word & !(HELD | WAITERS);
            if owner != 0 && (owner == identity::tid() || identity::is_suspended_ancestor(owner)) {
                message::fatal("deadlock: a runtime lock is wanted by the thread that holds it");
            }
            if word & WAITERS == 0 {
                match self.state.compare_exchange(word, word | WAITERS, Relaxed, Relaxed) {
                    Ok(_) => word |= WAITERS,
                    Err(now) => {
                        word = now;
                        continue;
                    }
                }
            }
            if identity::is_vfork_child() {
                if self.wait_in_vfork_child(word) {
                    return;
                }
            } else {
                let _ = futex::wait(&self.state, word, Scope::Private);
            }
            word = self.state.load(Relaxed);
        }
    }

    /// Sleeps while the word is `word`. A vfork child outlives its parent's process when that is killed, and nobody
    /// else is left to release what the dead threads held: then the child takes the lock over, and says so by `true`.
    #[cold]
    fn wait_in_vfork_child(&self, word: u32) -> bool {
        // Not a constant: those share a section with all others of the runtime.
        static LOOK_AROUND: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
        let outcome = futex::wait_for(&self.state, word, Scope::Private, &LOOK_AROUND);
        let owner = word & !(HELD | WAITERS);
        outcome == Err(crate::Errno::ETIMEDOUT)
            && owner != 0
            // SAFETY: no pointers; signal 0 only asks whether the task exists.
            && unsafe { syscall!(__NR_tkill, owner, 0i32) } == Err(crate::Errno::ESRCH)
            && self.state.compare_exchange(word, me() | WAITERS, Acquire, Relaxed).is_ok()
    }

    /// Releases the lock.
    ///
    /// # Safety
    /// The caller holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        // SAFETY: by the caller's contract.
        unsafe { self.release() };
        if identity::is_vfork_child() {
            held::forget(self.address());
        }
    }

    /// # Safety
    /// Somebody who will not go on holds it, or the caller.
    #[inline]
    unsafe fn release(&self) {
        let word: *const AtomicU32 = &self.state;
        if self.state.swap(FREE, Release) & WAITERS != 0 {
            futex::wake(word, 1, Scope::Private);
        }
    }

    /// Whether the task named `tid` holds the lock.
    #[inline]
    fn is_held_by(&self, tid: u32) -> bool {
        self.state.load(Relaxed) & !WAITERS == HELD | tid
    }

    /// Whether somebody holds the lock right now.
    pub fn is_locked(&self) -> bool {
        self.state.load(Relaxed) != FREE
    }

    /// Makes the lock free whoever held it: in the only thread of a fork child, or when the holder is known dead.
    ///
    /// # Safety
    /// No live thread holds the lock, and what it guards is consistent.
    pub unsafe fn reset(&self) {
        self.state.store(FREE, Relaxed);
    }
}

impl Default for RawLock {
    fn default() -> Self {
        RawLock::new()
    }
}

#[cfg(test)]
mod tests {
    use super::RawLock;
    use std::cell::UnsafeCell;
    use std::thread;

    struct Counter(RawLock, UnsafeCell<u64>);
    // SAFETY: the number is touched only with the lock held.
    unsafe impl Sync for Counter {}

    impl Counter {
        fn increment(&self) {
            self.0.lock();
            // SAFETY: the lock is held.
            unsafe { *self.1.get() += 1 };
            // SAFETY: taken above.
            unsafe { self.0.unlock() };
        }
    }

    #[test]
    fn excludes_and_loses_no_wakeup() {
        let counter = Counter(RawLock::new(), UnsafeCell::new(0));
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| (0..20_000).for_each(|_| counter.increment()));
            }
        });
        assert!(!counter.0.is_locked());
        assert_eq!(counter.1.into_inner(), 80_000);
    }

    #[test]
    fn try_lock_fails_while_held() {
        let lock = RawLock::new();
        assert!(lock.try_lock());
        assert!(!lock.try_lock());
        // SAFETY: taken above.
        unsafe { lock.unlock() };
        assert!(lock.try_lock());
    }
}
