//! Private conditions: a queue of waiters, each sleeping on a word of its own on its stack.
//!
//! ```text
//!              signal or broadcast (queue locked)      signaller, or the waiter before holds the mutex
//!   WAITING ───────────────────────────────▶ CHOSEN ────────────────────────────▶ RELEASED: retakes the mutex
//!      │ time is up, cancelled: CAS
//!      ▼
//!   LEAVING ── queue locked: unlinks itself; or, if a signaller found it and unlinked it, tells that signaller
//!      ▲
//!   WAITING: a vfork child signals, by CAS
//! ```
//!
//! - **A signal is never lost or stolen**: it chooses the longest waiter that is not leaving, and nobody else can take it.
//!   A waiter that is chosen returns normally even if its time is up at that moment.
//! - **A broadcast does not stampede**: the chosen form a chain; the signaller releases the first, and each releases the
//!   next once it holds the mutex.
//! - **Fork.** A fork child has copies of its parent's waiters, but not the threads. The queue carries the fork generation of
//!   those in it; a queue of another generation counts as empty. (So does one that a process sees in shared memory
//!   though the condition is private: it must not follow the other process's pointers.)
//! - **Destroy at once**: a chosen waiter touches only its own node, never the condition. A leaving one still has to
//!   lock the queue, so a signaller, or who destroys the condition, waits for those that it met.
//! - **A vfork child** may be killed between any two stores, and its parent cannot tell what links it left. It changes none:
//!   its signal sends a waiter away, as the end of its time would, and the waiter unlinks itself. The child notes the
//!   queue first ([`held`]); if it dies, its parent wakes whoever was sent away and still sleeps.

