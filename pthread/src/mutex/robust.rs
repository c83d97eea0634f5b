//! Robust mutexes: the kernel marks the word when its owner dies (`Documentation/locking/robust-futexes.rst`).
//!
//! ```text
//!   consistent ── owner dies ──▶ OWNER_DIED in the word ── next locker: EOWNERDEAD, holds it ──▶ inconsistent
//!       ▲                                                                                          │       │
//!       └────────────────────────── pthread_mutex_consistent ──────────────────────────────────────┘       │ unlock
//!                                                          not recoverable: ENOTRECOVERABLE for ever  ◀────┘
//! ```
//!
//! A held robust mutex is on its task's list, and around every change of the word it is the list's *pending* entry, so that
//! a task killed at any instruction is found out. Entries point to the `next` word of their mutex; bit 0 of a pointer says
//! that the mutex it leads to is one with priority inheritance.

use core::ffi::{c_long, c_void};
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{
    AtomicPtr, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
    compiler_fence,
};

use tidal_rt::block::RobustList;
use tidal_rt::robust as list;
use tidal_rt::{Errno, identity};

use super::Mutex;
use super::biased::Deadline;
use super::kind::Kind;
use super::tid_word::{self, Owner, Taken};

/// For [`tid_word::is_last_unlock`]: normal mutexes do not look who unlocks them.
pub const NOT_CHECKED: bool = false;
const CHECKED: bool = true;

const CONSISTENT: u32 = 0;
const INCONSISTENT: u32 = 1;
const NOT_RECOVERABLE: u32 = 2;

/// Bit 0 of an entry: priority inheritance.
const INHERIT_BIT: usize = 1;

/// From an entry to its futex word, in bytes.
const FUTEX_OFFSET: c_long = offset_of!(Mutex, lock) as c_long - offset_of!(Mutex, next) as c_long;

/// The task's list, with the mutex pending on it for as long as this lives.
pub struct Pending {
    list: Option<&'static RobustList>,
    entry: *mut c_void,
}

impl Pending {
    /// Announces that the word of `mutex` is about to change.
    pub fn announce(mutex: &Mutex, inherit: bool) -> Pending {
        let entry: *mut c_void = mutex.next.as_ptr().cast();
        let entry = if inherit { entry.map_addr(|a| a | INHERIT_BIT) } else { entry };
        let list = list::list(FUTEX_OFFSET);
        if let Some(list) = list {
            list.pending.store(entry, Relaxed);
            compiler_fence(Release);
        }
        Pending { list, entry }
    }

    /// Puts the mutex, held now, on the list.
    pub fn enlist(&self, mutex: &Mutex) {
        let Some(list) = self.list else { return };
        let first = list.list.load(Relaxed);
        mutex.next.store(first, Relaxed);
        mutex.previous.store(list.list.as_ptr().cast(), Relaxed);
        if !is_head(first, list) {
            previous_of(first).store(self.entry, Relaxed);
        }
        // The kernel may walk the list at any instruction: the link is whole before it leads anywhere.
        compiler_fence(Release);
        list.list.store(self.entry, Relaxed);
        compiler_fence(Release);
    }

    /// Takes the mutex, still held, from the list.
    pub fn delist(&self, mutex: &Mutex) {
        let Some(list) = self.list else { return };
        let (next, previous) = (mutex.next.load(Relaxed), mutex.previous.load(Relaxed));
        if next.is_null() || previous.is_null() {
            // Taken where the kernel keeps no list.
            return;
        }
        // SAFETY: the neighbour, or the head, of a list that this task alone changes.
        unsafe { &*without_bit(previous).cast::<AtomicPtr<c_void>>() }.store(next, Relaxed);
        if !is_head(next, list) {
            previous_of(next).store(previous, Relaxed);
        }
        compiler_fence(Release);
        mutex.next.store(ptr::null_mut(), Relaxed);
        mutex.previous.store(ptr::null_mut(), Relaxed);
    }
}

impl Drop for Pending {
    /// The mutex may be gone by now: only the list's head is touched.
    fn drop(&mut self) {
        if let Some(list) = self.list {
            compiler_fence(Release);
            list.pending.store(ptr::null_mut(), Relaxed);
        }
    }
}

fn without_bit(entry: *mut c_void) -> *mut c_void {
    entry.map_addr(|a| a & !INHERIT_BIT)
}

fn is_head(entry: *mut c_void, list: &RobustList) -> bool {
    ptr::eq(without_bit(entry), list.list.as_ptr().cast())
}

