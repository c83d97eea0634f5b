//! `<err.h>`: messages with the program's name and `errno`'s text, as BSD has them.

use core::ffi::{c_char, c_int, c_void};
use core::sync::atomic::Ordering::Relaxed;

use tidal_rt::startup::PROGRAM_SHORT;

use crate::variadic;
use crate::variadic::VaList;

unsafe extern "C" {
    static stderr: *mut c_void;
    fn fputs(text: *const c_char, stream: *mut c_void) -> c_int;
    fn vfprintf(stream: *mut c_void, format: *const c_char, rest: *mut VaList) -> c_int;
    fn strerror(number: c_int) -> *mut c_char;
    fn exit(status: c_int) -> !;
}

/// Writes `program: message: error`, or without the error where there is none.
///
/// # Safety
/// As for `vprintf`; the format may be null.
unsafe fn say(error: Option<c_int>, format: *const c_char, rest: *mut VaList) {
    // SAFETY: C strings, and the caller's contract for the format.
    unsafe {
        fputs(PROGRAM_SHORT.load(Relaxed), stderr);
        fputs(c": ".as_ptr(), stderr);
        if !format.is_null() {
            vfprintf(stderr, format, rest);
            if error.is_some() {
                fputs(c": ".as_ptr(), stderr);
            }
        }
        if let Some(error) = error {
            fputs(strerror(error), stderr);
        }
        fputs(c"\n".as_ptr(), stderr);
    }
}

/// A message with `errno`'s text.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vwarn(format: *const c_char, rest: *mut VaList) {
    // SAFETY: the same contract.
    unsafe { say(Some(tidal_rt::errno::get()), format, rest) }
}

/// A message.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vwarnx(format: *const c_char, rest: *mut VaList) {
    // SAFETY: the same contract.
    unsafe { say(None, format, rest) }
}

/// A message with `errno`'s text, and the end.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verr(status: c_int, format: *const c_char, rest: *mut VaList) -> ! {
    // SAFETY: the same contract.
    unsafe {
        vwarn(format, rest);
        exit(status)
    }
}

/// A message, and the end.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn verrx(status: c_int, format: *const c_char, rest: *mut VaList) -> ! {
    // SAFETY: the same contract.
    unsafe {
        vwarnx(format, rest);
        exit(status)
    }
}

variadic! {
    /// A message with `errno`'s text.
    ///
    /// Signal-safe: no. Vfork-safe: yes.
    pub fn warn(format: *const c_char, ...) => vwarn;
    /// A message.
    ///
    /// Signal-safe: no. Vfork-safe: yes.
    pub fn warnx(format: *const c_char, ...) => vwarnx;
    /// A message with `errno`'s text, and the end.
    ///
    /// Signal-safe: no. Vfork-safe: no.
    pub fn err(status: c_int, format: *const c_char, ...) -> ! => verr;
    /// A message, and the end.
    ///
    /// Signal-safe: no. Vfork-safe: no.
    pub fn errx(status: c_int, format: *const c_char, ...) -> ! => verrx;
}