use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{
    AtomicPtr, AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

use tidal_rt::Errno;
use tidal_rt::futex::{self, Scope};
use tidal_rt::identity;
use tidal_rt::lock::{RawLock, held};

use super::{Guard, Until, ended};
use crate::fork;

const WAITING: u32 = 0;
const LEAVING: u32 = 1;
const CHOSEN: u32 = 2;
const RELEASED: u32 = 3;

/// A thread that waits. Links are changed with the queue locked.
struct Waiter {
    state: AtomicU32,
    next: AtomicPtr<Waiter>,
    previous: AtomicPtr<Waiter>,
    /// Who was chosen next by the same broadcast; set before this one is released.
    chain: AtomicPtr<Waiter>,
    /// The count of leaving waiters that a signaller waits for; null unless one has unlinked this waiter.
    told: AtomicPtr<AtomicU32>,
}

impl Waiter {
    fn new() -> Waiter {
        Waiter {
            state: AtomicU32::new(WAITING),
            next: AtomicPtr::new(ptr::null_mut()),
            previous: AtomicPtr::new(ptr::null_mut()),
            chain: AtomicPtr::new(ptr::null_mut()),
            told: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Lets a chosen waiter go. It may be gone before the wake, which names it by address alone.
    ///
    /// # Safety
    /// `waiter` is chosen and not yet released.
    unsafe fn release(waiter: *mut Waiter) {
        // SAFETY: a chosen waiter stays until it is released.
        let word = unsafe { &raw const (*waiter).state };
        // SAFETY: as above; this is the last access.
        unsafe { (*word).store(RELEASED, Release) };
        futex::wake(word, 1, Scope::Private);
    }

    /// Makes it look at its state.
    fn wake(&self) {
        futex::wake(&self.state, 1, Scope::Private);
    }

    /// Sleeps until released.
    fn wait_for_release(&self) {
        loop {
            match self.state.load(Acquire) {
                RELEASED => return,
                state => {
                    let _ = futex::wait(&self.state, state, Scope::Private);
                }
            }
        }
    }
}

/// The waiters of a private condition, longest first.
#[repr(C)]
pub struct Queue {
    lock: RawLock,
    /// [`fork::generation`] of the process whose threads are in the queue.
    generation: AtomicU32,
    first: AtomicPtr<Waiter>,
    last: AtomicPtr<Waiter>,
}

impl Queue {
    /// Nobody waits.
    pub const fn new() -> Queue {
        Queue {
            lock: RawLock::new(),
            generation: AtomicU32::new(0),
            first: AtomicPtr::new(ptr::null_mut()),
            last: AtomicPtr::new(ptr::null_mut()),
        }
    }

    fn locked<R>(&self, f: impl FnOnce() -> R) -> R {
        self.lock.lock();
        let result = f();
        // SAFETY: taken above.
        unsafe { self.lock.unlock() };
        result
    }

    /// Whether who is in the queue is of another process.
    fn is_foreign(&self) -> bool {
        self.generation.load(Relaxed) != fork::generation()
    }

    /// Whether nobody of this process waits.
    #[inline]
    fn is_empty(&self) -> bool {
        self.first.load(Relaxed).is_null() || self.is_foreign()
    }

    fn append(&self, waiter: &Waiter) {
        let me = ptr::from_ref(waiter).cast_mut();
        self.locked(|| {
            if self.is_foreign() {
                self.generation.store(fork::generation(), Relaxed);
                self.first.store(ptr::null_mut(), Relaxed);
                self.last.store(ptr::null_mut(), Relaxed);
            }
            let last = self.last.load(Relaxed);
            waiter.previous.store(last, Relaxed);
            // SAFETY: queued waiters stay until they are unlinked.
            let link = unsafe { last.as_ref() }.map_or(&self.first, |l| &l.next);
            link.store(me, Relaxed);
            self.last.store(me, Relaxed);
        });
    }

    /// The queue is locked.
    fn unlink(&self, waiter: &Waiter) {
        let (next, previous) = (waiter.next.load(Relaxed), waiter.previous.load(Relaxed));
        // SAFETY: queued waiters stay until they are unlinked.
        let (after, before) = unsafe { (next.as_ref(), previous.as_ref()) };
        before.map_or(&self.first, |b| &b.next).store(next, Relaxed);
        after.map_or(&self.last, |a| &a.previous).store(previous, Relaxed);
    }

    /// Waits; see [`super::Cond::wait`].
    pub fn wait(&self, mutex: &impl Guard, until: Until) -> Result<(), Errno> {
        let waiter = Waiter::new();
        self.append(&waiter);
        if let Err(error) = mutex.release() {
            if !self.leave(&waiter) {
                // Signalled already: the signal is for somebody who waits.
                self.end(&waiter);
                self.signal();
            }
            return Err(error);
        }
        let outcome = self.sleep(&waiter, until);
        let retaken = mutex.retake();
        let next = waiter.chain.load(Relaxed);
        if !next.is_null() {
            // SAFETY: it follows us in the chain, and nobody else releases it.
            unsafe { Waiter::release(next) };
        }
        retaken.and(outcome)
    }

    fn sleep(&self, waiter: &Waiter, until: Until) -> Result<(), Errno> {
        while waiter.state.load(Acquire) == WAITING {
            if let Some(error) = ended(until.sleep(&waiter.state, WAITING, Scope::Private))
                && self.leave(waiter)
            {
                return Err(error);
            }
        }
        self.end(waiter);
        Ok(())
    }

    /// The end of a wait that was signalled.
    fn end(&self, waiter: &Waiter) {
        if waiter.state.load(Relaxed) == LEAVING {
            self.depart(waiter);
        } else {
            waiter.wait_for_release();
        }
    }

    /// Takes the waiter from the queue, unless it has been signalled.
    fn leave(&self, waiter: &Waiter) -> bool {
        let left = waiter.state.compare_exchange(WAITING, LEAVING, AcqRel, Relaxed).is_ok();
        if left {
            self.depart(waiter);
        }
        left
    }

    /// A leaving waiter's last access to the queue.
    fn depart(&self, waiter: &Waiter) {
        let told = self.locked(|| {
            let told = waiter.told.load(Relaxed);
            if told.is_null() {
                self.unlink(waiter);
            }
            told
        });
        // SAFETY: the signaller waits until the count is 0; the wake goes by address alone.
        if let Some(count) = unsafe { told.as_ref() }
            && count.fetch_sub(1, Release) == 1
        {
            futex::wake(told, 1, Scope::Private);
        }
    }

    /// Chooses the longest waiter and releases it.
    #[inline]
    pub fn signal(&self) {
        // Whoever waits, seen from a thread that holds or has held the mutex since, is in the queue.
        if !self.is_empty() {
            self.choose(1);
        }
    }

    /// Chooses everybody and releases the first.
    #[inline]
    pub fn broadcast(&self) {
        if !self.is_empty() {
            self.choose(usize::MAX);
        }
    }

    #[cold]
    #[inline(never)]
    fn choose(&self, most: usize) {
        if identity::is_vfork_child() {
            return self.send_away(most);
        }
        let leaving = AtomicU32::new(0);
        let first = self.locked(|| self.choose_locked(most, &leaving));
        loop {
            match leaving.load(Acquire) {
                0 => break,
                count => {
                    let _ = futex::wait(&leaving, count, Scope::Private);
                }
            }
        }
        if !first.is_null() {
            // SAFETY: chosen above.
            unsafe { Waiter::release(first) };
        }
    }

    /// The first of a chain of chosen waiters.
    fn choose_locked(&self, most: usize, leaving: &AtomicU32) -> *mut Waiter {
        let mut first = ptr::null_mut();
        let mut link: Option<&AtomicPtr<Waiter>> = None;
        let mut chosen = 0;
        let mut at = self.first.load(Relaxed);
        while chosen < most {
            // SAFETY: queued waiters stay until they are unlinked and released.
            let Some(waiter) = (unsafe { at.as_ref() }) else { break };
            let next = waiter.next.load(Relaxed);
            self.unlink(waiter);
            if waiter.state.compare_exchange(WAITING, CHOSEN, AcqRel, Relaxed).is_ok() {
                match link {
                    None => first = at,
                    Some(link) => link.store(at, Relaxed),
                }
                link = Some(&waiter.chain);
                chosen += 1;
            } else {
                leaving.fetch_add(1, Relaxed);
                waiter.told.store(ptr::from_ref(leaving).cast_mut(), Relaxed);
            }
            at = next;
        }
        first
    }

    /// The waiters, longest first. The queue is locked.
    fn waiters(&self) -> impl Iterator<Item = &Waiter> {
        let mut at = self.first.load(Relaxed);
        core::iter::from_fn(move || {
            // SAFETY: queued waiters stay until they are unlinked.
            let waiter = unsafe { at.as_ref() }?;
            at = waiter.next.load(Relaxed);
            Some(waiter)
        })
    }

    /// A vfork child's signal.
    fn send_away(&self, most: usize) {
        // Not the queue's own address, which is that of its lock: each is noted by itself.
        let address = ptr::from_ref(&self.first) as usize;
        held::note(address, 0, wake_leaving_after_dead_child);
        self.locked(|| {
            self.waiters()
                .filter(|w| w.state.compare_exchange(WAITING, LEAVING, AcqRel, Relaxed).is_ok())
                .take(most)
                .for_each(Waiter::wake);
        });
        held::forget(address);
    }

    /// Whether nobody waits. Returns when those are gone that do not wait any more.
    ///
    /// # Errors
    /// `EBUSY` if somebody does.
    pub fn destroy(&self) -> Result<(), Errno> {
        if self.is_empty() {
            return Ok(());
        }
        let waits = |w: &Waiter| w.state.load(Relaxed) == WAITING;
        if identity::is_vfork_child() || self.locked(|| self.waiters().any(waits)) {
            return Err(Errno::EBUSY);
        }
        self.choose(usize::MAX);
        Ok(())
    }
}

/// A [`held::Recover`]: the child may have died between sending a waiter away and waking it.
unsafe fn wake_leaving_after_dead_child(address: usize, tid: u32, _: u32) {
    // SAFETY: the queue that the child noted; it exists.
    let queue = unsafe { &*ptr::with_exposed_provenance::<Queue>(address - offset_of!(Queue, first)) };
    // SAFETY: the child is dead. It has changed no links, so what the lock guards is whole.
    unsafe { queue.lock.recover_from(tid) };
    queue.locked(|| {
        queue.waiters().filter(|w| w.state.load(Relaxed) == LEAVING).for_each(Waiter::wake);
    });
}

impl Default for Queue {
    fn default() -> Self {
        Queue::new()
    }
}