/// The `previous` word of the mutex that an entry stands for.
fn previous_of<'a>(entry: *mut c_void) -> &'a AtomicPtr<c_void> {
    const BACK: usize = offset_of!(Mutex, next) - offset_of!(Mutex, previous);
    // SAFETY: entries stand for held mutexes of this task, which stay in memory while they are held.
    unsafe { &*without_bit(entry).byte_sub(BACK).cast() }
}

/// The mutex's consistency, in a word that biased mutexes use otherwise.
fn health(mutex: &Mutex) -> &AtomicU32 {
    mutex.lock.spare().0
}

fn is_lost(mutex: &Mutex) -> bool {
    health(mutex).load(Relaxed) == NOT_RECOVERABLE
}

/// `pthread_mutex_lock` of a robust mutex.
#[inline(never)]
pub fn lock(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    match take_free(mutex, false) {
        Some(pending) => finish(mutex, kind, Taken::Clean, &pending),
        None => lock_slow(mutex, kind, deadline),
    }
}

/// Takes the word if it is 0. Nobody has said yet whether the mutex is lost.
#[inline]
pub fn take_free(mutex: &Mutex, inherit: bool) -> Option<Pending> {
    let pending = Pending::announce(mutex, inherit);
    let word = mutex.lock.raw();
    word.compare_exchange(0, identity::tid(), Acquire, Relaxed).is_ok().then_some(pending)
}

#[cold]
#[inline(never)]
fn lock_slow(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let owner = tid_word::owner(word);
    if matches!(owner, Owner::Me | Owner::Ancestor) && tid_word::relock(mutex, kind, owner)? {
        return Ok(());
    }
    let pending = Pending::announce(mutex, false);
    let lost = || is_lost(mutex).then_some(Errno::ENOTRECOVERABLE);
    let taken = tid_word::take(word, tid_word::patience(mutex), kind.scope(), deadline, lost)?;
    finish(mutex, kind, taken, &pending)
}

/// `pthread_mutex_trylock` of a robust mutex.
pub fn try_lock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let owner = tid_word::owner(word);
    if matches!(owner, Owner::Me | Owner::Ancestor) {
        return tid_word::try_relock(mutex, kind, owner);
    }
    let pending = Pending::announce(mutex, false);
    match tid_word::try_take(word) {
        Some(taken) => finish(mutex, kind, taken, &pending),
        None if is_lost(mutex) => Err(Errno::ENOTRECOVERABLE),
        None => Err(Errno::EBUSY),
    }
}

#[inline]
fn finish(mutex: &Mutex, kind: Kind, taken: Taken, pending: &Pending) -> Result<(), Errno> {
    if is_lost(mutex) {
        tid_word::release_to_all(mutex.lock.raw(), kind.scope());
        return Err(Errno::ENOTRECOVERABLE);
    }
    adopt(mutex, taken, pending)
}

/// The word is ours: lists the mutex, and says so if its owner died.
pub fn adopt(mutex: &Mutex, taken: Taken, pending: &Pending) -> Result<(), Errno> {
    pending.enlist(mutex);
    if taken == Taken::Clean {
        return Ok(());
    }
    mutex.count.store(0, Relaxed);
    health(mutex).store(INCONSISTENT, Relaxed);
    Err(Errno::EOWNERDEAD)
}

/// Before the word is released: what was not made consistent is lost. Gives whether it is.
pub fn give_up(mutex: &Mutex) -> bool {
    if health(mutex).load(Relaxed) == CONSISTENT {
        return false;
    }
    health(mutex).store(NOT_RECOVERABLE, Relaxed);
    true
}

/// Whether a robust mutex with priority inheritance was lost.
pub fn is_lost_inherit(mutex: &Mutex) -> bool {
    is_lost(mutex)
}

/// `pthread_mutex_unlock` of a robust mutex.
#[inline(never)]
pub fn unlock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    if !tid_word::is_last_unlock(mutex, kind, CHECKED)? {
        return Ok(());
    }
    let pending = Pending::announce(mutex, false);
    pending.delist(mutex);
    let word = mutex.lock.raw();
    if give_up(mutex) {
        tid_word::release_to_all(word, kind.scope());
    } else {
        tid_word::release(word, tid_word::patience(mutex), kind.scope());
    }
    Ok(())
}

/// `pthread_mutex_consistent`.
pub fn make_consistent(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    let mine = tid_word::owner(mutex.lock.raw()) == Owner::Me;
    if !kind.is_robust() || !mine || health(mutex).load(Relaxed) != INCONSISTENT {
        return Err(Errno::EINVAL);
    }
    health(mutex).store(CONSISTENT, Relaxed);
    Ok(())
}
