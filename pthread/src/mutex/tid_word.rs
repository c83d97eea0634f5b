//! Process-shared mutexes: a futex word with the owner's TID ([`super::tid_state`]), and what robust and protected ones
//! share with it.

use core::hint;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::held;
use tidal_rt::{Errno, identity};

use super::biased::Deadline;
use super::kind::{Kind, Type};
use super::tid_state::{self, OWNER_DIED, PATIENCE, TID, WAITERS, Wake};
use super::{Mutex, robust};

const SPINS: u32 = 100;

/// Whose a word is, seen from the running task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    Nobody,
    Me,
    /// A task that is suspended until we are gone.
    Ancestor,
    Other,
}

/// How the word was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    Clean,
    /// Its owner died holding it.
    OwnerDied,
}

/// Who holds the word.
#[inline]
pub fn owner(word: &AtomicU32) -> Owner {
    match word.load(Relaxed) & TID {
        0 => Owner::Nobody,
        tid if tid == identity::tid() => Owner::Me,
        tid if identity::is_suspended_ancestor(tid) => Owner::Ancestor,
        _ => Owner::Other,
    }
}

pub fn is_held(word: &AtomicU32) -> bool {
    word.load(Relaxed) & TID != 0
}

/// Takes the word if it is free or its owner is dead.
#[inline]
pub fn try_take(word: &AtomicU32) -> Option<Taken> {
    let me = identity::tid();
    let mut seen = match word.compare_exchange(0, me, Acquire, Relaxed) {
        Ok(_) => return Some(Taken::Clean),
        Err(seen) => seen,
    };
    while let Some(taken) = tid_state::taken(seen, me) {
        match word.compare_exchange_weak(seen, taken, Acquire, Relaxed) {
            Ok(_) if seen & OWNER_DIED != 0 => return Some(Taken::OwnerDied),
            Ok(_) => return Some(Taken::Clean),
            Err(now) => seen = now,
        }
    }
    None
}

/// Takes the word, waiting for it. `give_up` is asked before each sleep.
#[cold]
pub fn take(
    word: &AtomicU32,
    patience: &AtomicU32,
    scope: Scope,
    deadline: Deadline,
    give_up: impl Fn() -> Option<Errno>,
) -> Result<Taken, Errno> {
    held::with_wake_owed(word, scope, || take_slow(word, patience, scope, deadline, give_up))
}

fn take_slow(
    word: &AtomicU32,
    patience: &AtomicU32,
    scope: Scope,
    deadline: Deadline,
    give_up: impl Fn() -> Option<Errno>,
) -> Result<Taken, Errno> {
    loop {
        for _ in 0..SPINS {
            if word.load(Relaxed) & TID == 0 || word.load(Relaxed) & WAITERS != 0 {
                break;
            }
            hint::spin_loop();
        }
        if let Some(taken) = try_take(word) {
            return Ok(taken);
        }
        if let Some(error) = give_up() {
            return Err(error);
        }
        let seen = word.load(Relaxed);
        if seen & TID == 0 {
            continue;
        }
        let marked = seen | WAITERS;
        if seen != marked && word.compare_exchange(seen, marked, Relaxed, Relaxed).is_err() {
            continue;
        }
        patience.store(PATIENCE, Relaxed);
        if let Err(e @ (Errno::ETIMEDOUT | Errno::EINVAL)) = futex::wait_until(word, marked, scope, deadline)
        {
            return Err(e);
        }
    }
}

/// Releases the word and wakes one who waits. Nothing of the mutex is touched afterwards.
#[inline]
pub fn release(word: &AtomicU32, patience: &AtomicU32, scope: Scope) {
    if word.compare_exchange(identity::tid(), 0, Release, Relaxed).is_ok() {
        return;
    }
    release_waking(word, patience, scope);
}

#[cold]
#[inline(never)]
fn release_waking(word: &AtomicU32, patience: &AtomicU32, scope: Scope) {
    let release = tid_state::release(patience.load(Relaxed));
    match release.wake {
        Wake::One => {
            patience.store(release.patience, Relaxed);
            release_and_wake(word, 1, scope);
        }
        Wake::All => release_to_all(word, scope),
    }
}

