//! The runtime locks that a vfork child is taking, holding or releasing, noted in the block that it shares with its
//! suspended parent, so that the parent can release them should the child die.
//!
//! ```text
//!   child                                       dies here ⇒ parent finds
//!   slot.lock = address   (note)                the word does not name the child: nothing to do
//!   word: 0 → HELD|tid    (acquire)             the word names the child: release
//!   … the section …                             the same
//!   word: → 0             (release)             the word does not name the child: nothing to do
//!   slot.lock = 0         (forget)
//! ```
//!
//! A noted lock's memory exists: the slot is cleared after the release, but by a task whose parent sleeps, and a thread
//! that unmaps the lock in between would have to take it, free it and see the child die within two instructions. The
//! parent therefore may read the word. More locks at once than there are slots go unnoted and stay locked by a dead child.
//!
//! A nested child shares the slots: each names the child that noted it, and a parent clears those of its own child.

use core::ptr::with_exposed_provenance;
use core::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst, compiler_fence};

use super::{RawLock, RecursiveLock};
use crate::block::{self, Block, HeldLock};
use crate::identity;

const RECURSIVE: usize = 1;

/// The running child's slot for a lock.
fn mine(address: usize) -> Option<&'static HeldLock> {
    let me = identity::tid();
    slots().iter().find(|s| s.lock.load(Relaxed) == address && s.tid.load(Relaxed) == me)
}

fn slots() -> &'static [HeldLock] {
    &block::current().vfork.held
}

fn write(address: usize, count: u32) {
    if let Some(free) = slots().iter().find(|s| s.lock.load(Relaxed) == 0) {
        free.count.store(count, Relaxed);
        free.tid.store(identity::tid(), Relaxed);
        compiler_fence(SeqCst);
        free.lock.store(address, Relaxed);
        compiler_fence(SeqCst);
    }
}

fn clear(address: usize) {
    compiler_fence(SeqCst);
    if let Some(noted) = mine(address) {
        noted.lock.store(0, Relaxed);
    }
}

/// Before the lock is taken in a vfork child.
pub(super) fn note(lock: &RawLock) {
    write(core::ptr::from_ref(lock) as usize, 0);
}

/// After the lock was released in a vfork child, or could not be taken.
pub(super) fn forget(lock: *const RawLock) {
    clear(lock as usize);
}

fn tagged(lock: *const RecursiveLock) -> usize {
    lock as usize | RECURSIVE
}

/// Before a recursive lock is taken in a vfork child, once per lock.
#[cold]
pub(super) fn note_recursive(lock: &RecursiveLock) {
    if mine(tagged(lock)).is_none() {
        let before = if lock.is_mine() { lock.count.load(Relaxed) } else { 0 };
        write(tagged(lock), before);
    }
}

/// A recursive lock could not be taken in a vfork child.
#[cold]
pub(super) fn forget_recursive(lock: *const RecursiveLock) {
    clear(tagged(lock));
}

/// After a recursive lock's count went down to `count` in a vfork child.
#[cold]
pub(super) fn forget_recursive_at(lock: *const RecursiveLock, count: u32) {
    if mine(tagged(lock)).is_some_and(|s| s.count.load(Relaxed) == count) {
        clear(tagged(lock));
    }
}

/// The parent's side: releases what the dead or departed child `tid` left.
#[inline]
pub(crate) fn release_left_by(block: &Block, tid: u32) {
    for slot in &block.vfork.held {
        if slot.lock.load(Relaxed) != 0 && slot.tid.load(Relaxed) == tid {
            release(slot, tid);
        }
    }
}

#[cold]
#[inline(never)]
fn release(slot: &HeldLock, tid: u32) {
    let address = slot.lock.load(Relaxed);
    if address & RECURSIVE == 0 {
        let lock = with_exposed_provenance::<RawLock>(address);
        // SAFETY: a noted lock exists (see the module's text), and its holder is dead.
        unsafe {
            if (*lock).is_held_by(tid) {
                (*lock).release();
            }
        }
    } else {
        let lock = with_exposed_provenance::<RecursiveLock>(address & !RECURSIVE);
        // SAFETY: a noted lock exists, and the child that noted it is the dead one.
        unsafe { (*lock).recover(tid, slot.count.load(Relaxed)) };
    }
    slot.lock.store(0, Relaxed);
}

/// A fork child has no ancestors on its memory: nothing is noted.
pub(crate) fn clear_all(block: &Block) {
    block.vfork.held.iter().for_each(|s| s.lock.store(0, Relaxed));
}
