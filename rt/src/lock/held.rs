//! The locks that a vfork child is taking, holding or releasing, noted in the block that it shares with its suspended
//! parent, so that the parent can put them right should the child die.
//!
//! ```text
//!   child                                       dies here ⇒ parent finds
//!   slot.lock = address   (note)                the word does not name the child: nothing to do
//!   word: 0 → child       (acquire)             the word names the child: recover
//!   … the section …                             the same
//!   word: → 0             (release)             the word does not name the child: nothing to do
//!   slot.lock = 0         (forget)
//! ```
//!
//! A lock takes part if its word names the *task* that holds it: [`super::RawLock`], [`super::RecursiveLock`], and above rt
//! PI mutexes and `pthread_once`. What recovery means is each kind's own: its [`Recover`] function.
//!
//! A noted lock's memory exists: the slot is cleared after the release, but by a task whose parent sleeps, and a thread
//! that unmaps the lock in between would have to take it, free it and see the child die within two instructions. The
//! parent therefore may read the word. More locks at once than there are slots go unnoted and stay locked by a dead child.
//!
//! **Wakes are owed, too.** A child that changes a futex word and dies before it wakes the sleepers, or dies when it has
//! just been woken in place of another, leaves threads asleep beside a free lock. So it notes the word first
//! ([`with_wake_owed`]), and its parent wakes everybody there. Sleepers look at their word again whatever woke them.
//!
//! A nested child shares the slots: each names the child that noted it, and a parent clears those of its own child.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed, Ordering::SeqCst, compiler_fence};

use crate::block::{self, Block, HeldLock};
use crate::futex::{self, Scope};
use crate::identity;

/// `recover(address, tid, data)`: in the parent of the dead (or departed) child `tid`, which had noted the lock at
/// `address`: if the child held it, makes it what it was before, or free.
pub type Recover = unsafe fn(usize, u32, u32);

fn slots() -> &'static [HeldLock] {
    &block::current().vfork.held
}

/// The running child's slot for a lock.
fn mine(address: usize) -> Option<&'static HeldLock> {
    let me = identity::tid();
    slots().iter().find(|s| s.lock.load(Relaxed) == address && s.tid.load(Relaxed) == me)
}

/// Before a vfork child takes a lock. Outside of one it must not be called. A note is found again by its address: what needs
/// two at once has two addresses.
#[cold]
#[inline(never)]
pub fn note(address: usize, data: u32, recover: Recover) {
    if let Some(free) = slots().iter().find(|s| s.lock.load(Relaxed) == 0) {
        free.recover.store(recover as usize, Relaxed);
        free.data.store(data, Relaxed);
        free.tid.store(identity::tid(), Relaxed);
        compiler_fence(SeqCst);
        free.lock.store(address, Relaxed);
        compiler_fence(SeqCst);
    }
}

/// After a vfork child has released a lock, or could not take it. The lock itself is not touched.
#[cold]
#[inline(never)]
pub fn forget(address: usize) {
    compiler_fence(SeqCst);
    if let Some(noted) = mine(address) {
        noted.lock.store(0, Relaxed);
    }
}

/// Runs `f`, which changes the futex word at this address and wakes who sleeps there, or sleeps there itself. Should a
/// vfork child die in it, its parent wakes everybody. The word is named by address alone.
#[inline]
pub fn with_wake_owed<R>(word: *const AtomicU32, scope: Scope, f: impl FnOnce() -> R) -> R {
    let child = identity::is_vfork_child();
    if child {
        note(word.addr(), scope as u32, wake_all);
    }
    let result = f();
    if child {
        forget(word.addr());
    }
    result
}

/// A [`Recover`].
unsafe fn wake_all(address: usize, _: u32, scope: u32) {
    let scope = if scope == Scope::Private as u32 { Scope::Private } else { Scope::Shared };
    futex::wake(core::ptr::without_provenance(address), i32::MAX, scope);
}

/// What the running vfork child noted with a lock, if it has noted it.
pub fn noted(address: usize) -> Option<u32> {
    mine(address).map(|s| s.data.load(Relaxed))
}

/// The parent's side: recovers what the dead or departed child `tid` left.
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
    let recover = core::ptr::with_exposed_provenance::<()>(slot.recover.load(Relaxed));
    // SAFETY: `note` stored a function of this type.
    let recover = unsafe { core::mem::transmute::<*const (), Recover>(recover) };
    // SAFETY: a noted lock exists (see the module's text), and the child that noted it is gone.
    unsafe { recover(slot.lock.load(Relaxed), tid, slot.data.load(Relaxed)) };
    slot.lock.store(0, Relaxed);
}

/// A fork child has no ancestors on its memory: nothing is noted.
pub(crate) fn clear_all(block: &Block) {
    block.vfork.held.iter().for_each(|s| s.lock.store(0, Relaxed));
}
