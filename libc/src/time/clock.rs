//! `<time.h>`: clocks and sleeping.

use core::ffi::{c_int, c_long};
use core::ptr;

use linux_raw_sys::general::{CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME, CLOCK_THREAD_CPUTIME_ID};
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, vdso};

use crate::errno::{or_errno, zero_or_errno, zero_or_number};
use crate::macros::{aliases, returned, syscalls};

syscalls! {
    /// Sets a clock.
    fn clock_settime(clock: c_int, time: *const Timespec) -> c_int = __NR_clock_settime(clock, time);
    /// Slews a clock.
    fn clock_adjtime(clock: c_int, state: *mut core::ffi::c_void) -> c_int = __NR_clock_adjtime(clock, state);
}

/// Reads a clock.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int {
    match vdso::clock_gettime(clock) {
        Ok(now) => {
            // SAFETY: the caller's structure.
            unsafe { time.write(now) };
            0
        }
        Err(e) => or_errno(Err(e)),
    }
}

aliases! {
    fn __clock_gettime(clock: c_int, time: *mut Timespec) -> c_int = clock_gettime;
}

/// A clock's resolution.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_getres(clock: c_int, resolution: *mut Timespec) -> c_int {
    zero_or_errno(vdso::clock_getres(clock).map(|value| {
        if !resolution.is_null() {
            // SAFETY: the caller's structure.
            unsafe { resolution.write(value) };
        }
    }))
}

/// The clock of a process's CPU time.
///
/// # Errors
/// An error number: `ESRCH`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_getcpuclockid(pid: c_int, clock: *mut c_int) -> c_int {
    // The kernel's encoding (`include/linux/posix-timers.h`): the PID inverted, above three bits that say "scheduler".
    let id = (!pid << 3) | 2;
    if vdso::clock_getres(id).is_err() {
        return Errno::ESRCH.0;
    }
    // SAFETY: the caller's word.
    unsafe { clock.write(id) };
    0
}

/// Sleeps by a clock: for a time, or with `TIMER_ABSTIME` until one.
///
/// # Errors
/// An error number: `EINTR` (then `left` says how much was left), `EINVAL`, `ENOTSUP`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn clock_nanosleep(
    clock: c_int,
    flags: c_int,
    time: *const Timespec,
    left: *mut Timespec,
) -> c_int {
    if clock as u32 == CLOCK_THREAD_CPUTIME_ID {
        return Errno::EINVAL.0;
    }
    // SAFETY: the caller's structures.
    zero_or_number(unsafe { tidal_rt::syscall_cp!(__NR_clock_nanosleep, clock, flags, time, left) })
}

/// Sleeps.
///
/// # Errors
/// `EINTR` (then `left` says how much was left), `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn nanosleep(time: *const Timespec, left: *mut Timespec) -> c_int {
    // SAFETY: the caller's structures.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_clock_nanosleep, CLOCK_REALTIME, 0i32, time, left) })
}

/// Seconds since 1970.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(seconds: *mut i64) -> i64 {
    let now = vdso::clock_gettime(CLOCK_REALTIME as c_int).unwrap_or_default().tv_sec;
    if !seconds.is_null() {
        // SAFETY: the caller's word.
        unsafe { seconds.write(now) };
    }
    now
}

/// Sets the time of day in seconds.
///
/// # Errors
/// `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stime(seconds: *const i64) -> c_int {
    // SAFETY: the caller's word.
    let time = Timespec { tv_sec: unsafe { *seconds }, tv_nsec: 0 };
    // SAFETY: the time is live.
    returned(unsafe { tidal_rt::syscall!(__NR_clock_settime, CLOCK_REALTIME, ptr::from_ref(&time)) })
}

/// CPU time of the process in microseconds (`CLOCKS_PER_SEC` is a million), or -1.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn clock() -> c_long {
    vdso::clock_gettime(CLOCK_PROCESS_CPUTIME_ID as c_int)
        .map_or(-1, |t| t.tv_sec * 1_000_000 + t.tv_nsec / 1000)
}

/// The time between two times in seconds.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn difftime(end: i64, start: i64) -> f64 {
    // In 128 bits, because the difference of two times can leave 64.
    (i128::from(end) - i128::from(start)) as f64
}

/// C11's clock: with base `TIME_UTC` (1) the time of day. The base, or 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timespec_get(time: *mut Timespec, base: c_int) -> c_int {
    // SAFETY: the caller's structure.
    if base == 1 && unsafe { clock_gettime(CLOCK_REALTIME as c_int, time) } == 0 { base } else { 0 }
}

/// The resolution of C2x's clock. The base, or 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timespec_getres(time: *mut Timespec, base: c_int) -> c_int {
    // SAFETY: the caller's structure, or null.
    if base == 1 && unsafe { clock_getres(CLOCK_REALTIME as c_int, time) } == 0 { base } else { 0 }
}
