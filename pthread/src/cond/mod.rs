//! Condition variables: `pthread_cond_t`, with glibc's size and initialiser.
//!
//! | | file | who is woken |
//! |---|---|---|
//! | private | [`queue`] | the longest waiter; a broadcast wakes one after the other, each as the one before holds the mutex |
//! | process-shared | [`groups`] | somebody of the oldest group; waiters that came after a signal never take it |
//!
//! A **vfork child** may be killed at any instruction, so it never joins the waiters: it sleeps for moments and looks again,
//! which POSIX allows (a wait may end without a signal). Its signals work, and leave nothing half-made.
//!
//! A wait is a cancellation point. Whoever was signalled returns normally, and a request stays pending; otherwise the mutex
//! is taken back before the thread acts on it.

mod groups;
mod queue;

use core::mem::{align_of, size_of};
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use tidal_rt::futex::{self, Clock, Scope};
use tidal_rt::{Errno, identity};

use crate::mutex::Mutex;
use crate::mutex::biased::{BiasedLock, Deadline};
use crate::mutex::contended::nap;

pub use queue::Queue;

/// What a wait releases and takes back.
pub trait Guard {
    /// Releases it.
    ///
    /// # Errors
    /// What the lock's own release gives: the wait fails with it, still holding what it held.
    fn release(&self) -> Result<(), Errno>;

    /// Takes it back.
    ///
    /// # Errors
    /// What the lock's own function gives (`EOWNERDEAD`).
    fn retake(&self) -> Result<(), Errno>;
}

impl Guard for Mutex {
    #[inline]
    fn release(&self) -> Result<(), Errno> {
        // SAFETY: waiting is for who holds the mutex.
        unsafe { self.unlock() }
    }

    #[inline]
    fn retake(&self) -> Result<(), Errno> {
        self.lock()
    }
}

impl Guard for BiasedLock {
    #[inline]
    fn release(&self) -> Result<(), Errno> {
        // SAFETY: waiting is for who holds the lock.
        unsafe { self.unlock() };
        Ok(())
    }

    #[inline]
    fn retake(&self) -> Result<(), Errno> {
        self.lock();
        Ok(())
    }
}

/// How a wait may end early.
#[derive(Clone, Copy)]
pub struct Until<'a> {
    /// An absolute time.
    pub deadline: Deadline<'a>,
    /// A cancellation request ends it with `ECANCELED`.
    pub cancelable: bool,
}

impl Until<'_> {
    /// Sleeps on a word of the condition's.
    fn sleep(self, word: &AtomicU32, expected: u32, scope: Scope) -> Result<(), Errno> {
        if self.cancelable {
            futex::wait_or_canceled(word, expected, scope, self.deadline)
        } else {
            futex::wait_until(word, expected, scope, self.deadline)
        }
    }
}

/// Whether a sleep ended for good, without a signal: `ETIMEDOUT`, `EINVAL`, `ECANCELED`.
fn ended(result: Result<(), Errno>) -> Option<Errno> {
    match result {
        Err(e @ (Errno::ETIMEDOUT | Errno::EINVAL | Errno::ECANCELED)) => Some(e),
        _ => None,
    }
}

const SHARED: u32 = 1;
const MONOTONIC: u32 = 2;
/// What `pthread_cond_destroy` leaves: no valid flags.
const DESTROYED: u32 = !0;

/// `pthread_condattr_t`; all zero is the default.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Attributes {
    flags: u32,
}

impl Attributes {
    /// Private, `CLOCK_REALTIME`.
    pub const DEFAULT: Attributes = Attributes { flags: 0 };

    /// Whether these are attributes, and not other memory.
    pub fn are_valid(&self) -> bool {
        self.flags & !(SHARED | MONOTONIC) == 0
    }

    /// Whether other processes may use the condition.
    pub fn is_shared(&self) -> bool {
        self.flags & SHARED != 0
    }

    /// Sets whether other processes may use the condition.
    pub fn set_shared(&mut self, shared: bool) {
        self.flags = self.flags & !SHARED | if shared { SHARED } else { 0 };
    }

    /// The clock of timed waits.
    pub fn clock(&self) -> Clock {
        if self.flags & MONOTONIC != 0 { Clock::Monotonic } else { Clock::Realtime }
    }

    /// Sets the clock of timed waits.
    pub fn set_clock(&mut self, clock: Clock) {
        self.flags = self.flags & !MONOTONIC | if clock == Clock::Monotonic { MONOTONIC } else { 0 };
    }
}

