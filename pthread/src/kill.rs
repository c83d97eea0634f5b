//! Signals to one thread of this process.
//!
//! A thread that ends takes its `exit_lock` before its TID can become somebody else's, so a signal never goes astray: to
//! a thread that has ended but is not joined it is as if it had arrived.

use core::ffi::{c_int, c_void};
use core::mem::size_of;
use core::sync::atomic::Ordering::Relaxed;

use tidal_rt::sys::process;
use tidal_rt::{Errno, block, identity, syscall};

use crate::thread::Thread;
use crate::{cancel, credentials, registry};

/// Sends a signal to a thread; 0 only checks.
///
/// # Errors
/// `ESRCH`, `EINVAL` (no such signal, or one that the runtime keeps for itself).
pub fn kill(handle: usize, signal: c_int) -> Result<(), Errno> {
    deliver(handle, signal, |pid, tid| process::tgkill(pid, tid, signal))
}

/// Sends a signal with a value, as `sigqueue` does, to a thread.
///
/// # Errors
/// As [`kill`], and `EAGAIN` (too many queued).
pub fn queue(handle: usize, signal: c_int, value: *mut c_void) -> Result<(), Errno> {
    deliver(handle, signal, |pid, tid| {
        let mut info = QueuedInfo::new(signal, pid, value);
        // SAFETY: the structure is live and as the kernel has it.
        unsafe { syscall!(__NR_rt_tgsigqueueinfo, pid, tid, signal, &raw mut info) }.map(drop)
    })
}

fn deliver(
    handle: usize,
    signal: c_int,
    send: impl FnOnce(u32, u32) -> Result<(), Errno>,
) -> Result<(), Errno> {
    if signal == cancel::SIGNAL || signal == credentials::SIGNAL {
        return Err(Errno::EINVAL);
    }
    if handle == block::current() as *const _ as usize {
        // Right in a vfork child too, and without locks. EINVAL comes before anything else.
        return send(process::getpid(), identity::tid());
    }
    registry::with(handle, |thread| while_receiving(thread, || send(process::getpid(), thread.tid())))
}

/// Runs `f` while the thread can take signals; does nothing if it has ended.
fn while_receiving(thread: &Thread, f: impl FnOnce() -> Result<(), Errno>) -> Result<(), Errno> {
    thread.exit_lock.lock();
    let result = if thread.exiting.load(Relaxed) == 0 { f() } else { Ok(()) };
    // SAFETY: held since above.
    unsafe { thread.exit_lock.unlock() };
    result
}

/// `siginfo_t` for a queued signal (`<asm-generic/siginfo.h>`).
#[repr(C)]
struct QueuedInfo {
    signal: c_int,
    error: c_int,
    code: c_int,
    padding: c_int,
    pid: u32,
    uid: u32,
    value: *mut c_void,
    rest: [u64; 12],
}

const _: () = assert!(size_of::<QueuedInfo>() == 128);

/// `SI_QUEUE`.
const SI_QUEUE: c_int = -1;

impl QueuedInfo {
    fn new(signal: c_int, pid: u32, value: *mut c_void) -> Self {
        // SAFETY: no pointers; cannot fail.
        let uid = unsafe { syscall!(__NR_getuid) }.unwrap_or_default() as u32;
        QueuedInfo { signal, error: 0, code: SI_QUEUE, padding: 0, pid, uid, value, rest: [0; 12] }
    }
}
