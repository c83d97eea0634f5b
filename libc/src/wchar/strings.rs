//! Lengths, and strings taken apart.

use core::ptr::null_mut;

use super::Wide;
use super::search::{wcscspn, wcsspn};

/// The length of a string.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcslen(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcslen(s: *const Wide) -> usize {
    // SAFETY: `s` is a string.
    unsafe { wcsnlen(s, usize::MAX) }
}

/// The length of a string, or `n` if it is longer.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcsnlen(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsnlen(s: *const Wide, n: usize) -> usize {
    let mut length = 0;
    // SAFETY: `s` is readable up to its terminator or for `n` characters.
    while length < n && unsafe { *s.add(length) } != 0 {
        length += 1;
    }
    length
}

/// A string without its terminator.
///
/// # Safety
/// `s` is a string that nobody writes while the slice lives.
pub unsafe fn characters<'a>(s: *const Wide) -> &'a [Wide] {
    // SAFETY: by the caller's contract.
    unsafe { core::slice::from_raw_parts(s, wcslen(s)) }
}

/// The next token of the string that `*save` (or `s`, when not null) begins; delimiters are overwritten by terminators.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcstok(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcstok(s: *mut Wide, delimiters: *const Wide, save: *mut *mut Wide) -> *mut Wide {
    // SAFETY: `s` or `*save` and `delimiters` are strings, and spans stay within the string.
    unsafe {
        let start = if s.is_null() { *save } else { s };
        if start.is_null() {
            return null_mut();
        }
        let token = start.add(wcsspn(start, delimiters));
        if *token == 0 {
            *save = null_mut();
            return null_mut();
        }
        let end = token.add(wcscspn(token, delimiters));
        *save = if *end == 0 {
            null_mut()
        } else {
            *end = 0;
            end.add(1)
        };
        token
    }
}
