//! Priority protection: who holds the mutex runs at least at its ceiling (`PTHREAD_PRIO_PROTECT`).
//!
//! A thread's held mutexes of this kind form a list from the block. Each entry keeps the priority that the thread had
//! before it held any; a change of the list sets the thread to the highest of that and the ceilings that remain.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed};

use tidal_rt::{Errno, block, syscall};

use super::biased::Deadline;
use super::kind::{Class, Kind};
use super::tid_word::{self, Owner};
use super::{Mutex, robust};

/// `sched_get_priority_min` and `_max` of `SCHED_FIFO`.
pub const LOWEST: i32 = 1;
/// As [`LOWEST`].
pub const HIGHEST: i32 = 99;

pub fn init(mutex: &Mutex, ceiling: i32) {
    mutex.lock.spare().1.store(ceiling as u32, Relaxed);
}

/// Protected mutexes keep their ceiling where others keep theirs.
fn patience(mutex: &Mutex) -> &AtomicU32 {
    mutex.lock.spare().0
}

fn ceiling_of(mutex: &Mutex) -> i32 {
    mutex.lock.spare().1.load(Relaxed) as i32
}

/// The first protected mutex that the running thread holds.
fn held() -> &'static AtomicPtr<c_void> {
    &block::current().runtime.protected
}

/// What `sched_setscheduler(2)` wants to know.
#[derive(Clone, Copy)]
struct Priority {
    policy: c_int,
    level: c_int,
}

impl Priority {
    fn current() -> Result<Priority, Errno> {
        let mut level: c_int = 0;
        // SAFETY: no pointers; 0 is the running task.
        let policy = unsafe { syscall!(__NR_sched_getscheduler, 0)? } as c_int;
        // SAFETY: `struct sched_param` is one int.
        unsafe { syscall!(__NR_sched_getparam, 0, ptr::from_mut(&mut level))? };
        Ok(Priority { policy, level })
    }

    fn apply(self) -> Result<(), Errno> {
        // SAFETY: as above.
        unsafe { syscall!(__NR_sched_setscheduler, 0, self.policy, ptr::from_ref(&self.level)) }.map(drop)
    }

    fn raised_to(self, level: c_int) -> Priority {
        Priority { level: self.level.max(level), ..self }
    }

    /// As a pointer-sized word, for a mutex's unused list pointer.
    fn pack(self) -> *mut c_void {
        ptr::without_provenance_mut((self.policy as usize) << 32 | self.level as u32 as usize)
    }

    fn unpack(word: *mut c_void) -> Priority {
        Priority { policy: (word.addr() >> 32) as c_int, level: word.addr() as u32 as c_int }
    }
}

fn next_of(entry: *mut c_void) -> Option<&'static Mutex> {
    // SAFETY: entries are mutexes that the running thread holds.
    unsafe { entry.cast::<Mutex>().as_ref() }
}

/// The thread's own priority and the highest ceiling it holds.
fn situation() -> Result<(Priority, c_int), Errno> {
    let Some(first) = next_of(held().load(Relaxed)) else { return Ok((Priority::current()?, 0)) };
    let base = Priority::unpack(first.previous.load(Relaxed));
    let mut highest = 0;
    let mut at = Some(first);
    while let Some(mutex) = at {
        highest = highest.max(ceiling_of(mutex));
        at = next_of(mutex.next.load(Relaxed));
    }
    Ok((base, highest))
}

/// Raises the thread, then runs `take`; on failure everything is as before.
fn raised(mutex: &Mutex, take: impl FnOnce() -> Result<(), Errno>) -> Result<(), Errno> {
    let (base, highest) = situation()?;
    let ceiling = ceiling_of(mutex);
    if base.level > ceiling {
        return Err(Errno::EINVAL);
    }
    let before = base.raised_to(highest);
    let after = before.raised_to(ceiling);
    if after.level != before.level {
        after.apply()?;
    }
    if let Err(e) = take() {
        if after.level != before.level {
            before.apply()?;
        }
        return Err(e);
    }
    mutex.previous.store(base.pack(), Relaxed);
    mutex.next.store(held().load(Relaxed), Relaxed);
    held().store(ptr::from_ref(mutex).cast_mut().cast(), Relaxed);
    Ok(())
}

