//! Copies of strings: `strcpy`, `stpcpy`, `strncpy`, `stpncpy`, `strcat`, `strncat`, `memccpy`.
//!
//! Each finds the length, then copies: both passes are vectors, and the second finds the bytes in the cache. `wide` does it
//! in one.

use crate::copy::memcpy;
use crate::fill::memset;
use crate::find::{memchr, strlen, strnlen};
use crate::wide::{self, has_avx512};

/// Copies the string `src` with its terminator to `dst` and returns the end of the copy.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, stpcpy(3).
///
/// # Safety
/// `src` is a string, `dst` has room for it, and they do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn stpcpy(dst: *mut u8, src: *const u8) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        if has_avx512() {
            return wide::copy::stpcpy(dst, src);
        }
        let n = strlen(src);
        memcpy(dst, src, n + 1).add(n)
    }
}

/// Copies the string `src` with its terminator to `dst` and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strcpy(3).
///
/// # Safety
/// `src` is a string, `dst` has room for it, and they do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strcpy(dst: *mut u8, src: *const u8) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { stpcpy(dst, src) };
    dst
}

/// Copies at most `n` bytes of the string `src` to `dst`, fills up with zeros, and returns the first of these or `dst + n`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, stpncpy(3).
///
/// # Safety
/// `src` is readable up to its terminator or for `n` bytes, `dst` is writable for `n` bytes, and they do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn stpncpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        let len = strnlen(src, n);
        memcpy(dst, src, len);
        memset(dst.add(len), 0, n - len)
    }
}

/// Copies at most `n` bytes of the string `src` to `dst`, fills up with zeros, and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strncpy(3).
///
/// # Safety
/// As for [`stpncpy`].
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strncpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { stpncpy(dst, src, n) };
    dst
}

/// Appends the string `src` to the string `dst` and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strcat(3).
///
/// # Safety
/// Both are strings, `dst` has room for both, and they do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strcat(dst: *mut u8, src: *const u8) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { strcpy(dst.add(strlen(dst)), src) };
    dst
}

/// Appends at most `n` bytes of the string `src` and a terminator to the string `dst` and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strncat(3).
///
/// # Safety
/// `dst` is a string with room, `src` is readable up to its terminator or for `n` bytes, and they do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strncat(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        let end = dst.add(strlen(dst));
        let len = strnlen(src, n);
        memcpy(end, src, len);
        *end.add(len) = 0;
    }
    dst
}

/// Copies up to `n` bytes, the last of them the first equal to `c`; returns what follows it in `dst`, or null if there was none.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, memccpy(3).
///
/// # Safety
/// `src` is readable and `dst` writable up to the match or for `n` bytes, and they do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memccpy(dst: *mut u8, src: *const u8, c: i32, n: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        let found = memchr(src, c, n);
        if found.is_null() {
            memcpy(dst, src, n);
            return found;
        }
        let len = found.offset_from_unsigned(src) + 1;
        memcpy(dst, src, len).add(len)
    }
}
