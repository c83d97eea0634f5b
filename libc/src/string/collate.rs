//! Comparison by locale. The locales that exist here order strings by their bytes (C.UTF-8: by code point, which is the same).

use core::ffi::{c_char, c_int, c_void};

use tidal_mem::compare_str::strcmp;
use tidal_mem::copy::memcpy;
use tidal_mem::find::strlen;

/// Compares two strings in the order of the locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strcoll(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcoll(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: both are strings.
    unsafe { strcmp(a.cast(), b.cast()) }
}

/// [`strcoll`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strcoll(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcoll_l(a: *const c_char, b: *const c_char, _locale: *mut c_void) -> c_int {
    // SAFETY: both are strings.
    unsafe { strcmp(a.cast(), b.cast()) }
}

/// Makes of `src` a string that [`strcmp`] orders as [`strcoll`] orders `src`; returns its length. Nothing is written
/// when it does not fit into `n` bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strxfrm(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strxfrm(dst: *mut c_char, src: *const c_char, n: usize) -> usize {
    // SAFETY: `src` is a string and `dst` writable for `n` bytes.
    unsafe {
        let length = strlen(src.cast());
        if n != 0 {
            let copied = (length + 1).min(n);
            memcpy(dst.cast(), src.cast(), copied);
        }
        length
    }
}

/// [`strxfrm`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strxfrm(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strxfrm_l(
    dst: *mut c_char,
    src: *const c_char,
    n: usize,
    _locale: *mut c_void,
) -> usize {
    // SAFETY: the same contract.
    unsafe { strxfrm(dst, src, n) }
}