/// Takes the mutex from the thread's list and gives the priority to fall back to.
fn unlisted(mutex: &Mutex) -> Result<Option<Priority>, Errno> {
    let (_, before) = situation()?;
    let mut link = held();
    while let Some(entry) = next_of(link.load(Relaxed)) {
        if ptr::eq(entry, mutex) {
            link.store(entry.next.load(Relaxed), Relaxed);
            let base = Priority::unpack(mutex.previous.load(Relaxed));
            let after = situation()
                .map_or(0, |(_, highest)| if held().load(Relaxed).is_null() { 0 } else { highest });
            let (old, new) = (base.raised_to(before), base.raised_to(after));
            return Ok((old.level != new.level).then_some(new));
        }
        link = &entry.next;
    }
    Ok(None)
}

/// The running thread gets another priority of its own: what it runs at while it holds what it holds.
pub fn rebased(policy: c_int, level: c_int) -> c_int {
    let base = Priority { policy, level };
    let mut highest = level;
    let mut at = next_of(held().load(Relaxed));
    while let Some(mutex) = at {
        mutex.previous.store(base.pack(), Relaxed);
        highest = highest.max(ceiling_of(mutex));
        at = next_of(mutex.next.load(Relaxed));
    }
    highest
}

/// `pthread_mutex_lock` of a protected mutex.
#[inline(never)]
pub fn lock(mutex: &Mutex, kind: Kind, deadline: Deadline) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    let owner = tid_word::owner(word);
    if matches!(owner, Owner::Me | Owner::Ancestor) && tid_word::relock(mutex, kind, owner)? {
        return Ok(());
    }
    raised(mutex, || tid_word::take(word, patience(mutex), kind.scope(), deadline, || None).map(drop))
}

/// `pthread_mutex_trylock` of a protected mutex.
pub fn try_lock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    let word = mutex.lock.raw();
    match tid_word::owner(word) {
        owner @ (Owner::Me | Owner::Ancestor) => tid_word::try_relock(mutex, kind, owner),
        _ => raised(mutex, || tid_word::try_take(word).map(drop).ok_or(Errno::EBUSY)),
    }
}

/// `pthread_mutex_unlock` of a protected mutex.
#[inline(never)]
pub fn unlock(mutex: &Mutex, kind: Kind) -> Result<(), Errno> {
    if !tid_word::is_last_unlock(mutex, kind, robust::NOT_CHECKED)? {
        return Ok(());
    }
    let lowered = unlisted(mutex)?;
    tid_word::release(mutex.lock.raw(), patience(mutex), kind.scope());
    match lowered {
        Some(priority) => priority.apply(),
        None => Ok(()),
    }
}

/// `pthread_mutex_getprioceiling`.
pub fn ceiling(mutex: &Mutex, kind: Kind) -> Result<i32, Errno> {
    if kind.class() == Class::Protect { Ok(ceiling_of(mutex)) } else { Err(Errno::EINVAL) }
}

/// `pthread_mutex_setprioceiling`: takes the word without obeying the old ceiling, as POSIX allows.
pub fn set_ceiling(mutex: &Mutex, kind: Kind, ceiling: i32) -> Result<i32, Errno> {
    let old = self::ceiling(mutex, kind)?;
    if !(LOWEST..=HIGHEST).contains(&ceiling) {
        return Err(Errno::EINVAL);
    }
    let word = mutex.lock.raw();
    if tid_word::owner(word) == Owner::Me {
        match kind.kind() {
            super::Type::ErrorCheck => return Err(Errno::EDEADLK),
            super::Type::Recursive => {
                // Held already: the thread follows the new ceiling at once.
                init(mutex, ceiling);
                let (base, highest) = situation()?;
                base.raised_to(highest).apply()?;
                return Ok(old);
            }
            _ => {}
        }
    }
    tid_word::take(word, patience(mutex), kind.scope(), None, || None)?;
    init(mutex, ceiling);
    tid_word::release_to_all(word, kind.scope());
    Ok(old)
}
