//! Mutexes with priority inheritance that a vfork child holds.
//!
//! The kernel ties such a mutex to the *task* that holds it, and a child may end at any instruction, by death or by exec:
//!
//! | the child ends, and | then |
//! |---|---|
//! | a thread sleeps in `FUTEX_LOCK_PI` | the kernel hands the mutex to it |
//! | another thread comes after its death | the kernel says `ESRCH`, as of any dead owner |
//! | … while the kernel is handing it over | the kernel says `EINVAL` until the new owner is in the word |
//! | … after its exec | the kernel says `EPERM` (seen with 6.18.44), or would let it sleep until the *new program* ends |
//!
//! So a child writes its TID into a second word of the mutex once it holds it, and threads that come then do not sleep in
//! the kernel's queue but here, on [`RELEASED`]. (The kernel lends the child no priority for them.) Its parent, when it
//! runs again, finds the mutex noted ([`held`]) and makes it free, unless the kernel has handed it on.
//!
//! A bit `WAITERS` in the word of a dead child does not say that somebody waits: whoever gave up leaves it behind.

use core::ptr;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

use linux_raw_sys::general as linux;
use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::held;
use tidal_rt::{Errno, identity};

use super::Mutex;
use super::biased::Deadline;
use super::contended::nap;
use super::inherit::{self, operation};
use super::kind::Kind;
use super::tid_state::{OWNER_DIED, TID};

/// Changes whenever a child has released such a mutex, or its parent one that it left. It is apart from the mutexes,
/// which their next owner may unmap.
static RELEASED: AtomicU32 = AtomicU32::new(0);

fn announce_release() {
    RELEASED.fetch_add(1, Release);
    futex::wake(&RELEASED, i32::MAX, Scope::Private);
}

/// The TID of the child that holds the mutex; 0, or that of one that is gone, otherwise.
fn child(mutex: &Mutex) -> &AtomicU32 {
    mutex.lock.spare().1
}

/// A mutex that a vfork child is taking, if a child is what the running task is. Robust ones are on the child's list.
pub struct Noted<'a>(Option<&'a Mutex>);

impl<'a> Noted<'a> {
    #[inline]
    pub fn in_vfork_child(mutex: &'a Mutex, kind: Kind) -> Self {
        let noted = (identity::is_vfork_child() && !kind.is_robust()).then_some(mutex);
        if noted.is_some() {
            held::note(ptr::from_ref(mutex) as usize, 0, free_after_dead_child);
        }
        Noted(noted)
    }

    /// The child has it.
    #[inline]
    pub fn taken(&self) {
        if let Some(mutex) = self.0 {
            child(mutex).store(identity::tid(), Relaxed);
        }
    }

    /// The child could not take it.
    pub fn undo(&self) {
        if let Some(mutex) = self.0 {
            held::forget(ptr::from_ref(mutex) as usize);
        }
    }
}

/// In a vfork child: releases a mutex without robustness.
#[cold]
pub fn release(mutex: &Mutex, release: impl FnOnce(&AtomicU32)) {
    let address = ptr::from_ref(mutex) as usize;
    child(mutex).store(0, Relaxed);
    release(mutex.lock.raw());
    announce_release();
    held::forget(address);
}

/// Whoever the kernel has handed the mutex is no child, or says so next. Somebody may sleep who saw it still with the child.
#[inline]
pub fn taken_over(mutex: &Mutex) {
    if child(mutex).load(Relaxed) != 0 {
        child(mutex).store(0, Relaxed);
        announce_release();
    }
}

/// A [`held::Recover`]. The parent takes the mutex over and releases it as any owner does: at no moment does it look like
/// that of the child's task without being called a child's.
unsafe fn free_after_dead_child(address: usize, tid: u32, _: u32) {
    // SAFETY: the mutex that the child noted; it exists.
    let mutex = unsafe { &*ptr::with_exposed_provenance::<Mutex>(address) };
    for _ in 0..Wait::ENOUGH {
        match take_over(mutex, tid) {
            Some(true) => {
                mutex.count.store(0, Relaxed);
                child(mutex).store(0, Relaxed);
                inherit::release(mutex.lock.raw(), mutex.kind());
                break;
            }
            Some(false) => break,
            None => drop(nap(None)),
        }
    }
    announce_release();
}

/// Takes the mutex from the task that left it; `Some(false)` if another thread has it by now. With `WAITERS` in the word
/// somebody may be about to write himself into it, or to give up: asked for the mutex, the kernel says `EINVAL` until
/// that is decided (`None`). If nobody waits it finds the owner dead, or in another program.
fn take_over(mutex: &Mutex, tid: u32) -> Option<bool> {
    let word = mutex.lock.raw();
    let seen = word.load(Relaxed);
    if seen & TID != tid {
        return Some(false);
    }
    if seen & linux::FUTEX_WAITERS != 0 {
        match operation(word, mutex.kind(), linux::FUTEX_TRYLOCK_PI, None) {
            Ok(()) => return Some(true),
            Err(Errno::ESRCH | Errno::EAGAIN | Errno::EPERM) => {}
            Err(_) => return None,
        }
    }
    word.compare_exchange(seen, identity::tid(), Acquire, Relaxed).is_ok().then_some(true)
}

/// A thread's wait for a mutex that a vfork child holds or has left.
pub struct Wait<'a> {
    mutex: &'a Mutex,
    seen: u32,
    naps: u32,
}

impl<'a> Wait<'a> {
    /// Naps, of a fifth of a millisecond each, after which a mutex stays as it is.
    const ENOUGH: u32 = 5000;

    /// Before anybody looks at the mutex.
    pub fn new(mutex: &'a Mutex) -> Self {
        Wait { mutex, seen: RELEASED.load(Acquire), naps: 0 }
    }

    /// Whether a child holds it, so that the kernel must not be asked.
    pub fn is_childs(&self) -> bool {
        let owner = self.mutex.lock.raw().load(Relaxed) & (TID | OWNER_DIED);
        owner != 0 && owner == child(self.mutex).load(Relaxed)
    }

    /// Sleeps until some child's mutex has been released, and looks on from there.
    ///
    /// # Errors
    /// `ETIMEDOUT`, `EINVAL` for a deadline that is none; `EDEADLK` in a vfork child, for a mutex whose owner is dead.
    pub fn sleep(&mut self, kind: Kind, deadline: Deadline, owner_is_dead: bool) -> Result<(), Errno> {
        let slept = if kind.scope() == Scope::Shared || identity::is_vfork_child() {
            // The parent may be in another process; a child does not wait for the dead for ever.
            self.nap(deadline, if owner_is_dead { Errno::EDEADLK } else { Errno::EAGAIN })
        } else {
            futex::wait_until(&RELEASED, self.seen, Scope::Private, deadline)
        };
        self.seen = RELEASED.load(Acquire);
        match slept {
            Err(e @ (Errno::ETIMEDOUT | Errno::EINVAL | Errno::EDEADLK)) => Err(e),
            _ => Ok(()),
        }
    }

    /// Sleeps for a moment. In a vfork child, and for `EINVAL` and `EPERM`, `why` is the result after many of them.
    ///
    /// # Errors
    /// `why`; `ETIMEDOUT`, `EINVAL`.
    pub fn nap(&mut self, deadline: Deadline, why: Errno) -> Result<(), Errno> {
        self.naps += 1;
        let passing = matches!(why, Errno::EINVAL | Errno::EPERM);
        if self.naps > Self::ENOUGH && (identity::is_vfork_child() || passing) {
            self.naps = 0;
            return Err(why);
        }
        nap(deadline)
    }
}
