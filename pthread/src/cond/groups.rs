//! Process-shared conditions: waiters in numbered groups, because nothing of theirs but the condition is shared.
//!
//! ```text
//!   group n + 1   open: who begins to wait joins it
//!   group n       closed: `remaining` without a signal, `tokens` signals not yet taken
//!   groups < n    retired: everybody in them has a signal
//! ```
//!
//! A signal goes to the closed group. When nobody in it is without one, it is retired: the open group is closed and a new one
//! opened. So a waiter that came later never takes a signal that was meant for who waited before. All this is under a
//! lock; waiters sleep on an event count per parity of their group. Invariant: no more threads of a group sleep than
//! `remaining` says, because each token wakes one sleeper if there is one, *before* the lock is released, and nobody
//! goes to sleep past a token.
//!
//! A vfork child that dies in a signal leaves the numbers half-made: its parent gives everybody a signal, and retires both groups.

use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed},
};

use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::held;
use tidal_rt::{Errno, identity};

use super::{Guard, Until, ended};
use crate::mutex::{tid_state, tid_word};

/// In `users`: somebody waits for them to be gone.
const DESTROYING: u32 = 1 << 31;

/// The state, all of it changed under the lock.
#[repr(C)]
pub struct Groups {
    lock: AtomicU32,
    /// Waits that may still touch the condition.
    users: AtomicU32,
    /// Number of the open group.
    open: AtomicU64,
    /// Members of the open group.
    joined: AtomicU32,
    /// Members of the closed group without a signal.
    remaining: AtomicU32,
    /// Signals of the closed group that nobody has taken yet.
    tokens: AtomicU32,
    /// Changed when a signal comes, by parity of the group; the futex words.
    events: [AtomicU32; 2],
    /// The lock's.
    patience: AtomicU32,
}

fn add(word: &AtomicU32, difference: i32) -> u32 {
    let sum = word.load(Relaxed).wrapping_add_signed(difference);
    word.store(sum, Relaxed);
    sum
}

impl Groups {
    fn locked<R>(&self, f: impl FnOnce() -> R) -> R {
        if identity::is_vfork_child() {
            // Not the address of the lock, whose wakes are noted by it.
            let address = ptr::from_ref(&self.open) as usize;
            held::note(address, 0, signal_all_after_dead_child);
            let result = self.locked_unnoted(f);
            held::forget(address);
            return result;
        }
        self.locked_unnoted(f)
    }

    #[inline]
    fn locked_unnoted<R>(&self, f: impl FnOnce() -> R) -> R {
        // Without a deadline there is nothing to fail.
        let _ = tid_word::take(&self.lock, &self.patience, Scope::Shared, None, || None);
        let result = f();
        tid_word::release(&self.lock, &self.patience, Scope::Shared);
        result
    }

    fn event(&self, group: u64) -> &AtomicU32 {
        &self.events[(group & 1) as usize]
    }

    /// Waits; see [`super::Cond::wait`].
    pub fn wait(&self, mutex: &impl Guard, until: Until) -> Result<(), Errno> {
        let (group, mut seen) = self.locked(|| {
            add(&self.users, 1);
            add(&self.joined, 1);
            let group = self.open.load(Relaxed);
            (group, self.event(group).load(Relaxed))
        });
        if let Err(error) = mutex.release() {
            if self.locked(|| self.take(group, true)) == Some(true) {
                // Signalled already: the signal is for somebody who waits.
                self.signal();
            }
            self.done();
            return Err(error);
        }
        let outcome = loop {
            let over = ended(until.sleep(self.event(group), seen, Scope::Shared));
            let taken = self.locked(|| {
                seen = self.event(group).load(Relaxed);
                self.take(group, over.is_some())
            });
            match (taken, over) {
                (Some(true), _) => break Ok(()),
                (Some(false), Some(error)) => break Err(error),
                _ => {}
            }
        };
        self.done();
        mutex.retake().and(outcome)
    }

