//! `<unistd.h>`: waiting for time or a signal.

use core::ffi::{c_int, c_uint};
use core::ptr;

use linux_raw_sys::general::{CLOCK_REALTIME, ITIMER_REAL, itimerval, timeval};
use tidal_rt::sys::time::Timespec;

use crate::macros::{cancellation_points, returned};

cancellation_points! {
    /// Waits for a signal that is handled.
    fn pause() -> c_int = __NR_pause();
}

/// Sleeps; the seconds left when a signal was handled.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn sleep(seconds: c_uint) -> c_uint {
    let want = Timespec { tv_sec: seconds.into(), tv_nsec: 0 };
    let mut left = Timespec::default();
    // SAFETY: both times are live.
    let result = unsafe {
        tidal_rt::syscall_cp!(
            __NR_clock_nanosleep,
            CLOCK_REALTIME,
            0i32,
            ptr::from_ref(&want),
            ptr::from_mut(&mut left)
        )
    };
    // Rounded to the nearest second, as POSIX's unslept amount.
    if result.is_ok() { 0 } else { (left.tv_sec + i64::from(left.tv_nsec >= 500_000_000)) as c_uint }
}

/// Sleeps for microseconds.
///
/// # Errors
/// `EINTR` when a signal was handled.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn usleep(microseconds: c_uint) -> c_int {
    let want = Timespec {
        tv_sec: i64::from(microseconds / 1_000_000),
        tv_nsec: i64::from(microseconds % 1_000_000) * 1000,
    };
    // SAFETY: the time is live; the rest is not wanted.
    returned(unsafe {
        tidal_rt::syscall_cp!(__NR_clock_nanosleep, CLOCK_REALTIME, 0i32, ptr::from_ref(&want), 0usize)
    })
}

/// Sends SIGALRM after so many seconds, 0 for never; the whole seconds that an earlier alarm had left.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn alarm(seconds: c_uint) -> c_uint {
    let left = real_timer(timeval { tv_sec: seconds.into(), tv_usec: 0 }, 0);
    // A pending alarm must not look like none.
    let up = left.tv_usec >= 500_000 || (left.tv_sec == 0 && left.tv_usec > 0);
    (left.tv_sec + i64::from(up)) as c_uint
}

/// As `alarm`, in microseconds, and again every `interval` microseconds.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ualarm(microseconds: c_uint, interval: c_uint) -> c_uint {
    let first =
        timeval { tv_sec: i64::from(microseconds / 1_000_000), tv_usec: i64::from(microseconds % 1_000_000) };
    let left = real_timer(first, interval);
    (left.tv_sec * 1_000_000 + left.tv_usec) as c_uint
}

fn real_timer(first: timeval, interval: c_uint) -> timeval {
    let zero = timeval { tv_sec: 0, tv_usec: 0 };
    let again = timeval { tv_sec: i64::from(interval / 1_000_000), tv_usec: i64::from(interval % 1_000_000) };
    let new = itimerval { it_interval: again, it_value: first };
    let mut old = itimerval { it_interval: zero, it_value: zero };
    // SAFETY: both timers are live.
    let _ = unsafe {
        tidal_rt::syscall!(__NR_setitimer, ITIMER_REAL, ptr::from_ref(&new), ptr::from_mut(&mut old))
    };
    old.it_value
}
