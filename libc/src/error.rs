//! `<error.h>`: messages as GNU programs have them.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use tidal_rt::startup::PROGRAM;

use crate::variadic;
use crate::variadic::VaList;

unsafe extern "C" {
    static stderr: *mut c_void;
    static stdout: *mut c_void;
    fn fputs(text: *const c_char, stream: *mut c_void) -> c_int;
    fn fprintf(stream: *mut c_void, format: *const c_char, ...) -> c_int;
    fn fflush(stream: *mut c_void) -> c_int;
    fn vfprintf(stream: *mut c_void, format: *const c_char, rest: *mut VaList) -> c_int;
    fn strerror(number: c_int) -> *mut c_char;
    fn exit(status: c_int) -> !;
}

/// How many messages there have been.
#[unsafe(no_mangle)]
pub static mut error_message_count: c_uint = 0;
/// Whether `error_at_line` says only one thing of each line.
#[unsafe(no_mangle)]
pub static mut error_one_per_line: c_int = 0;
/// What writes the program's name, if the program sets it.
#[unsafe(no_mangle)]
pub static mut error_print_progname: Option<unsafe extern "C" fn()> = None;

/// Where a message belongs to.
struct Place {
    file: *const c_char,
    line: c_uint,
}

/// # Safety
/// As for `vprintf`.
unsafe fn say(status: c_int, error: c_int, place: Option<Place>, format: *const c_char, rest: *mut VaList) {
    // SAFETY: C strings, and the caller's contract for the format.
    unsafe {
        fflush(stdout);
        match error_print_progname {
            Some(print) => print(),
            None => {
                fputs(PROGRAM.load(Relaxed), stderr);
                fputs(if place.is_some() { c":" } else { c": " }.as_ptr(), stderr);
            }
        }
        if let Some(place) = place {
            let file = if place.file.is_null() { c" ".as_ptr() } else { place.file };
            fprintf(stderr, c"%s:%u: ".as_ptr(), file, place.line);
        }
        vfprintf(stderr, format, rest);
        error_message_count = error_message_count.wrapping_add(1);
        if error != 0 {
            fputs(c": ".as_ptr(), stderr);
            fputs(strerror(error), stderr);
        }
        fputs(c"\n".as_ptr(), stderr);
        fflush(stderr);
        if status != 0 {
            exit(status);
        }
    }
}

unsafe extern "C" fn verror(status: c_int, number: c_int, format: *const c_char, rest: *mut VaList) {
    // SAFETY: the same contract.
    unsafe { say(status, number, None, format, rest) }
}

unsafe extern "C" fn verror_at_line(
    status: c_int,
    number: c_int,
    file: *const c_char,
    line: c_uint,
    format: *const c_char,
    rest: *mut VaList,
) {
    static LAST_FILE: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());
    static mut LAST_LINE: c_uint = 0;
    // SAFETY: POSIX-like contract: one thread at a time; files are C strings or null.
    unsafe {
        if error_one_per_line != 0 {
            let last: *const c_char = LAST_FILE.load(Relaxed);
            let same_file = ptr::eq(last, file)
                || !last.is_null() && !file.is_null() && CStr::from_ptr(last) == CStr::from_ptr(file);
            if LAST_LINE == line && same_file {
                return;
            }
            LAST_FILE.store(file.cast_mut(), Relaxed);
            LAST_LINE = line;
        }
        say(status, number, Some(Place { file, line }), format, rest);
    }
}

variadic! {
    /// A message, with an error's text unless its number is 0, and the end unless the status is 0.
    ///
    /// Signal-safe: no. Vfork-safe: with status 0.
    pub fn error(status: c_int, number: c_int, format: *const c_char, ...) => verror;
    /// As `error`, with a file's name and line.
    ///
    /// Signal-safe: no. Vfork-safe: with status 0.
    pub fn error_at_line(status: c_int, number: c_int, file: *const c_char, line: c_uint, format: *const c_char, ...)
        => verror_at_line;
}
