//! Waiting for a thread's end, and renouncing it.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use tidal_rt::Errno;
use tidal_rt::futex::{self, Clock, Scope};
use tidal_rt::sys::time::Timespec;

use crate::join_state::Duty;
use crate::thread::{self, Thread};
use crate::{cancel, registry, stack};

/// Waits until a thread has ended, frees it and gives its result. A cancellation point; a cancelled joiner leaves the
/// thread joinable.
///
/// # Errors
/// `ESRCH` (no such thread), `EINVAL` (detached, or joined by another), `EDEADLK` (itself, or two threads each other),
/// `ETIMEDOUT`, `EINVAL` (the deadline's nanoseconds).
pub fn join(handle: usize, deadline: Option<(Clock, &Timespec)>) -> Result<*mut c_void, Errno> {
    let me = thread::current();
    let joined = registry::with(handle, |thread| {
        // A cancelled thread stops waiting.
        let waits_for_me = || ptr::eq(me.joiner.load(Relaxed), thread) && !cancel::is_requested(thread);
        if thread.join.refuses_join() {
            return Err(Errno::EINVAL);
        }
        if ptr::eq(me, thread) || waits_for_me() {
            return Err(Errno::EDEADLK);
        }
        thread.join.begin_join().map_err(|_| Errno::EINVAL)?;
        thread.joiner.store(ptr::from_ref(me).cast_mut(), Relaxed);
        Ok(thread)
    })?;
    match wait_for_end(joined, deadline) {
        Ok(()) => Ok(reap(joined)),
        Err(e) => {
            joined.joiner.store(ptr::null_mut(), Relaxed);
            joined.join.give_up();
            if e == Errno::ECANCELED {
                cancel::act();
            }
            Err(e)
        }
    }
}

/// Joins a thread that has ended already.
///
/// # Errors
/// `EBUSY` (it runs), else as [`join`].
pub fn try_join(handle: usize) -> Result<*mut c_void, Errno> {
    let joined = registry::with(handle, |thread| {
        if thread.join.refuses_join() {
            return Err(Errno::EINVAL);
        }
        if ptr::eq(thread::current(), thread) {
            return Err(Errno::EDEADLK);
        }
        if !thread.is_dead() {
            return Err(Errno::EBUSY);
        }
        thread.join.begin_join().map_err(|_| Errno::EINVAL)?;
        Ok(thread)
    })?;
    Ok(reap(joined))
}

/// Nobody will join the thread; its end frees it.
///
/// # Errors
/// `ESRCH`, `EINVAL` (detached, or being joined).
pub fn detach(handle: usize) -> Result<(), Errno> {
    let duty = registry::with(handle, |thread| {
        let duty = thread.join.detach().map_err(|_| Errno::EINVAL)?;
        Ok((duty == Duty::Free).then_some(thread))
    })?;
    if let Some(thread) = duty {
        free(thread);
    }
    Ok(())
}

/// Sleeps until the kernel has cleared the thread's word. It wakes one waiter, of any process.
fn wait_for_end(thread: &Thread, deadline: Option<(Clock, &Timespec)>) -> Result<(), Errno> {
    cancel::test_for_later()?;
    loop {
        let alive = thread.alive.load(Acquire);
        if alive == 0 {
            return Ok(());
        }
        if deadline.is_some_and(|(_, time)| !time.is_valid()) {
            return Err(Errno::EINVAL);
        }
        if let Err(e @ (Errno::ETIMEDOUT | Errno::ECANCELED)) =
            futex::wait_or_canceled(&thread.alive, alive, Scope::Shared, deadline)
        {
            return Err(e);
        }
    }
}

fn reap(thread: &'static Thread) -> *mut c_void {
    let result = thread.result.load(Relaxed);
    registry::forget_joined(thread);
    result
}

/// Forgets a thread and gives its memory to the next.
pub(crate) fn free(thread: &'static Thread) {
    let surplus = registry::while_signals_held(|| {
        let locked = registry::lock();
        locked.remove(thread);
        stack::put_cached(&locked, thread)
    });
    drop(surplus);
}
