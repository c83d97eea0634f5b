//! The list of streams that have been used, for `fflush(NULL)`, `exit` and `fork`.
//!
//! A stream joins when it first reads or writes, so a program without stdio links none of this; and before it is locked,
//! if there are threads, so that a lock which a `fork` copies is the lock of a stream that the child finds.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use tidal_crt::exit;
use tidal_pthread::{cancel, fork};
use tidal_rt::lock::RawLock;
use tidal_rt::{Errno, syscall};

use super::file::{Stream, flag};

static LOCK: RawLock = RawLock::new();
/// First stream; the links are the streams' `chain` and `previous`. Changed with [`LOCK`] held.
static HEAD: AtomicPtr<Stream> = AtomicPtr::new(ptr::null_mut());

fn locked<R>(f: impl FnOnce() -> R) -> R {
    lock();
    let result = f();
    // SAFETY: held since above.
    unsafe { unlock() };
    result
}

/// Out of line, for size: the list is locked in rare places, but every program that prints has two of them.
#[inline(never)]
fn lock() {
    LOCK.lock();
}

/// # Safety
/// The list is locked by this thread.
#[inline(never)]
unsafe fn unlock() {
    // SAFETY: the caller's word.
    unsafe { LOCK.unlock() };
}

/// Has streams locked around a fork. `fork` asks for it, so that a program which never forks links nothing of it.
pub fn lock_around_fork() {
    fork::add_runtime(fork::Rank::Stdio, &AROUND_FORK);
}

/// Adds a stream and makes sure that `exit` flushes.
#[cold]
pub fn link(stream: &mut Stream) {
    exit::set_after_fini(flush_at_exit);
    stream.file.flags |= flag::LINKED;
    // SAFETY: a live stream.
    unsafe { join(stream) };
}

/// Adds a stream, unless it is in the list.
///
/// Who holds the lock of a stream in the list does not come here: somebody with the list may be waiting for that lock.
///
/// # Safety
/// `stream` is an open stream. Its lock is not needed: only the list's part of it is changed.
#[cold]
#[inline(never)]
pub unsafe fn join(stream: *mut Stream) {
    // SAFETY: a live stream; the word is shared by design.
    let listed = unsafe { &(*stream).listed };
    if listed.load(Relaxed) {
        return;
    }
    locked(|| {
        if listed.load(Relaxed) {
            return;
        }
        listed.store(true, Relaxed);
        let first = HEAD.load(Relaxed);
        // SAFETY: streams in the list are alive, and so is this one; the links are the list's.
        unsafe {
            (*stream).file.chain = first;
            if !first.is_null() {
                (*first).previous = stream;
            }
        }
        HEAD.store(stream, Relaxed);
    });
}

/// Takes a stream out before it goes away. It goes on saying that it is listed, so that the lock under which it is closed
/// does not list it again.
pub fn unlink(stream: &mut Stream) {
    stream.file.flags &= !flag::LINKED;
    if !stream.listed.swap(true, Relaxed) {
        return;
    }
    locked(|| {
        let (before, after) = (stream.previous, stream.file.chain);
        stream.previous = ptr::null_mut();
        if before.is_null() {
            HEAD.store(after, Relaxed);
        } else {
            // SAFETY: streams in the list are alive; this link is the list's.
            unsafe { (*before).file.chain = after };
        }
        if !after.is_null() {
            // SAFETY: as above.
            unsafe { (*after).previous = before };
        }
    });
}

/// Runs `f` on every stream; the list is locked. No thread is cancelled with it.
fn walk(mut f: impl FnMut(*mut Stream)) {
    let disabled = cancel::hold();
    let mut at = HEAD.load(Relaxed);
    while !at.is_null() {
        f(at);
        // SAFETY: streams in the list are alive, and the list is locked.
        at = unsafe { (*at).file.chain };
    }
    cancel::restore(disabled);
}

/// Locks the list and runs `f` on every stream.
fn for_each(f: impl FnMut(*mut Stream)) {
    locked(|| walk(f));
}

/// Flushes every stream that is writing.
///
/// # Errors
/// The last failure; all streams are tried.
pub fn flush_all() -> Result<(), Errno> {
    let mut result = Ok(());
    for_each(|stream| {
        // A stream that reads is not waited for: its reader may sleep.
        // SAFETY: a live stream; a look at the flags without the lock is confirmed with it.
        let flushed = unsafe {
            if (*stream).file.flags & flag::PUTTING == 0 {
                return;
            }
            super::lock::with(stream, |s| if s.has(flag::PUTTING) { s.flush() } else { Ok(()) })
        };
        if flushed.is_err() {
            result = flushed;
        }
    });
    result
}

/// Before a read that may wait for a person: shows what line-buffered streams hold back.
///
/// The caller holds a stream's lock, for which somebody with the list may be waiting: so the list is not waited for.
pub fn flush_terminal_output() {
    if !LOCK.try_lock() {
        return;
    }
    walk(|stream| {
        // SAFETY: a live stream; its lock is taken before anything but the flags is looked at.
        unsafe {
            let line = flag::LINE_BUFFERED | flag::PUTTING;
            if (*stream).file.flags & line == line && (*stream).lock.try_lock() {
                let _ = (*stream).flush();
                (*stream).lock.unlock();
            }
        }
    });
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
}

/// Calls `f` with the descriptor of every stream of `popen`.
pub fn for_each_command(mut f: impl FnMut(c_int)) {
    for_each(|stream| {
        // SAFETY: a live stream; what is read of it does not change while it is in the list.
        let stream = unsafe { &*stream };
        if super::popen::is_command(stream) {
            f(stream.file.fileno);
        }
    });
}

/// How often `exit` yields for a stream that another thread is using.
const PATIENCE: u32 = 200;

fn lock_at_exit(stream: *mut Stream) -> bool {
    for _ in 0..PATIENCE {
        // SAFETY: a live stream; its lock is shared by design.
        if unsafe { (*stream).lock.try_lock() } {
            return true;
        }
        // SAFETY: no pointers.
        let _ = unsafe { syscall!(__NR_sched_yield) };
    }
    false
}

/// Writes what waits, and gives back what was read ahead, so that the next user of a shared descriptor finds its place.
/// A stream whose lock another thread keeps (it may sleep in a read) is left alone.
extern "C" fn flush_at_exit() {
    for_each(|stream| {
        if lock_at_exit(stream) {
            // SAFETY: a live stream with its lock held.
            let stream = unsafe { &mut *stream };
            if stream.has(flag::PUTTING) {
                let _ = stream.flush();
            } else {
                let _ = stream.give_back();
            }
            // The lock stays taken: nobody writes after the last flush.
        }
    });
}

/// Flushes all and closes nothing: GNU's `fcloseall`, after which streams are as at exit.
pub fn close_all() -> c_int {
    let failed = flush_all().is_err();
    for_each(|stream| {
        // SAFETY: a live stream.
        unsafe { super::lock::with(stream, |s| s.give_back().is_ok()) };
    });
    if failed { -1 } else { 0 }
}

/// Nobody changes the list while a `fork` copies it. In the child, streams that other threads had locked are free.
static AROUND_FORK: fork::Runtime =
    fork::Runtime { prepare: before_fork, parent: after_fork, child: in_fork_child };

fn before_fork() {
    lock();
}

fn after_fork() {
    // SAFETY: this thread called `before_fork`.
    unsafe { unlock() };
}

fn in_fork_child() {
    after_fork();
    for_each(|stream| {
        // SAFETY: a live stream, one thread.
        unsafe { (*stream).lock.reset_unless_mine() };
    });
}
