//! All threads that a `pthread_t` may name: from creation until join, or until the end of a detached one.
//!
//! Handles are looked up here before anything is read through them, so that a stale or garbage handle is `ESRCH` and not
//! a fault. The lock is taken with signals held off, because `pthread_kill` may be called by a signal handler. The
//! signal of [`crate::credentials`] stays open: its sender holds the lock while it waits for every thread's answer.

use core::ptr;
use core::sync::atomic::{
    AtomicPtr, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_rt::lock::RawLock;
use tidal_rt::signal::{self, Mask};
use tidal_rt::{Errno, block};

use crate::thread::{self, Thread};
use crate::{credentials, stack};

const CHAINS: usize = 512;

static LOCK: RawLock = RawLock::new();
static CHAIN: [AtomicPtr<Thread>; CHAINS] = [const { AtomicPtr::new(ptr::null_mut()) }; CHAINS];

/// Joined threads that are still in their chains, linked by their `joiner`: whoever makes the next thread, with signals held
/// and the lock taken, takes them out.
static JOINED: AtomicPtr<Thread> = AtomicPtr::new(ptr::null_mut());
static JOINED_COUNT: AtomicU32 = AtomicU32::new(0);
const JOINED_MOST: u32 = 4;

/// Threads that have not begun to exit.
static LIVE: AtomicU32 = AtomicU32::new(1);

/// Holds signals off while `f` runs.
pub(crate) fn while_signals_held<R>(f: impl FnOnce() -> R) -> R {
    let old = hold_signals();
    let result = f();
    signal::set_mask(old);
    result
}

/// Holds off every signal but that of [`crate::credentials`]; gives the mask to put back.
pub(crate) fn hold_signals() -> Mask {
    signal::replace_mask(Mask(!Mask::of(credentials::SIGNAL).0))
}

/// The lock, held; signals are held off as well.
pub(crate) struct Locked(());

/// Takes the lock. The caller has signals held off.
pub(crate) fn lock() -> Locked {
    LOCK.lock();
    Locked(())
}

impl Drop for Locked {
    fn drop(&mut self) {
        // SAFETY: held since `lock`.
        unsafe { LOCK.unlock() }
    }
}

fn chain(handle: usize) -> &'static AtomicPtr<Thread> {
    // Blocks lie at similar offsets in mappings of the same size: Fibonacci hashing spreads them.
    let hash = (handle as u64 >> 6).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    &CHAIN[(hash >> (64 - CHAINS.ilog2())) as usize]
}

impl Locked {
    /// The thread that a handle names.
    ///
    /// # Errors
    /// `ESRCH`.
    pub fn find(&self, handle: usize) -> Result<&'static Thread, Errno> {
        let mut next = chain(handle).load(Relaxed);
        // SAFETY: what is in a chain is live, and chains change with the lock alone.
        while let Some(thread) = unsafe { next.as_ref() } {
            if thread.handle() == handle && !thread.join.is_forgotten() {
                return Ok(thread);
            }
            next = thread.next.load(Relaxed);
        }
        Err(Errno::ESRCH)
    }

    /// Adds a thread.
    pub fn insert(&self, thread: &'static Thread) {
        let head = chain(thread.handle());
        thread.next.store(head.load(Relaxed), Relaxed);
        head.store(ptr::from_ref(thread).cast_mut(), Relaxed);
    }

    /// Takes a thread out; its memory may then be used again.
    pub fn remove(&self, thread: &Thread) {
        let mut link = chain(thread.handle());
        // SAFETY: as in `find`.
        while let Some(here) = unsafe { link.load(Relaxed).as_ref() } {
            if ptr::eq(here, thread) {
                link.store(here.next.load(Relaxed), Relaxed);
                return;
            }
            link = &here.next;
        }
    }

    /// Takes joined threads out and gives their memory to the next.
    pub fn reap_joined(&self) {
        let mut next = JOINED.swap(ptr::null_mut(), Acquire);
        // SAFETY: what is in the list is dead, and nobody else names it.
        while let Some(thread) = unsafe { next.as_ref() } {
            next = thread.joiner.load(Relaxed);
            JOINED_COUNT.fetch_sub(1, Relaxed);
            self.remove(thread);
            drop(stack::put_cached(self, thread));
        }
    }

    /// Calls `f` with every thread; `f` may take that very thread out.
    pub fn for_each(&self, mut f: impl FnMut(&'static Thread)) {
        for head in &CHAIN {
            let mut next = head.load(Relaxed);
            // SAFETY: as in `find`; the link is read before `f` can change it.
            while let Some(thread) = unsafe { next.as_ref() } {
                next = thread.next.load(Relaxed);
                f(thread);
            }
        }
    }
}

/// The caller has joined a thread, which is dead: no handle names it any more.
pub(crate) fn forget_joined(thread: &'static Thread) {
    thread.join.forget();
    let me = ptr::from_ref(thread).cast_mut();
    let mut head = JOINED.load(Relaxed);
    loop {
        thread.joiner.store(head, Relaxed);
        match JOINED.compare_exchange_weak(head, me, Release, Relaxed) {
            Ok(_) => break,
            Err(now) => head = now,
        }
    }
    if JOINED_COUNT.fetch_add(1, Relaxed) >= JOINED_MOST {
        while_signals_held(|| lock().reap_joined());
    }
}

/// Calls `f` with the thread that a handle names, which stays until `f` returns.
///
/// # Errors
/// `ESRCH`.
pub(crate) fn with<R>(
    handle: usize,
    f: impl FnOnce(&'static Thread) -> Result<R, Errno>,
) -> Result<R, Errno> {
    if handle == block::current() as *const _ as usize {
        return f(thread::current());
    }
    while_signals_held(|| {
        let locked = lock();
        let thread = locked.find(handle)?;
        f(thread)
    })
}

/// One more thread is about to exist.
pub(crate) fn count_one_more() {
    LIVE.fetch_add(1, Relaxed);
}

/// One thread less; tells whether it was the last.
pub(crate) fn count_one_less() -> bool {
    LIVE.fetch_sub(1, Relaxed) == 1
}

/// How many threads have not begun to exit.
pub fn live() -> u32 {
    LIVE.load(Relaxed)
}

/// In a fork child: the running thread is the only one.
///
/// # Safety
/// There is one thread, and it holds no reference to another's structure.
pub(crate) unsafe fn forget_others(locked: &Locked, mut reap: impl FnMut(&'static Thread)) {
    let me = block::current().runtime.thread.load(Relaxed).cast::<Thread>();
    // They are in their chains like all others.
    JOINED.store(ptr::null_mut(), Relaxed);
    JOINED_COUNT.store(0, Relaxed);
    locked.for_each(|thread| {
        if !ptr::eq(thread, me) {
            locked.remove(thread);
            reap(thread);
        }
    });
    LIVE.store(1, Relaxed);
}

/// In a fork child made by `_Fork`, whose other threads may have held the lock: frees it.
///
/// # Safety
/// There is one thread, and it does not hold the lock.
pub(crate) unsafe fn reset_lock() {
    // SAFETY: by the caller's contract; every change of a chain is one store, so the chains are consistent.
    unsafe { LOCK.reset() }
}
