//! Read-write locks: `pthread_rwlock_t`, with glibc's size and initialisers.
//!
//! One word says everything, and everybody sleeps on it, readers and writers as two groups of one futex:
//!
//! ```text
//!   word = [WRITERS_WAIT] [READERS_WAIT] count      count: readers inside, or WRITER
//!
//!            reader: CAS + 1                                  writer: CAS 0 → WRITER
//!   count 0 ────────────────▶ 1..WRITER-1 readers    count 0 ─────────────────────────▶ WRITER
//!      ▲      reader: CAS - 1      │                    ▲         CAS WRITER → 0           │
//!      └───────────────────────────┘                    └──────────────────────────────────┘
//!   the CAS that makes the count 0 also clears the bit of the group that it then wakes
//! ```
//!
//! - **Preference.** By default a reader enters whenever no writer is inside, so that it may read-lock again; with
//!   `PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP` not while a writer waits. Who leaves last wakes by the same preference.
//! - **No lost wake-up.** A sleeper has set its bit in the value that it sleeps on; any change in between makes the sleep
//!   fail. A cleared bit is followed by a wake; a woken writer takes the lock with `WRITERS_WAIT` set again, because others
//!   may sleep. If the wake finds nobody of its group (they timed out), the other group is woken instead.
//! - **Destroy after unlock.** Release is one CAS; wakes go by address.
//! - A writer that gives up clears both bits and wakes one writer and all readers, so that readers do not stay out for
//!   a writer that is gone.

pub mod attributes;
pub mod state;

use core::hint;
use core::mem::{align_of, offset_of, size_of};
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::held;
use tidal_rt::{Errno, identity};

use crate::mutex::biased::Deadline;
use attributes::{Attributes, Preference};
use state::{READERS_WAIT, State, WRITERS_WAIT};

/// Futex groups.
const READERS: u32 = 1;
const WRITERS: u32 = 2;

const SPINS: u32 = 100;

/// The writer "inside" a destroyed lock, so that no fast path enters it.
const GONE: u32 = !0;

/// A read-write lock. All zero is a private one that prefers readers.
#[repr(C)]
pub struct RwLock {
    word: AtomicU32,
    /// The writer inside (`lock_id`, or the TID if shared), else 0; for `EDEADLK`.
    writer: AtomicU32,
    reserved: [u32; 5],
    shared: u32,
    reserved_too: [u32; 4],
    preference: u32,
    reserved_last: u32,
}

const _: () = {
    assert!(size_of::<RwLock>() == 56 && align_of::<RwLock>() <= 8, "glibc's pthread_rwlock_t");
    assert!(offset_of!(RwLock, preference) == 48, "where static initialisers put it");
};

/// Which side of the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Read,
    Write,
}

impl RwLock {
    /// A free lock.
    pub const fn new(attributes: Attributes) -> RwLock {
        RwLock {
            word: AtomicU32::new(0),
            writer: AtomicU32::new(0),
            reserved: [0; 5],
            shared: attributes.is_shared() as u32,
            reserved_too: [0; 4],
            preference: attributes.preference() as u32,
            reserved_last: 0,
        }
    }

    fn scope(&self) -> Scope {
        if self.shared != 0 { Scope::Shared } else { Scope::Private }
    }

    #[inline]
    fn prefers_writers(&self) -> bool {
        self.preference == Preference::WriterNonrecursive as u32
    }

    fn me(&self) -> u32 {
        if self.shared != 0 { identity::tid() } else { identity::lock_id() }
    }

    #[inline]
    fn state(&self) -> State {
        State(self.word.load(Relaxed))
    }

    #[inline]
    fn swap_if(&self, old: State, new: State) -> bool {
        self.word.compare_exchange_weak(old.0, new.0, Acquire, Relaxed).is_ok()
    }

    /// Enters as a reader if nothing is in the way.
    ///
    /// # Errors
    /// `EBUSY`; `EAGAIN` for too many readers; `EINVAL` for what is no lock.
    #[inline]
    pub fn try_read(&self) -> Result<(), Errno> {
        self.try_enter(Side::Read, false).map_err(|e| self.refusal(e))
    }