/// A condition variable. All zero is a private one with the real-time clock.
#[repr(C)]
pub struct Cond {
    flags: AtomicU32,
    reserved: u32,
    /// A [`Queue`] or, shared, a [`groups::Groups`]; both are empty when zero.
    body: [AtomicU64; 5],
}

const _: () = {
    assert!(size_of::<Cond>() == 48 && align_of::<Cond>() == 8, "glibc's pthread_cond_t");
    assert!(size_of::<Attributes>() == 4, "glibc's pthread_condattr_t");
    assert!(size_of::<Queue>() <= 40 && align_of::<Queue>() <= 8);
    assert!(size_of::<groups::Groups>() <= 40 && align_of::<groups::Groups>() <= 8);
};

impl Cond {
    /// A condition without waiters.
    pub const fn new(attributes: Attributes) -> Cond {
        Cond { flags: AtomicU32::new(attributes.flags), reserved: 0, body: [const { AtomicU64::new(0) }; 5] }
    }

    fn attributes(&self) -> Attributes {
        Attributes { flags: self.flags.load(Relaxed) }
    }

    /// What the condition consists of.
    ///
    /// # Errors
    /// `EINVAL` if it was destroyed, or is none.
    #[inline]
    fn body(&self) -> Result<Body<'_>, Errno> {
        let body = ptr::from_ref(&self.body);
        match self.flags.load(Relaxed) & !MONOTONIC {
            // SAFETY: the body of a private condition is a queue from its initialisation on: all zero is an empty one.
            0 => Ok(Body::Queue(unsafe { &*body.cast() })),
            // SAFETY: as above, of a shared one.
            SHARED => Ok(Body::Groups(unsafe { &*body.cast() })),
            _ => Err(Errno::EINVAL),
        }
    }

    /// The clock that timed waits count by.
    pub fn clock(&self) -> Clock {
        self.attributes().clock()
    }

    /// Releases the mutex and waits for a signal, then takes it back.
    ///
    /// # Errors
    /// `ETIMEDOUT`, `ECANCELED` (both with the mutex held); `EINVAL` for a deadline that is no time, and for what is no
    /// condition; what releasing or taking the mutex gives (`EPERM`, `EOWNERDEAD`).
    pub fn wait(&self, mutex: &impl Guard, until: Until) -> Result<(), Errno> {
        if until.deadline.is_some_and(|(_, time)| !time.is_valid()) {
            return Err(Errno::EINVAL);
        }
        if identity::is_vfork_child() {
            return wait_in_vfork_child(mutex, until.deadline);
        }
        match self.body()? {
            Body::Queue(queue) => queue.wait(mutex, until),
            Body::Groups(groups) => groups.wait(mutex, until),
        }
    }

    /// Wakes the longest waiter, if there is one.
    ///
    /// # Errors
    /// `EINVAL` for what is no condition.
    #[inline]
    pub fn signal(&self) -> Result<(), Errno> {
        match self.body()? {
            Body::Queue(queue) => queue.signal(),
            Body::Groups(groups) => groups.signal(),
        }
        Ok(())
    }

    /// Wakes everybody who waits.
    ///
    /// # Errors
    /// `EINVAL` for what is no condition.
    #[inline]
    pub fn broadcast(&self) -> Result<(), Errno> {
        match self.body()? {
            Body::Queue(queue) => queue.broadcast(),
            Body::Groups(groups) => groups.broadcast(),
        }
        Ok(())
    }

    /// Ends the condition; using it afterwards gives `EINVAL`. Who was signalled may still be on its way out of the wait.
    ///
    /// # Errors
    /// `EBUSY` while somebody waits, `EINVAL` for what is no condition.
    pub fn destroy(&self) -> Result<(), Errno> {
        match self.body()? {
            Body::Queue(queue) => queue.destroy()?,
            Body::Groups(groups) => groups.destroy()?,
        }
        self.flags.store(DESTROYED, Relaxed);
        Ok(())
    }
}

/// The two kinds of condition.
enum Body<'a> {
    Queue(&'a Queue),
    Groups(&'a groups::Groups),
}

/// Ends without a signal, after a moment.
#[cold]
fn wait_in_vfork_child(mutex: &impl Guard, deadline: Deadline) -> Result<(), Errno> {
    mutex.release()?;
    let slept = nap(deadline);
    mutex.retake().and(slept)
}
