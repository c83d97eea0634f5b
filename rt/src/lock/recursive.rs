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
    pub(super) raw: RawLock,
    /// `lock_id` of the holder, 0 while free. Only the holder writes it, so who finds itself there is the holder.
    pub(super) owner: AtomicU32,
    /// How often the holder has taken it.
    pub(super) count: AtomicU32,
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
            held::forget_recursive(self);
        }
        taken
    }

    #[inline(always)]
    fn note_in_vfork_child(&self) {
        if identity::is_vfork_child() {
            held::note_recursive(self);
        }
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
            held::forget_recursive_at(self, count);
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

    /// The holder, a vfork child, is dead: puts the lock back as the child found it.
    ///
    /// # Safety
    /// The running task is the parent of the dead child `tid`, which had noted the lock with `count_before`.
    pub(super) unsafe fn recover(&self, tid: u32, count_before: u32) {
        if count_before != 0 {
            // The parent or one of its suspended ancestors held the lock all the time.
            self.count.store(count_before, Relaxed);
        } else if self.raw.is_held_by(tid) {
            self.count.store(0, Relaxed);
            self.owner.store(0, Relaxed);
            // SAFETY: its holder is dead.
            unsafe { self.raw.release() };
        }
    }
}

impl Default for RecursiveLock {
    fn default() -> Self {
        RecursiveLock::new()
    }
}
