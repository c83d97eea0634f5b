//! fork() and threads: handlers around it, and a child that has one thread.
//!
//! ```text
//!   fork:  prepare ──▶ rt's fork ──▶ parent: parent()
//!                                └─▶ child:  only_thread() with signals blocked, then child()
//!   _Fork: rt's fork alone; only_thread() in the child
//! ```
//!
//! Before the fork, `prepare` runs the program's handlers, newest first, then takes the runtime's own locks; after it
//! they are released and the program's handlers run oldest first. Malloc, stdio and others add their locks by
//! [`add_runtime`], in the order in which they are to be taken.
//!
//! The child keeps the forking thread's `lock_id`, with which it owns that thread's private locks. A later thread of the
//! child whose TID is that very number gets an alias, [`lock_id_for`].

use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use tidal_rt::identity::{self, LOCK_ID_ALIAS};
use tidal_rt::lock::RawLock;
use tidal_rt::sys::memory::{self, PAGE, Prot};
use tidal_rt::{Errno, block, process, startup};

use crate::{attributes, mutex, named_semaphore, registry, stack, thread};

/// A handler of the program's.
pub type Handler = Option<extern "C" fn()>;

/// What one call of `pthread_atfork` registers.
#[derive(Clone, Copy)]
pub struct Handlers {
    /// Before the fork, in the parent.
    pub prepare: Handler,
    /// After it, in the parent.
    pub parent: Handler,
    /// After it, in the child.
    pub child: Handler,
}

const FIRST: usize = 16;
const PER_PAGE: usize = (PAGE - 3 * size_of::<usize>()) / size_of::<Handlers>();

/// A page of handlers, in a list that goes both ways.
struct Page {
    older: *mut Page,
    newer: *mut Page,
    used: usize,
    handlers: [Handlers; PER_PAGE],
}

const _: () = assert!(size_of::<Page>() <= PAGE);

struct List {
    lock: RawLock,
    /// The oldest, without a system call.
    first: UnsafeCell<[Handlers; FIRST]>,
    count: AtomicUsize,
    newest: UnsafeCell<*mut Page>,
    oldest: UnsafeCell<*mut Page>,
}

// SAFETY: the cells change with the lock held; entries below the count do not change.
unsafe impl Sync for List {}

const NONE: Handlers = Handlers { prepare: None, parent: None, child: None };

static LIST: List = List {
    lock: RawLock::new(),
    first: UnsafeCell::new([NONE; FIRST]),
    count: AtomicUsize::new(0),
    newest: UnsafeCell::new(ptr::null_mut()),
    oldest: UnsafeCell::new(ptr::null_mut()),
};

/// Registers handlers: `pthread_atfork`.
///
/// # Errors
/// `ENOMEM`.
pub fn add(handlers: Handlers) -> Result<(), Errno> {
    LIST.lock.lock();
    // SAFETY: the lock is held.
    let result = unsafe { LIST.push(handlers) };
    // SAFETY: held since above.
    unsafe { LIST.lock.unlock() };
    result
}

impl List {
    /// # Safety
    /// The lock is held.
    unsafe fn push(&self, handlers: Handlers) -> Result<(), Errno> {
        let count = self.count.load(Relaxed);
        // SAFETY: by the caller's contract; pages in the list are live.
        unsafe {
            if count < FIRST {
                (*self.first.get())[count] = handlers;
            } else {
                let newest = *self.newest.get();
                let page = if newest.is_null() || (*newest).used == PER_PAGE {
                    let page = memory::map_anonymous(PAGE, Prot::READ | Prot::WRITE)?.cast::<Page>();
                    (*page).older = newest;
                    if newest.is_null() {
                        *self.oldest.get() = page;
                    } else {
                        (*newest).newer = page;
                    }
                    *self.newest.get() = page;
                    page
                } else {
                    newest
                };
                (&raw mut (*page).handlers[(*page).used]).write(handlers);
                (*page).used += 1;
            }
        }
        self.count.store(count + 1, Relaxed);
        Ok(())
    }

