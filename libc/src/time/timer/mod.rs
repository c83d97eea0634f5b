//! `<time.h>`: timers of a process.
//!
//! The kernel numbers timers from 0, and a `timer_t` is that number. A timer with `SIGEV_THREAD` has a record beside it,
//! and its `timer_t` is the record's address with the top bit set, which no number and no user address has.
//!
//! ```text
//!   kernel ──SIGTIMER to the helper, number and record's address──▶ helper thread ──▶ a new thread runs the function
//! ```
//!
//! The helper takes the signal by `rt_sigtimedwait` and never handles it. Kernels before 6.13 leave the signal of a timer
//! queued that is deleted. Its record is not in the list any more, or another timer's record lies at that address by now,
//! with another number: the helper goes by both, and drops the signal.

pub(crate) mod event;
mod record;

use core::ffi::c_int;
use core::ptr;

use linux_raw_sys::general::{SIGEV_THREAD, itimerspec};
use tidal_rt::Errno;

use crate::errno::zero_or_errno;
use crate::macros::returned;
pub use event::SigEvent;
use record::Record;

const TAG: usize = 1 << 63;

fn tagged(record: *mut Record) -> usize {
    record.expose_provenance() | TAG
}

fn record_of(timer: usize) -> Option<*mut Record> {
    (timer & TAG != 0).then(|| ptr::with_exposed_provenance_mut(timer & !TAG))
}

/// The kernel's number of a timer.
fn number(timer: usize) -> c_int {
    match record_of(timer) {
        // SAFETY: the record of a timer that has not been deleted, by contract.
        Some(record) => unsafe { (*record).number },
        None => timer as c_int,
    }
}

/// Makes a timer; with a null event it sends SIGALRM.
///
/// # Errors
/// `EAGAIN`, `EINVAL`, `ENOMEM`, `ENOTSUP`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_create(clock: c_int, event: *mut SigEvent, timer: *mut usize) -> c_int {
    // SAFETY: the caller's structure, or null.
    let event = unsafe { event.as_ref() };
    let made = match event {
        Some(event) if event.notify() == SIGEV_THREAD as c_int => record::create(clock, event).map(tagged),
        _ => create_in_kernel(clock, event.map_or(ptr::null(), ptr::from_ref)).map(|number| number as usize),
    };
    zero_or_errno(made.map(|made| {
        // SAFETY: the caller's word.
        unsafe { timer.write(made) };
    }))
}

fn create_in_kernel(clock: c_int, event: *const SigEvent) -> Result<c_int, Errno> {
    let mut number: c_int = 0;
    // SAFETY: event and number are live; the event is as the kernel has it.
    unsafe { tidal_rt::syscall!(__NR_timer_create, clock, event, &raw mut number) }?;
    Ok(number)
}

/// Deletes a timer.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_delete(timer: usize) -> c_int {
    // SAFETY: no pointers.
    let result = unsafe { tidal_rt::syscall!(__NR_timer_delete, number(timer)) };
    if result.is_ok()
        && let Some(record) = record_of(timer)
    {
        record::remove(record);
    }
    returned(result)
}

/// Arms or disarms a timer.
///
/// # Errors
/// `EINVAL`, `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_settime(
    timer: usize,
    flags: c_int,
    new: *const itimerspec,
    old: *mut itimerspec,
) -> c_int {
    // SAFETY: the caller's structures.
    returned(unsafe { tidal_rt::syscall!(__NR_timer_settime, number(timer), flags, new, old) })
}

/// What is left of a timer's time.
///
/// # Errors
/// `EINVAL`, `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_gettime(timer: usize, now: *mut itimerspec) -> c_int {
    // SAFETY: the caller's structure.
    returned(unsafe { tidal_rt::syscall!(__NR_timer_gettime, number(timer), now) })
}

/// How often a timer has expired since its last signal was made.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timer_getoverrun(timer: usize) -> c_int {
    // SAFETY: no pointers.
    returned(unsafe { tidal_rt::syscall!(__NR_timer_getoverrun, number(timer)) })
}
