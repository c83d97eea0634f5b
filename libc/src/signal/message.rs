//! `<signal.h>`: messages about signals on standard error.

use core::ffi::{CStr, c_char, c_int};

use linux_raw_sys::general::siginfo_t;

unsafe extern "C" {
    fn strsignal(signal: c_int) -> *mut c_char;
}

/// Writes a text, if there is one, and a signal's description in one line.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn psignal(signal: c_int, text: *const c_char) {
    let prefix = if text.is_null() {
        &b""[..]
    } else {
        // SAFETY: a C string by contract.
        unsafe { CStr::from_ptr(text) }.to_bytes()
    };
    // SAFETY: `strsignal` gives a C string for every number.
    let description = unsafe { CStr::from_ptr(strsignal(signal)) }.to_bytes();
    let colon: &[u8] = if prefix.is_empty() { b"" } else { b": " };
    tidal_rt::errno::preserved(|| tidal_rt::message::line(&[prefix, colon, description]));
}

/// As `psignal`, for the signal of a `siginfo_t`, with its code.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn psiginfo(info: *const siginfo_t, text: *const c_char) {
    // SAFETY: the caller's structure.
    unsafe { psignal((*info).__bindgen_anon_1.__bindgen_anon_1.si_signo, text) };
}