/// Releases the word and wakes all who wait.
#[cold]
pub fn release_to_all(word: &AtomicU32, scope: Scope) {
    if futex::clear_and_wake_all(word, scope).is_err() {
        release_and_wake(word, i32::MAX, scope);
    }
}

/// Releases the word, which goes on saying that somebody may sleep.
fn release_and_wake(word: &AtomicU32, count: i32, scope: Scope) {
    let address: *const AtomicU32 = word;
    held::with_wake_owed(address, scope, || {
        word.store(WAITERS, Release);
        futex::wake(address, count, scope);
    });
}

/// Locks a mutex that its own thread of control holds already. `Ok(true)`: counted. `Ok(false)`: it has to wait.
pub fn relock(mutex: &Mutex, kind: Kind, owner: Owner) -> Result<bool, Errno> {
    match kind.relock(mutex.count.load(Relaxed))? {
        Some(count) => mutex.count.store(count, Relaxed),
        // Waiting could never end.
        None if owner == Owner::Ancestor => return Err(Errno::EDEADLK),
        None => return Ok(false),
    }
    Ok(true)
}

/// As [`relock`], for `trylock`.
pub fn try_relock(mutex: &Mutex, kind: Kind, owner: Owner) -> Result<(), Errno> {
    match relock(mutex, kind, owner) {
        Ok(true) => Ok(()),
        Err(Errno::EAGAIN) => Err(Errno::EAGAIN),
        _ => Err(Errno::EBUSY),
    }
}

/// Whether an unlock by the running task is the last one. `checked`: strangers get `EPERM` whatever the type.
#[inline]
pub fn is_last_unlock(mutex: &Mutex, kind: Kind, checked: bool) -> Result<bool, Errno> {
    if !checked && matches!(kind.kind(), Type::Normal | Type::Adaptive) {
        return Ok(true);
    }
    let mine = mutex.lock.raw().load(Relaxed) & TID == identity::tid();
    if mine && mutex.count.load(Relaxed) == 0 {
        return Ok(true);
    }
    is_last_odd_unlock(mutex, kind, checked)
}

#[cold]
#[inline(never)]
fn is_last_odd_unlock(mutex: &Mutex, kind: Kind, checked: bool) -> Result<bool, Errno> {
    let owner = owner(mutex.lock.raw());
    let mine = matches!(owner, Owner::Me | Owner::Ancestor);
    let count = mutex.count.load(Relaxed);
    match kind.kind() {
        Type::Recursive if mine && count > 0 => {
            mutex.count.store(count - 1, Relaxed);
            Ok(false)
        }
        // What the parent took, the parent releases.
        Type::Recursive | Type::ErrorCheck if owner != Owner::Me => Err(Errno::EPERM),
        _ if checked && owner != Owner::Me => Err(Errno::EPERM),
        _ => Ok(true),
    }
}

/// The patience of process-shared and robust mutexes.
pub fn patience(mutex: &Mutex) -> &AtomicU32 {
    mutex.lock.spare().1
}

/// `pthread_mutex_lock` of a process-shared mutex.
#[inline(never)]
pub fn lock(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    if mutex.lock.raw().compare_exchange(0, identity::tid(), Acquire, Relaxed).is_ok() {
        return Ok(());
    }
    lock_slow(mutex, kind, deadline)
}

#[cold]
#[inline(never)]
fn lock_slow(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let owner = owner(word);
    if matches!(owner, Owner::Me | Owner::Ancestor) && relock(mutex, kind, owner)? {
        return Ok(());
    }
    take(word, patience(mutex), kind.scope(), deadline, || None).map(drop)
}

/// `pthread_mutex_trylock` of a process-shared mutex.
pub fn try_lock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    if try_take(word).is_some() {
        return Ok(());
    }
    match owner(word) {
        owner @ (Owner::Me | Owner::Ancestor) => try_relock(mutex, kind, owner),
        _ => Err(Errno::EBUSY),
    }
}

/// `pthread_mutex_unlock` of a process-shared mutex.
#[inline(never)]
pub fn unlock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    if is_last_unlock(mutex, kind, robust::NOT_CHECKED)? {
        release(mutex.lock.raw(), patience(mutex), kind.scope());
    }
    Ok(())
}