    /// Enters as the writer if nobody is inside.
    ///
    /// # Errors
    /// `EBUSY`; `EINVAL` for what is no lock.
    #[inline]
    pub fn try_write(&self) -> Result<(), Errno> {
        self.try_enter(Side::Write, false).map_err(|e| self.refusal(e))
    }

    #[inline]
    fn try_enter(&self, side: Side, waited: bool) -> Result<(), Errno> {
        loop {
            let state = self.state();
            let new = match side {
                Side::Read => state.with_reader(self.prefers_writers())?,
                Side::Write => state.with_writer(waited)?,
            };
            if self.swap_if(state, new) {
                if side == Side::Write {
                    self.writer.store(self.me(), Relaxed);
                }
                return Ok(());
            }
        }
    }

    /// Enters a lock that nobody is inside of or waits for, in one read-modify-write without a look: a load of what a
    /// locked instruction has just written, with another to follow, costs 3 ns.
    #[inline(always)]
    fn enter_empty(&self, state: State) -> bool {
        self.word.compare_exchange(State::EMPTY.0, state.0, Acquire, Relaxed).is_ok()
    }

    /// Enters as a reader.
    ///
    /// # Errors
    /// `EDEADLK` if the caller is the writer inside, `EAGAIN`, `ETIMEDOUT`, `EINVAL` (bad deadline, no lock).
    #[inline(always)]
    pub fn read(&self, deadline: Deadline) -> Result<(), Errno> {
        if self.enter_empty(State::ONE_READER) {
            return Ok(());
        }
        self.enter(Side::Read, deadline)
    }

    /// Enters as the writer.
    ///
    /// # Errors
    /// As [`Self::read`].
    #[inline(always)]
    pub fn write(&self, deadline: Deadline) -> Result<(), Errno> {
        if self.enter_empty(State::ONE_WRITER) {
            self.writer.store(self.me(), Relaxed);
            return Ok(());
        }
        self.enter(Side::Write, deadline)
    }

    #[inline(never)]
    fn enter(&self, side: Side, deadline: Deadline) -> Result<(), Errno> {
        match self.try_enter(side, false) {
            Err(Errno::EBUSY) => self.enter_contended(side, deadline),
            result => result,
        }
    }

    #[cold]
    #[inline(never)]
    fn enter_contended(&self, side: Side, deadline: Deadline) -> Result<(), Errno> {
        if !self.is_valid() {
            return Err(Errno::EINVAL);
        }
        if self.state().is_written() && self.is_own_writer() {
            return Err(Errno::EDEADLK);
        }
        held::with_wake_owed(&self.word, self.scope(), || self.enter_slow(side, deadline))
    }

    fn enter_slow(&self, side: Side, deadline: Deadline) -> Result<(), Errno> {
        let (group, bit) = match side {
            Side::Read => (READERS, READERS_WAIT),
            Side::Write => (WRITERS, WRITERS_WAIT),
        };
        let mut waited = false;
        loop {
            self.spin();
            match self.try_enter(side, waited) {
                Err(Errno::EBUSY) => {}
                result => return result,
            }
            let state = self.state();
            let waiting = State(state.0 | bit);
            if state.admits(side == Side::Write, self.prefers_writers())
                || (state != waiting && !self.swap_if(state, waiting))
            {
                continue;
            }
            match futex::wait_among(&self.word, waiting.0, self.scope(), deadline, group) {
                Err(e @ (Errno::ETIMEDOUT | Errno::EINVAL)) => {
                    if side == Side::Write {
                        self.give_up();
                    }
                    return Err(e);
                }
                _ => waited = true,
            }
        }
    }

    /// Whether this is a lock that was not destroyed, and not other memory.
    fn is_valid(&self) -> bool {
        let kind = Preference::WriterNonrecursive as u32;
        self.writer.load(Relaxed) != GONE && self.shared <= 1 && self.preference <= kind
    }

    /// Why `try_read` or `try_write` did not enter.
    #[cold]
    fn refusal(&self, error: Errno) -> Errno {
        if self.is_valid() { error } else { Errno::EINVAL }
    }

