//! The end of a thread.
//!
//! ```text
//! value known ─▶ no cancellation ─▶ thread-local destructors, keys ─▶ last thread? exit(0)
//!    ─▶ signals blocked ─▶ no signals from others ─▶ provider: rseq gone ─▶ join state: free? ─▶ kernel
//! ```

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tidal_rt::sys::process;
use tidal_rt::{cancel, provider, signal, syscall};

use crate::join_state::Duty;
use crate::thread::{self, Thread};
use crate::{credentials, destructors, keys, registry, stack, unwind};

/// `exit` of the program, 0 or an `extern "C" fn(c_int) -> !`: what the last thread's end does. Set by who links it.
static PROCESS_EXIT: AtomicUsize = AtomicUsize::new(0);

/// Sets what ends the process when its last thread ends.
pub fn set_process_exit(exit: extern "C" fn(c_int) -> !) {
    PROCESS_EXIT.store(exit as usize, Relaxed);
}

/// Ends the running thread with a result: cleanup handlers run first, innermost first.
pub fn exit(value: *mut c_void) -> ! {
    let me = thread::current();
    me.block().runtime.cancel.fetch_or(cancel::EXITING, Relaxed);
    me.result.store(value, Relaxed);
    unwind::run(me)
}

/// What comes after the thread's function has returned, or its stack is unwound.
pub(crate) fn finish(me: &'static Thread) -> ! {
    me.block().runtime.cancel.fetch_or(cancel::EXITING, Relaxed);
    destructors::run();
    keys::run_destructors(me);
    if registry::count_one_less() {
        end_process();
    }
    signal::block_all();
    me.exit_lock.lock();
    me.exiting.store(1, Relaxed);
    credentials::answer_if_due(me);
    // SAFETY: held since above.
    unsafe { me.exit_lock.unlock() };
    (provider::current().thread_ending)(me.block());
    if me.join.exit() == Duty::Free {
        free_self(me);
    }
    loop {
        // SAFETY: the kernel clears the word that frees this stack when nothing runs on it any more.
        let _ = unsafe { syscall!(__NR_exit, 0i32) };
    }
}

/// A detached thread's own memory goes to the cache, where nobody takes it before it is dead.
fn free_self(me: &'static Thread) {
    let locked = registry::lock();
    locked.remove(me);
    let surplus = stack::put_cached(&locked, me);
    drop(locked);
    drop(surplus);
}

#[cold]
fn end_process() -> ! {
    let exit = PROCESS_EXIT.load(Relaxed);
    if exit == 0 {
        process::exit_group(0);
    }
    // SAFETY: the setter stores nothing but functions of this type.
    let exit: extern "C" fn(c_int) -> ! = unsafe { core::mem::transmute(exit) };
    exit(0)
}

/// The thread may not run: it frees itself.
pub(crate) fn abandon(me: &'static Thread) -> ! {
    me.join.start_detached();
    finish(me)
}
