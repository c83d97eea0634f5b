//! Texts and names of signals: `strsignal` and its relatives.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::error::{nth, unknown};

/// The texts by number, each ended by a NUL.
static TEXTS: &[u8] =
    b"\0Hangup\0Interrupt\0Quit\0Illegal instruction\0Trace/breakpoint trap\0Aborted\0Bus error\0\
    Floating point exception\0Killed\0User defined signal 1\0Segmentation fault\0User defined signal 2\0\
    Broken pipe\0Alarm clock\0Terminated\0Stack fault\0Child exited\0Continued\0Stopped (signal)\0\
    Stopped\0Stopped (tty input)\0Stopped (tty output)\0Urgent I/O condition\0CPU time limit exceeded\0\
    File size limit exceeded\0Virtual timer expired\0Profiling timer expired\0Window changed\0\
    I/O possible\0Power failure\0Bad system call\0";
/// The names in the same form.
static NAMES: &[u8] =
    b"\0HUP\0INT\0QUIT\0ILL\0TRAP\0ABRT\0BUS\0FPE\0KILL\0USR1\0SEGV\0USR2\0PIPE\0ALRM\0TERM\0STKFLT\0\
    CHLD\0CONT\0STOP\0TSTP\0TTIN\0TTOU\0URG\0XCPU\0XFSZ\0VTALRM\0PROF\0WINCH\0POLL\0PWR\0SYS\0";

/// The real-time signals that programs may use; the two below are the runtime's.
const REAL_TIME: core::ops::RangeInclusive<c_int> = 34..=64;

fn entry(texts: &'static [u8], signal: c_int) -> Option<&'static CStr> {
    nth(texts, usize::try_from(signal).ok()?)
}

/// The text of a signal.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strsignal(3). The text of a real-time or unknown signal holds until eight more were asked for.
#[unsafe(no_mangle)]
pub extern "C" fn strsignal(signal: c_int) -> *mut c_char {
    match entry(TEXTS, signal) {
        Some(text) => text.as_ptr().cast_mut(),
        None if REAL_TIME.contains(&signal) => unknown("Real-time signal ", signal - REAL_TIME.start()),
        None => unknown("Unknown signal ", signal),
    }
}

/// The name of a signal without `SIG`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: sigabbrev_np(3).
#[unsafe(no_mangle)]
pub extern "C" fn sigabbrev_np(signal: c_int) -> *const c_char {
    entry(NAMES, signal).map_or(ptr::null(), CStr::as_ptr)
}

/// The text of a signal, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: sigdescr_np(3).
#[unsafe(no_mangle)]
pub extern "C" fn sigdescr_np(signal: c_int) -> *const c_char {
    entry(TEXTS, signal).map_or(ptr::null(), CStr::as_ptr)
}