    /// Ends the lock; using it afterwards gives `EINVAL`. One that an ended thread has left locked may be destroyed too.
    ///
    /// # Errors
    /// `EINVAL` for what is no lock.
    pub fn destroy(&self) -> Result<(), Errno> {
        if !self.is_valid() {
            return Err(Errno::EINVAL);
        }
        self.writer.store(GONE, Relaxed);
        self.word.store(state::WRITER, Relaxed);
        Ok(())
    }

    fn is_own_writer(&self) -> bool {
        let writer = self.writer.load(Relaxed);
        writer == self.me() || (self.shared != 0 && identity::is_suspended_ancestor(writer))
    }

    fn spin(&self) {
        for _ in 0..SPINS {
            let state = self.state();
            if state.count() == 0 || state.0 & (READERS_WAIT | WRITERS_WAIT) != 0 {
                return;
            }
            hint::spin_loop();
        }
    }

    /// A writer has stopped waiting.
    #[cold]
    fn give_up(&self) {
        let mut state = self.state();
        while state.0 & WRITERS_WAIT != 0 && !self.swap_if(state, state.without_waiters()) {
            state = self.state();
        }
        wake(&self.word, self.scope(), WRITERS, 1);
        wake(&self.word, self.scope(), READERS, i32::MAX);
    }

    /// Leaves, as reader or writer.
    ///
    /// # Errors
    /// `EINVAL` if nobody is inside, or the lock was destroyed.
    ///
    /// # Safety
    /// The caller is inside.
    #[inline(always)]
    pub unsafe fn unlock(&self) -> Result<(), Errno> {
        // Who is inside and finds no writer is a reader, most likely the only one.
        let writer = self.writer.load(Relaxed);
        if writer == GONE {
            return Err(Errno::EINVAL);
        }
        if writer == 0 {
            if self.leave_alone(State::ONE_READER) {
                return Ok(());
            }
        } else {
            self.writer.store(0, Relaxed);
            if self.leave_alone(State::ONE_WRITER) {
                return Ok(());
            }
        }
        self.leave()
    }

    #[inline(always)]
    fn leave_alone(&self, state: State) -> bool {
        self.word.compare_exchange(state.0, State::EMPTY.0, Release, Relaxed).is_ok()
    }

    #[inline(never)]
    fn leave(&self) -> Result<(), Errno> {
        held::with_wake_owed(&self.word, self.scope(), || self.leave_and_wake())
    }

    #[inline]
    fn leave_and_wake(&self) -> Result<(), Errno> {
        let mut state = self.state();
        let (scope, writers_first) = (self.scope(), self.prefers_writers());
        let word: *const AtomicU32 = &self.word;
        loop {
            if state.count() == 0 {
                return Err(Errno::EINVAL);
            }
            let new = state.left(writers_first);
            match self.word.compare_exchange_weak(state.0, new.0, Release, Relaxed) {
                Ok(_) => {
                    if new.count() == 0 && state.0 & (READERS_WAIT | WRITERS_WAIT) != 0 {
                        wake_next(word, scope, state, new);
                    }
                    return Ok(());
                }
                Err(now) => state = State(now),
            }
        }
    }

    /// Whether somebody is inside as a writer.
    pub fn is_written(&self) -> bool {
        self.state().is_written()
    }
}

fn wake(word: *const AtomicU32, scope: Scope, group: u32, count: i32) -> usize {
    futex::wake_among(word, count, scope, group)
}

/// Wakes the group whose bit the release cleared; the other one if nobody of that was asleep.
#[cold]
#[inline(never)]
fn wake_next(word: *const AtomicU32, scope: Scope, old: State, new: State) {
    let cleared = old.0 & !new.0;
    let both = old.0 & READERS_WAIT != 0 && old.0 & WRITERS_WAIT != 0;
    let order = if cleared & WRITERS_WAIT != 0 {
        [(WRITERS, 1), (READERS, i32::MAX)]
    } else {
        [(READERS, i32::MAX), (WRITERS, 1)]
    };
    if wake(word, scope, order[0].0, order[0].1) == 0 && both {
        wake(word, scope, order[1].0, order[1].1);
    }
}

impl Default for RwLock {
    fn default() -> Self {
        RwLock::new(Attributes::DEFAULT)
    }
}
