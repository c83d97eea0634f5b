//! `RecursiveLock`: a [`RawLock`] that its owner may take again, as `flockfile(3)` wants it.
//!
//! The owner is a **thread of control** (`lock_id`), so what a thread holds when it calls vfork or fork the child holds
//! too, and goes on without waiting. A vfork child that dies leaves the lock as it found it: free if the child had taken
//! it, with the parent's count if the parent held it.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::{RawLock, held};
use crate::identity;

/// A recursive lock of the runtime; never changes `errno`. All zeros is a free one.
#[repr(C)]
pub struct RecursiveLock {
    raw: RawLock,
    /// `lock_id` of the holder, 0 while free. Only the holder writes it, so who finds itself there is the holder.
    owner: AtomicU32,
    /// How often the holder has taken it.
    count: AtomicU32,
}

impl RecursiveLock {
    /// A free lock.
    pub const fn new() -> Self {
        RecursiveLock { raw: RawLock::new(), owner: AtomicU32::new(0), count: AtomicU32::new(0) }
    }

    /// Whether the running thread of control holds the lock.
    #[inline]
    pub fn is_mine(&self) -> bool {
        self.owner.load(Relaxed) == identity::lock_id()
    }

    /// Takes the lock, waiting while another thread has it.
    #[inline]
    pub fn lock(&self) {
        self.note_in_vfork_child();
        if !self.enter_again() {
            self.raw.acquire();
            self.enter();
        }
    }

    /// Takes the lock unless another thread has it.
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.note_in_vfork_child();
        if self.enter_again() {
            return true;
        }
        let taken = self.raw.try_acquire();
        if taken {
            self.enter();
        } else if identity::is_vfork_child() {
            held::forget(self.address());
        }
        taken
    }

    #[inline(always)]
    fn note_in_vfork_child(&self) {
        if identity::is_vfork_child() {
            self.note();
        }
    }

    /// Once per lock, with the count before the child came.
    #[cold]
    #[inline(never)]
    fn note(&self) {
        if held::noted(self.address()).is_none() {
            let before = if self.is_mine() { self.count.load(Relaxed) } else { 0 };
            held::note(self.address(), before, Self::recover);
        }
    }

    fn address(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }

    #[inline(always)]
    fn enter_again(&self) -> bool {
        let mine = self.is_mine();
        if mine {
            self.count.store(self.count.load(Relaxed) + 1, Relaxed);
        }
        mine
    }

    #[inline(always)]
    fn enter(&self) {
        self.owner.store(identity::lock_id(), Relaxed);
        self.count.store(1, Relaxed);
    }

    /// Releases the lock once.
    ///
    /// # Safety
    /// The running thread of control holds it.
    #[inline]
    pub unsafe fn unlock(&self) {
        let count = self.count.load(Relaxed) - 1;
        self.count.store(count, Relaxed);
        if count == 0 {
            self.owner.store(0, Relaxed);
            // SAFETY: by the caller's contract.
            unsafe { self.raw.release() };
        }
        if identity::is_vfork_child() {
            // Its memory may be gone when the count is 0: the slot is found by address alone.
            let address = self.address();
            if held::noted(address) == Some(count) {
                held::forget(address);
            }
        }
    }

    /// Makes the lock free whoever held it: in the only thread of a fork child, or when the holder is known dead.
    ///
    /// # Safety
    /// No live thread holds the lock, and what it guards is consistent.
    pub unsafe fn reset(&self) {
        self.count.store(0, Relaxed);
        self.owner.store(0, Relaxed);
        // SAFETY: by the caller's contract.
        unsafe { self.raw.reset() };
    }

    /// A [`held::Recover`]: puts the lock back as the child found it.
    unsafe fn recover(address: usize, tid: u32, count_before: u32) {
        // SAFETY: a noted lock exists.
        let lock = unsafe { &*core::ptr::with_exposed_provenance::<RecursiveLock>(address) };
        if count_before != 0 {
            // The parent or one of its suspended ancestors held the lock all the time.
            lock.count.store(count_before, Relaxed);
        } else {
            if lock.raw.is_held_by(tid) {
                lock.count.store(0, Relaxed);
                lock.owner.store(0, Relaxed);
            }
            // SAFETY: the child is dead.
            unsafe { lock.raw.recover_from(tid) };
        }
    }
}

impl Default for RecursiveLock {
    fn default() -> Self {
        RecursiveLock::new()
    }
}