    /// Whether a member of `group` has a signal (`Some(true)`), has left without one (`Some(false)`), or waits on.
    fn take(&self, group: u64, leave: bool) -> Option<bool> {
        let open = self.open.load(Relaxed);
        if open > group + 1 {
            return Some(true);
        }
        let closed = open == group + 1;
        if closed && self.tokens.load(Relaxed) > 0 {
            add(&self.tokens, -1);
            return Some(true);
        }
        if !leave {
            return None;
        }
        add(if closed { &self.remaining } else { &self.joined }, -1);
        Some(false)
    }

    /// The last access of a wait.
    fn done(&self) {
        let users: *const AtomicU32 = &self.users;
        if self.locked(|| add(&self.users, -1)) == DESTROYING {
            futex::wake(users, 1, Scope::Shared);
        }
    }

    /// Gives one signal, if somebody waits.
    pub fn signal(&self) {
        self.locked(|| {
            if self.remaining.load(Relaxed) == 0 && !self.close() {
                return;
            }
            add(&self.remaining, -1);
            add(&self.tokens, 1);
            self.announce(1);
        });
    }

    /// Gives everybody a signal.
    pub fn broadcast(&self) {
        self.locked(|| {
            self.signal_closed();
            if self.close() {
                self.signal_closed();
            }
        });
    }

    fn signal_closed(&self) {
        let remaining = self.remaining.load(Relaxed);
        if remaining > 0 {
            self.remaining.store(0, Relaxed);
            add(&self.tokens, remaining as i32);
            self.announce(i32::MAX);
        }
    }

    /// Retires the closed group, whose members all have a signal, and closes the open one; false if that is empty.
    fn close(&self) -> bool {
        let joined = self.joined.load(Relaxed);
        if joined == 0 {
            return false;
        }
        self.open.store(self.open.load(Relaxed) + 1, Relaxed);
        self.remaining.store(joined, Relaxed);
        self.tokens.store(0, Relaxed);
        self.joined.store(0, Relaxed);
        true
    }

    fn announce(&self, count: i32) {
        let event = self.event(self.open.load(Relaxed) - 1);
        event.store(event.load(Relaxed).wrapping_add(1), Relaxed);
        futex::wake(event, count, Scope::Shared);
    }

    /// Waits until everybody who was signalled has left.
    ///
    /// # Errors
    /// `EBUSY` if somebody waits without a signal.
    pub fn destroy(&self) -> Result<(), Errno> {
        let busy = self.locked(|| {
            let busy = self.joined.load(Relaxed) + self.remaining.load(Relaxed) != 0;
            if !busy {
                self.users.store(self.users.load(Relaxed) | DESTROYING, Relaxed);
            }
            busy
        });
        if busy {
            return Err(Errno::EBUSY);
        }
        loop {
            match self.users.load(Acquire) {
                DESTROYING => break,
                users => {
                    let _ = futex::wait(&self.users, users, Scope::Shared);
                }
            }
        }
        // The last to leave may still hold the lock.
        self.locked(|| self.users.store(0, Relaxed));
        Ok(())
    }
}

/// A [`held::Recover`].
unsafe fn signal_all_after_dead_child(address: usize, tid: u32, _: u32) {
    // SAFETY: the groups that the child noted; they exist.
    let groups = unsafe { &*ptr::with_exposed_provenance::<Groups>(address - offset_of!(Groups, open)) };
    if groups.lock.load(Relaxed) & tid_state::TID != tid {
        return;
    }
    groups.open.store(groups.open.load(Relaxed) + 2, Relaxed);
    for count in [&groups.joined, &groups.remaining, &groups.tokens] {
        count.store(0, Relaxed);
    }
    for event in &groups.events {
        event.store(event.load(Relaxed).wrapping_add(1), Relaxed);
        futex::wake(event, i32::MAX, Scope::Shared);
    }
    tid_word::release(&groups.lock, &groups.patience, Scope::Shared);
}
