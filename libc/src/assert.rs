//! `<assert.h>`: what a failed assertion calls.

use core::ffi::{CStr, c_char, c_int, c_uint};

use crate::text::decimal;

unsafe extern "C" {
    fn strerror(number: c_int) -> *mut c_char;
}

/// # Safety
/// `text` is null or a C string.
unsafe fn bytes<'a>(text: *const c_char) -> &'a [u8] {
    if text.is_null() {
        return b"";
    }
    // SAFETY: by the caller's contract.
    unsafe { CStr::from_ptr(text) }.to_bytes()
}

/// The last component of the program's name.
fn program() -> &'static [u8] {
    let name = tidal_rt::startup::PROGRAM_SHORT.load(core::sync::atomic::Ordering::Relaxed);
    // SAFETY: a C string that stays.
    unsafe { bytes(name) }
}

/// Writes `program: file:line: function: message` and ends the process.
fn fail(file: &[u8], line: c_uint, function: &[u8], message: [&[u8]; 3]) -> ! {
    let colon = |text: &[u8]| if text.is_empty() { &b""[..] } else { b": " };
    let mut digits = [0; 20];
    let line = decimal(line.into(), &mut digits);
    let [before, text, after] = message;
    tidal_rt::message::line(&[
        program(),
        colon(program()),
        file,
        b":",
        line,
        b": ",
        function,
        colon(function),
        before,
        text,
        after,
    ]);
    tidal_rt::signal::abort()
}

/// Says which assertion failed, on standard error, and ends the process by SIGABRT.
///
/// Signal-safe: yes. Vfork-safe: yes (ends the child alone).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __assert_fail(
    assertion: *const c_char,
    file: *const c_char,
    line: c_uint,
    function: *const c_char,
) -> ! {
    // SAFETY: C strings, the function may be null, by contract.
    let (assertion, file, function) = unsafe { (bytes(assertion), bytes(file), bytes(function)) };
    fail(file, line, function, [b"Assertion `", assertion, b"' failed."])
}

/// Says which unexpected error occurred, on standard error, and ends the process by SIGABRT.
///
/// Signal-safe: no. Vfork-safe: yes (ends the child alone).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __assert_perror_fail(
    error: c_int,
    file: *const c_char,
    line: c_uint,
    function: *const c_char,
) -> ! {
    // SAFETY: C strings, the function may be null, by contract; `strerror` gives one for every number.
    let (file, function, text) = unsafe { (bytes(file), bytes(function), bytes(strerror(error))) };
    fail(file, line, function, [b"Unexpected error: ", text, b"."])
}

/// The same as `__assert_fail` without a function, for old objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __assert(assertion: *const c_char, file: *const c_char, line: c_int) -> ! {
    // SAFETY: the same contract.
    unsafe { __assert_fail(assertion, file, line as c_uint, core::ptr::null()) }
}
