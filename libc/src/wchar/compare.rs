//! Comparison of wide strings. `wchar_t` is signed, and so is the order.

use core::ffi::{c_int, c_void};

use tidal_mem::copy::memcpy;

use super::Wide;
use super::strings::wcslen;
use crate::wctype::towlower;

/// Compares up to `n` characters, and stops behind a terminator if `strings`.
///
/// # Safety
/// Both are readable for what is compared.
#[inline(always)]
unsafe fn compare(a: *const Wide, b: *const Wide, n: usize, strings: bool) -> c_int {
    for i in 0..n {
        // SAFETY: by the caller's contract.
        let (x, y) = unsafe { (*a.add(i) as i32, *b.add(i) as i32) };
        if x != y {
            return if x < y { -1 } else { 1 };
        }
        if strings && x == 0 {
            break;
        }
    }
    0
}

/// Compares `n` wide characters.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wmemcmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wmemcmp(a: *const Wide, b: *const Wide, n: usize) -> c_int {
    // SAFETY: both are valid for `n` characters.
    unsafe { compare(a, b, n, false) }
}

/// Compares two strings.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcscmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscmp(a: *const Wide, b: *const Wide) -> c_int {
    // SAFETY: both are strings.
    unsafe { compare(a, b, usize::MAX, true) }
}

/// Compares at most `n` characters of two strings.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsncmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsncmp(a: *const Wide, b: *const Wide, n: usize) -> c_int {
    // SAFETY: both are readable up to their terminator or for `n` characters.
    unsafe { compare(a, b, n, true) }
}

/// Compares two strings without regard to case.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcscasecmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscasecmp(a: *const Wide, b: *const Wide) -> c_int {
    // SAFETY: both are strings.
    unsafe { wcsncasecmp(a, b, usize::MAX) }
}

/// [`wcscasecmp`] of at most `n` characters.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcsncasecmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsncasecmp(a: *const Wide, b: *const Wide, n: usize) -> c_int {
    for i in 0..n {
        // SAFETY: both are readable up to their terminator or for `n` characters.
        let (x, y) = unsafe { (towlower(*a.add(i)), towlower(*b.add(i))) };
        if x != y || x == 0 {
            return x.wrapping_sub(y) as c_int;
        }
    }
    0
}

/// Compares two strings in the order of the locale, which is that of code points.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcscoll(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscoll(a: *const Wide, b: *const Wide) -> c_int {
    // SAFETY: the same contract.
    unsafe { wcscmp(a, b) }
}

/// [`wcscoll`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcscoll(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscoll_l(a: *const Wide, b: *const Wide, _locale: *mut c_void) -> c_int {
    // SAFETY: the same contract.
    unsafe { wcscmp(a, b) }
}

/// A string that [`wcscmp`] orders as [`wcscoll`] orders `src`: a copy, as far as `n` goes. Returns its length.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsxfrm(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsxfrm(dst: *mut Wide, src: *const Wide, n: usize) -> usize {
    // SAFETY: `src` is a string, and `dst` has room for `n` characters.
    unsafe {
        let length = wcslen(src);
        memcpy(dst.cast(), src.cast(), (length + 1).min(n) * 4);
        length
    }
}

/// [`wcsxfrm`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcsxfrm(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsxfrm_l(
    dst: *mut Wide,
    src: *const Wide,
    n: usize,
    _locale: *mut c_void,
) -> usize {
    // SAFETY: the same contract.
    unsafe { wcsxfrm(dst, src, n) }
}

crate::macros::aliases! {
    fn __wcscoll_l(a: *const Wide, b: *const Wide, locale: *mut c_void) -> c_int = wcscoll_l;
    fn __wcsxfrm_l(dst: *mut Wide, src: *const Wide, n: usize, locale: *mut c_void) -> usize = wcsxfrm_l;
}
