//! `<sys/time.h>`: times in microseconds, interval timers.

use core::ffi::{c_char, c_int, c_uint, c_void};
use core::ptr;

use linux_raw_sys::general::{CLOCK_REALTIME, itimerval, timeval};
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, vdso};

use crate::macros::{returned, syscalls};

syscalls! {
    /// An interval timer's state.
    fn getitimer(which: c_uint, now: *mut itimerval) -> c_int = __NR_getitimer(which, now);
    /// Sets an interval timer.
    fn setitimer(which: c_uint, new: *const itimerval, old: *mut itimerval) -> c_int = __NR_setitimer(which, new, old);
    /// Sets a file's times; null times are now.
    fn utimes(path: *const c_char, times: *const timeval) -> c_int = __NR_utimes(path, times);
    /// As `utimes`, from a directory.
    fn futimesat(dir: c_int, path: *const c_char, times: *const timeval) -> c_int = __NR_futimesat(dir, path, times);
    /// Sets the time of day.
    fn settimeofday(time: *const timeval, zone: *const c_void) -> c_int = __NR_settimeofday(time, zone);
}

/// The time of day. The time zone argument is obsolete: zeros.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut timeval, zone: *mut c_void) -> c_int {
    if !zone.is_null() {
        // SAFETY: a struct timezone is two ints.
        unsafe { zone.cast::<[c_int; 2]>().write([0, 0]) };
    }
    if !time.is_null() {
        let now = vdso::clock_gettime(CLOCK_REALTIME as c_int).unwrap_or_default();
        // SAFETY: the caller's structure.
        unsafe { time.write(timeval { tv_sec: now.tv_sec, tv_usec: now.tv_nsec / 1000 }) };
    }
    0
}

/// Microseconds as nanoseconds, `EINVAL` if they are not within a second.
///
/// # Safety
/// `times` is null or points to two times.
unsafe fn in_nanoseconds(times: *const timeval) -> Result<Option<[Timespec; 2]>, Errno> {
    if times.is_null() {
        return Ok(None);
    }
    // SAFETY: by the caller's contract.
    let times = unsafe { *times.cast::<[timeval; 2]>() };
    if times.iter().any(|t| !(0..1_000_000).contains(&t.tv_usec)) {
        return Err(Errno::EINVAL);
    }
    Ok(Some(times.map(|t| Timespec { tv_sec: t.tv_sec, tv_nsec: t.tv_usec * 1000 })))
}

/// # Safety
/// `path` is null or a C string, `times` null or two times.
unsafe fn set_times(dir: c_int, path: *const c_char, times: *const timeval, flags: u32) -> c_int {
    // SAFETY: by the caller's contract.
    let result = unsafe { in_nanoseconds(times) }.and_then(|times| {
        let times = times.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the path by the caller's contract; the times are live.
        unsafe { tidal_rt::syscall!(__NR_utimensat, dir, path, times, flags) }
    });
    returned(result)
}

/// As `utimes`, of a symbolic link itself.
///
/// # Errors
/// Those of `utimensat(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lutimes(path: *const c_char, times: *const timeval) -> c_int {
    use linux_raw_sys::general::{AT_FDCWD, AT_SYMLINK_NOFOLLOW};
    // SAFETY: the same contract.
    unsafe { set_times(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) }
}

/// As `utimes`, for an open file.
///
/// # Errors
/// Those of `utimensat(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn futimes(fd: c_int, times: *const timeval) -> c_int {
    // SAFETY: the same contract; a null path names the descriptor itself.
    unsafe { set_times(fd, ptr::null(), times, 0) }
}
