//! Priority inheritance, robust or not: `FUTEX_LOCK_PI` (`Documentation/locking/rt-mutex.rst`, futex(2)).
//!
//! The kernel knows the waiters, so it lends the owner their priority, and hands the word over itself. User space only
//! takes a word that is 0 and releases one that is its bare TID.
//!
//! ```text
//!   0 free ──── CAS ───▶ tid ──── FUTEX_LOCK_PI of another ────▶ tid | WAITERS ── FUTEX_UNLOCK_PI ──▶ next tid [| WAITERS]
//!      ▲                  │                                          │ owner dies
//!      └────── CAS ───────┘                                          └──▶ next tid | OWNER_DIED [| WAITERS]: EOWNERDEAD
//! ```

use core::ptr;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use linux_raw_sys::general as linux;
use tidal_rt::futex::Clock;
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, futex, identity, syscall};

use super::Mutex;
use super::biased::Deadline;
use super::inherit_vfork::{self, Noted, Wait};
use super::kind::Kind;
use super::robust::{self, Pending};
use super::tid_state::OWNER_DIED;
use super::tid_word::{self, Owner, Taken};

/// `pthread_mutex_lock` of a mutex with priority inheritance.
#[inline(never)]
pub fn lock(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    if kind.is_robust() {
        if let Some(pending) = robust::take_free(mutex, true) {
            return settle(mutex, kind, Taken::Clean, &pending);
        }
    } else if !identity::is_vfork_child()
        && mutex.lock.raw().compare_exchange(0, identity::tid(), Acquire, Relaxed).is_ok()
    {
        return Ok(());
    }
    lock_slow(mutex, kind, deadline)
}

#[cold]
#[inline(never)]
fn lock_slow(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let owner = tid_word::owner(word);
    if matches!(owner, Owner::Me | Owner::Ancestor) {
        if tid_word::relock(mutex, kind, owner)? {
            return Ok(());
        }
        return wait_for_ever(deadline);
    }
    let pending = kind.is_robust().then(|| Pending::announce(mutex, true));
    let noted = Noted::in_vfork_child(mutex, kind);
    take(mutex, kind, deadline).inspect_err(|_| noted.undo())?;
    noted.taken();
    finish(mutex, kind, pending.as_ref())
}

/// `pthread_mutex_trylock` of a mutex with priority inheritance.
pub fn try_lock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let owner = tid_word::owner(word);
    if matches!(owner, Owner::Me | Owner::Ancestor) {
        return tid_word::try_relock(mutex, kind, owner);
    }
    let pending = kind.is_robust().then(|| Pending::announce(mutex, true));
    let noted = Noted::in_vfork_child(mutex, kind);
    try_take(word, kind).inspect_err(|_| noted.undo())?;
    noted.taken();
    finish(mutex, kind, pending.as_ref())
}

fn try_take(word: &AtomicU32, kind: Kind) -> Result<(), Errno> {
    if word.compare_exchange(0, identity::tid(), Acquire, Relaxed).is_ok() {
        return Ok(());
    }
    // A dead owner's word is handed over by the kernel alone.
    if word.load(Relaxed) & OWNER_DIED == 0 {
        return Err(Errno::EBUSY);
    }
    operation(word, kind, linux::FUTEX_TRYLOCK_PI, None).map_err(|_| Errno::EBUSY)
}

fn take(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    if word.compare_exchange(0, identity::tid(), Acquire, Relaxed).is_ok() {
        return Ok(());
    }
    take_contended(mutex, kind, deadline)
}

