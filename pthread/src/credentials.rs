//! Credential changes in every thread: POSIX gives a process one identity, Linux gives each task its own.
//!
//! The caller changes its own first; if the kernel refuses, nothing has happened. Then, with the registry locked so that
//! no thread is born or forgotten, it sends each thread a signal whose handler makes the same call and answers. The runtime
//! never blocks that signal while it waits for a lock. A thread that is ending and cannot take it any more answers without
//! the call: it runs no code of the program's again.
//!
//! ```text
//!   caller:  registry ─▶ own call ─▶ each thread: exit_lock { due = 1, signal } ─▶ sleep until nobody is due
//!   thread:  handler: call, answer            ending: exit_lock { exiting = 1, answer if due }
//! ```

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{
    AtomicBool, AtomicU32, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};

use linux_raw_sys::general as linux;
use tidal_rt::futex::{self, Scope};
use tidal_rt::signal::{self, Action, Mask};
use tidal_rt::sys::{self, process};
use tidal_rt::{Errno, identity, message, startup};

use crate::registry;
use crate::thread::{self, Thread};

/// The signal: the second real-time one, which C programs do not see.
pub const SIGNAL: c_int = 33;

static READY: AtomicBool = AtomicBool::new(false);
static NUMBER: AtomicUsize = AtomicUsize::new(0);
static ARGUMENTS: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
/// Threads that have not answered.
static DUE: AtomicU32 = AtomicU32::new(0);
/// Threads that the kernel refused the call.
static REFUSED: AtomicU32 = AtomicU32::new(0);

/// Makes a credential call (`__NR_setuid` and its kind) in every thread of the process. In a vfork child, which is a
/// process of its own, in that child alone.
///
/// # Errors
/// Those of the call.
///
/// # Safety
/// Pointers among the arguments are valid for the call.
pub unsafe fn change(number: u32, arguments: [usize; 3]) -> Result<usize, Errno> {
    // SAFETY: by the caller's contract.
    let call = || sys::check(unsafe { make(number as usize, arguments) });
    if startup::is_single_threaded() || identity::is_vfork_child() {
        return call();
    }
    prepare()?;
    registry::while_signals_held(|| {
        let locked = registry::lock();
        let result = call()?;
        NUMBER.store(number as usize, Relaxed);
        ARGUMENTS.iter().zip(arguments).for_each(|(word, value)| word.store(value, Relaxed));
        REFUSED.store(0, Relaxed);
        // One for ourselves, so that the count is not 0 before all are asked.
        DUE.store(1, Relaxed);
        let me = thread::current();
        let pid = process::getpid();
        locked.for_each(|thread| {
            if !ptr::eq(thread, me) {
                ask(thread, pid);
            }
        });
        wait_for_answers();
        if REFUSED.load(Relaxed) != 0 {
            // Some threads have the new identity and some the old: nothing that a program could handle.
            message::fatal("a thread could not change its credentials with the others");
        }
        Ok(result)
    })
}

/// # Safety
/// Pointers among the arguments are valid for the call.
unsafe fn make(number: usize, [a, b, c]: [usize; 3]) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { sys::raw::syscall3(number, a, b, c) }
}

fn prepare() -> Result<(), Errno> {
    if READY.load(Relaxed) {
        return Ok(());
    }
    let action = Action {
        handler: handler as *const () as usize,
        flags: u64::from(linux::SA_SIGINFO | linux::SA_RESTART),
        restorer: 0,
        mask: Mask::ALL,
    };
    // SAFETY: the handler may run at any moment.
    unsafe { signal::set_action(SIGNAL, Some(&action)) }?;
    READY.store(true, Relaxed);
    Ok(())
}

fn ask(thread: &Thread, pid: u32) {
    thread.exit_lock.lock();
    if thread.exiting.load(Relaxed) == 0 {
        thread.credentials_due.store(1, Relaxed);
        DUE.fetch_add(1, Relaxed);
        while process::tgkill(pid, thread.tid(), SIGNAL) == Err(Errno::EAGAIN) {
            // The queue of signals is full; threads that take theirs make room.
            crate::scheduling::yield_now();
        }
    }
    // SAFETY: held since above.
    unsafe { thread.exit_lock.unlock() };
}

fn wait_for_answers() {
    let mut due = DUE.fetch_sub(1, AcqRel) - 1;
    while due != 0 {
        let _ = futex::wait(&DUE, due, Scope::Private);
        due = DUE.load(Acquire);
    }
}

fn answer(thread: &Thread) {
    thread.credentials_due.store(0, Relaxed);
    if DUE.fetch_sub(1, AcqRel) == 1 {
        futex::wake(&DUE, 1, Scope::Private);
    }
}

/// With the ending thread's `exit_lock` held and its signals blocked.
pub(crate) fn answer_if_due(thread: &Thread) {
    if thread.credentials_due.load(Relaxed) != 0 {
        answer(thread);
    }
}

extern "C" fn handler(_signal: c_int, _info: *mut c_void, _context: *mut c_void) {
    let me = thread::current();
    // A signal of this number that somebody else sent asks for nothing.
    if me.credentials_due.load(Relaxed) == 0 {
        return;
    }
    let arguments = [0, 1, 2].map(|i: usize| ARGUMENTS[i].load(Relaxed));
    // SAFETY: the caller of `change` waits for the answer, so its pointers are still valid.
    if sys::check(unsafe { make(NUMBER.load(Relaxed), arguments) }).is_err() {
        REFUSED.fetch_add(1, Relaxed);
    }
    answer(me);
}
