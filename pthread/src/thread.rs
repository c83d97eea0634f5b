//! The structure that stands for a thread: what other threads may look at, and what does not fit the block.
//!
//! It lies behind the thread's block in the same mapping (see [`crate::stack`]); the first thread's is static. All
//! zeros is its state before use. C knows a thread by the address of its block, [`Thread::handle`].

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::mem::{MaybeUninit, offset_of};
use core::ptr;
use core::sync::atomic::{
    AtomicPtr, AtomicU32, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_rt::block::{self, Block};
use tidal_rt::identity;
use tidal_rt::lock::RawLock;
use tidal_rt::signal::Mask;
use tidal_rt::syscall;

use crate::destructors::Inline;
use crate::join_state::JoinState;
use crate::keys::Slot;
use crate::stack::Stack;
use crate::unwind::Unwinding;
use crate::{keys, registry};

/// What a thread runs: C's signature, or that of C11's `thrd_start_t`.
#[derive(Clone, Copy)]
pub enum Entry {
    /// `void *(*)(void *)`.
    Pointer(extern "C" fn(*mut c_void) -> *mut c_void),
    /// `int (*)(void *)`.
    Int(extern "C" fn(*mut c_void) -> c_int),
}

/// Scheduling that a new thread gets before it runs its function.
#[derive(Clone, Copy)]
pub struct StartScheduling {
    /// Policy (`SCHED_` number) and priority, if not inherited.
    pub policy: Option<(c_int, c_int)>,
    /// Set of CPUs: address and bytes.
    pub cpus: Option<(usize, usize)>,
}

/// What a new thread needs to know; written by its creator before it exists, read by it alone.
#[derive(Clone, Copy)]
pub struct Start {
    /// Its function.
    pub entry: Entry,
    /// The function's argument.
    pub argument: *mut c_void,
    /// Its signal mask.
    pub mask: Mask,
    /// Its creator has something to do to it before it runs.
    pub must_wait: bool,
}

/// A thread.
#[repr(C, align(64))]
pub struct Thread {
    /// Next in its chain of the registry, or in the cache of stacks.
    pub(crate) next: AtomicPtr<Thread>,
    pub(crate) block: AtomicPtr<Block>,
    /// The kernel's name for the thread, for use by others: written before the thread runs, and then constant but for
    /// fork, whose child writes its own.
    pub(crate) tid: AtomicU32,
    /// Nonzero until the kernel has done with the thread: the word that it clears and wakes.
    pub(crate) alive: AtomicU32,
    pub(crate) join: JoinState,
    /// Held by who sends it signals, and by itself when it stops to be able to take any.
    pub(crate) exit_lock: RawLock,
    /// With `exit_lock`: no signals to it any more.
    pub(crate) exiting: AtomicU32,
    /// With `exit_lock`: it owes [`crate::credentials`] an answer.
    pub(crate) credentials_due: AtomicU32,
    /// With [`Start::must_wait`]: whether it may run.
    pub(crate) permission: AtomicU32,
    /// Keys below this may have values here.
    pub(crate) keys_used: AtomicUsize,
    /// The thread that waits for its end; once joined, the next in the list of those.
    pub(crate) joiner: AtomicPtr<Thread>,
    pub(crate) start: UnsafeCell<MaybeUninit<Start>>,
    /// What `pthread_join` gives.
    pub(crate) result: AtomicPtr<c_void>,
    pub(crate) stack: UnsafeCell<Stack>,
    pub(crate) unwinding: UnsafeCell<Unwinding>,
    pub(crate) destructors: UnsafeCell<Inline>,
    /// Last: most of it is never touched.
    pub(crate) slots: [Slot; keys::COUNT],
}

// SAFETY: what is not atomic is used by the thread itself, or by its creator and joiner while it does not run.
unsafe impl Sync for Thread {}

/// Bytes of a `Thread` that are cleared before its memory is used again; key slots are emptied one by one.
pub(crate) const CLEARED: usize = offset_of!(Thread, slots);

/// The first thread's.
static FIRST: Thread = {
    // SAFETY: all zeros is the state before use.
    unsafe { core::mem::zeroed() }
};

/// The running thread's structure.
#[inline]
pub fn current() -> &'static Thread {
    let thread = block::current().runtime.thread.load(Relaxed).cast::<Thread>();
    if thread.is_null() {
        return adopt_first();
    }
    // SAFETY: a thread's structure lives as long as it runs.
    unsafe { &*thread }
}

/// Gives the first thread its structure, when it is first asked for.
#[cold]
#[inline(never)]
fn adopt_first() -> &'static Thread {
    registry::while_signals_held(|| {
        let block = block::current();
        if block.runtime.thread.load(Relaxed).is_null() {
            FIRST.block.store(ptr::from_ref(block).cast_mut(), Relaxed);
            FIRST.register_alive_word();
            registry::lock().insert(&FIRST);
            block.runtime.thread.store(ptr::from_ref(&FIRST).cast_mut().cast(), Relaxed);
        }
    });
    // SAFETY: as in `current`; set just now, or by a signal handler before.
    unsafe { &*block::current().runtime.thread.load(Relaxed).cast::<Thread>() }
}

impl Thread {
    /// C's `pthread_t`: the address of the block.
    pub fn handle(&self) -> usize {
        self.block.load(Relaxed) as usize
    }

    /// Its block. Only a few of its fields are for other threads; see [`tidal_rt::block`].
    pub(crate) fn block(&self) -> &Block {
        // SAFETY: the block lives as long as this structure, in the same mapping.
        unsafe { &*self.block.load(Relaxed) }
    }

    /// The kernel's name for the thread.
    pub fn tid(&self) -> u32 {
        self.tid.load(Relaxed)
    }

    /// Whether this is the first thread's structure.
    pub fn is_first(&self) -> bool {
        ptr::eq(self, &FIRST)
    }

    /// Whether the kernel has done with the thread, so that nothing runs on its stack any more.
    pub fn is_dead(&self) -> bool {
        self.alive.load(Acquire) == 0
    }

    /// Makes the running thread's TID known to others, and its end.
    pub(crate) fn register_alive_word(&self) {
        self.tid.store(identity::tid(), Relaxed);
        self.alive.store(1, Release);
        // SAFETY: the word lives until the kernel has cleared it: nobody reuses the memory before.
        let _ = unsafe { syscall!(__NR_set_tid_address, self.alive.as_ptr()) };
    }
}