#[cold]
fn take_contended(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let mut wait = Wait::new(mutex);
    loop {
        if wait.is_childs() {
            wait.sleep(kind, deadline, false)?;
            continue;
        }
        match lock_in_kernel(word, kind, deadline) {
            Ok(()) => {
                inherit_vfork::taken_over(mutex);
                return Ok(());
            }
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            // The owner is dead. If it was a vfork child its parent will release the mutex, else nobody.
            Err(Errno::ESRCH) => wait.sleep(kind, deadline, true)?,
            // A kernel that looks at the owner's memory: it is a vfork child in another program by now, and its parent is about
            // to release the mutex. A shared one's owner may be anywhere, so there it means what it says.
            Err(Errno::EPERM) if kind.scope() == futex::Scope::Private => wait.nap(deadline, Errno::EPERM)?,
            // The kernel sees a cycle of waiters.
            Err(Errno::EDEADLK) => return wait_for_ever(deadline),
            // Between a dead owner and the next, if it is not the deadline's fault.
            Err(Errno::EINVAL) if deadline.is_none_or(|(_, time)| time.is_valid()) => {
                wait.nap(deadline, Errno::EINVAL)?;
            }
            // FUTEX_LOCK_PI2, before Linux 5.14; as in glibc.
            Err(Errno::ENOSYS) => return Err(Errno::EINVAL),
            Err(e) => return Err(e),
        }
    }
}

fn lock_in_kernel(word: &AtomicU32, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let Some((clock, time)) = deadline else { return operation(word, kind, linux::FUTEX_LOCK_PI, None) };
    if time.tv_sec < 0 && time.is_valid() {
        return Err(Errno::ETIMEDOUT);
    }
    match clock {
        // FUTEX_LOCK_PI counts by the real-time clock.
        Clock::Realtime => operation(word, kind, linux::FUTEX_LOCK_PI, Some(time)),
        Clock::Monotonic => operation(word, kind, linux::FUTEX_LOCK_PI2, Some(time)),
    }
}

pub(super) fn operation(word: &AtomicU32, kind: Kind, op: u32, time: Option<&Timespec>) -> Result<(), Errno> {
    let time = time.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the word and the time are live.
    unsafe { syscall!(__NR_futex, word.as_ptr(), op | kind.scope().flag(), 0u32, time) }.map(drop)
}

/// A normal mutex waits for itself. Signals are still handled.
#[cold]
fn wait_for_ever(deadline: Deadline) -> Result<(), Errno> {
    if identity::is_vfork_child() {
        return Err(Errno::EDEADLK);
    }
    let never = AtomicU32::new(0);
    loop {
        if let Err(e @ (Errno::ETIMEDOUT | Errno::EINVAL)) =
            futex::wait_until(&never, 0, futex::Scope::Private, deadline)
        {
            return Err(e);
        }
    }
}

fn finish(mutex: &Mutex, kind: Kind, pending: Option<&Pending>) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let Some(pending) = pending else { return Ok(()) };
    let taken = if word.load(Relaxed) & OWNER_DIED != 0 {
        word.fetch_and(!OWNER_DIED, Relaxed);
        Taken::OwnerDied
    } else {
        Taken::Clean
    };
    settle(mutex, kind, taken, pending)
}

/// The word of a robust mutex is ours.
#[inline]
fn settle(mutex: &Mutex, kind: Kind, taken: Taken, pending: &Pending) -> Result<(), Errno> {
    if robust::is_lost_inherit(mutex) {
        release(mutex.lock.raw(), kind);
        return Err(Errno::ENOTRECOVERABLE);
    }
    robust::adopt(mutex, taken, pending)
}

#[inline]
pub(super) fn release(word: &AtomicU32, kind: Kind) {
    if word.compare_exchange(identity::tid(), 0, Release, Relaxed).is_err() {
        release_in_kernel(word, kind);
    }
}

#[cold]
#[inline(never)]
fn release_in_kernel(word: &AtomicU32, kind: Kind) {
    let _ = operation(word, kind, linux::FUTEX_UNLOCK_PI, None);
}

/// `pthread_mutex_unlock` of a mutex with priority inheritance.
#[inline(never)]
pub fn unlock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    // The kernel would refuse a stranger; so does every type.
    if !tid_word::is_last_unlock(mutex, kind, true)? {
        return Ok(());
    }
    let word = mutex.lock.raw();
    if kind.is_robust() {
        let pending = Pending::announce(mutex, true);
        pending.delist(mutex);
        robust::give_up(mutex);
        release(word, kind);
        drop(pending);
    } else if identity::is_vfork_child() {
        inherit_vfork::release(mutex, |word| release(word, kind));
    } else {
        release(word, kind);
    }
    Ok(())
}