    /// The handlers registered so far.
    fn count(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// One of the first `count` handlers. Handlers may register more meanwhile, so none is called with the lock held.
    fn get(&self, index: usize) -> Handlers {
        self.lock.lock();
        // SAFETY: the lock is held; indices below the count are filled.
        let handlers = unsafe {
            if index < FIRST {
                (*self.first.get())[index]
            } else {
                let (mut page, mut rest) = (*self.oldest.get(), index - FIRST);
                while rest >= PER_PAGE {
                    page = (*page).newer;
                    rest -= PER_PAGE;
                }
                (*page).handlers[rest]
            }
        };
        // SAFETY: held since above.
        unsafe { self.lock.unlock() };
        handlers
    }
}

/// A part of the runtime that holds locks across a fork.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// Takes its locks.
    pub prepare: fn(),
    /// Releases them in the parent.
    pub parent: fn(),
    /// Makes them free in the child.
    pub child: fn(),
}

/// Where the parts of the runtime stand, in the order in which locks are taken: a part may use those after it while it
/// holds its own.
#[derive(Clone, Copy)]
pub enum Rank {
    /// stdio's list of streams, and the streams.
    Stdio,
    /// What else allocates while it holds a lock.
    Other,
    /// malloc.
    Malloc,
}

const RANKS: usize = 3;

/// 0 or a `&'static Runtime`.
static RUNTIME: [AtomicUsize; RANKS] = [const { AtomicUsize::new(0) }; RANKS];

/// Registers a part of the runtime, once, before it takes any of its locks.
pub fn add_runtime(rank: Rank, part: &'static Runtime) {
    RUNTIME[rank as usize].store(ptr::from_ref(part) as usize, Relaxed);
}

fn parts() -> impl DoubleEndedIterator<Item = &'static Runtime> {
    // SAFETY: nothing but such references is stored.
    RUNTIME
        .iter()
        .filter_map(|word| unsafe { ptr::with_exposed_provenance::<Runtime>(word.load(Relaxed)).as_ref() })
}

/// Makes a child process with the calling thread alone, running all handlers. 0 in the child.
///
/// # Errors
/// `EAGAIN`, `ENOMEM`.
pub fn fork() -> Result<u32, Errno> {
    let handlers = prepare();
    let made = process::fork(only_thread);
    match made {
        Ok(0) => child(handlers),
        _ => parent(handlers),
    }
    made
}

/// Before a fork. Gives how many handlers ran, for [`parent`] or [`child`].
pub fn prepare() -> usize {
    let count = LIST.count();
    for index in (0..count).rev() {
        if let Some(f) = LIST.get(index).prepare {
            f();
        }
    }
    if !startup::is_single_threaded() {
        parts().for_each(|part| (part.prepare)());
    }
    count
}

/// After a fork, or its failure, in the parent.
pub fn parent(handlers: usize) {
    if !startup::is_single_threaded() {
        parts().rev().for_each(|part| (part.parent)());
    }
    for index in 0..handlers {
        if let Some(f) = LIST.get(index).parent {
            f();
        }
    }
}

/// After a fork in the child, signals as before.
pub fn child(handlers: usize) {
    if !startup::is_single_threaded() {
        parts().rev().for_each(|part| (part.child)());
    }
    for index in 0..handlers {
        if let Some(f) = LIST.get(index).child {
            f();
        }
    }
}

/// The `lock_id` that this process inherited, 0 in one that never was a fork child.
static INHERITED: AtomicU32 = AtomicU32::new(0);

/// How many forks led to this process; see [`crate::once`].
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How many forks led to this process.
pub fn generation() -> u32 {
    GENERATION.load(Relaxed)
}

/// First in a fork child, signals blocked: it has one thread.
pub fn only_thread() {
    GENERATION.fetch_add(1, Relaxed);
    INHERITED.store(identity::lock_id(), Relaxed);
    // SAFETY: there is one thread, which held none of the locks: nothing of ours forks with them held.
    unsafe {
        registry::reset_lock();
        LIST.lock.reset();
        attributes::reset_lock();
        named_semaphore::reset_lock();
    }
    mutex::nobody_sleeps();
    if block::current().runtime.thread.load(Relaxed).is_null() {
        return;
    }
    let me = thread::current();
    me.register_alive_word();
    let locked = registry::lock();
    // SAFETY: there is one thread; what it knew of others went with them.
    unsafe {
        registry::forget_others(&locked, |gone| {
            gone.alive.store(0, Relaxed);
            // The address space is the child's own: what the cache does not take is unmapped.
            drop(stack::put_cached(&locked, gone));
        });
        me.exit_lock.reset();
    }
}

/// What private locks call a new thread: its TID, unless the thread that forked this process has that name.
pub(crate) fn lock_id_for(tid: u32) -> u32 {
    if tid == INHERITED.load(Relaxed) { tid | LOCK_ID_ALIAS } else { tid }
}
