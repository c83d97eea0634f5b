//! `<signal.h>`: sending signals.

use core::ffi::{c_int, c_void};

use linux_raw_sys::general::{SI_QUEUE, siginfo_t};
use tidal_rt::Errno;

use crate::errno::{or_errno, zero_or_errno};
use crate::macros::{returned, syscalls};

syscalls! {
    /// Sends a signal to a process, or to processes with 0 or a negative number.
    fn kill(pid: c_int, signal: c_int) -> c_int = __NR_kill(pid, signal), as __kill;
    /// Sends a signal to one thread of a process.
    fn tgkill(pid: c_int, tid: c_int, signal: c_int) -> c_int = __NR_tgkill(pid, tid, signal);
    /// Sends a signal to the process of a pidfd.
    fn pidfd_send_signal(pidfd: c_int, signal: c_int, info: *mut siginfo_t, flags: u32) -> c_int
        = __NR_pidfd_send_signal(pidfd, signal, info, flags);
}

/// Sends a signal to a process group, 0 for the caller's own.
///
/// # Errors
/// `EINVAL`, `ESRCH`, `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn killpg(group: c_int, signal: c_int) -> c_int {
    if group < 0 {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: no pointers.
    returned(unsafe { tidal_rt::syscall!(__NR_kill, -group, signal) })
}

/// Sends a signal to the calling thread.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes (it is the child that gets it).
#[unsafe(no_mangle)]
pub extern "C" fn raise(signal: c_int) -> c_int {
    zero_or_errno(tidal_rt::signal::raise(signal))
}

/// The same function as `raise`.
#[unsafe(no_mangle)]
pub extern "C" fn gsignal(signal: c_int) -> c_int {
    raise(signal)
}

/// A signal's information with an integer or pointer beside it, as `SI_QUEUE` has it: the start of a `siginfo_t`.
#[repr(C)]
struct Queued {
    signal: c_int,
    error: c_int,
    code: c_int,
    padding: c_int,
    pid: c_int,
    uid: u32,
    value: *mut c_void,
    unused: [u64; 12],
}

const _: () = assert!(size_of::<Queued>() == size_of::<siginfo_t>());

/// Sends a signal with a value, queued behind earlier ones.
///
/// # Errors
/// `EAGAIN` (too many queued), `EINVAL`, `ESRCH`, `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sigqueue(pid: c_int, signal: c_int, value: *mut c_void) -> c_int {
    returned(queue_signal(pid, signal, SI_QUEUE, value))
}

/// Queues a signal that says where it comes from.
pub(crate) fn queue_signal(
    pid: c_int,
    signal: c_int,
    code: c_int,
    value: *mut c_void,
) -> Result<usize, Errno> {
    // SAFETY: no pointers; cannot fail.
    let uid = unsafe { tidal_rt::syscall!(__NR_getuid) }.unwrap_or_default() as u32;
    let info = Queued {
        signal,
        error: 0,
        code,
        padding: 0,
        pid: tidal_rt::sys::process::getpid() as c_int,
        uid,
        value,
        unused: [0; 12],
    };
    // SAFETY: the information is live and of the kernel's size.
    unsafe { tidal_rt::syscall!(__NR_rt_sigqueueinfo, pid, signal, &raw const info) }
}
