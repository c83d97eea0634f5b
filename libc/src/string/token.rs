//! Strings taken apart: `strtok`, `strtok_r`, `strsep`.

use core::ffi::c_char;
use core::ptr::null_mut;

use super::search::{strcspn, strspn};

/// The next token of the string that `*save` (or `s`, when not null) begins; delimiters are overwritten by terminators.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strtok(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strtok_r(
    s: *mut c_char,
    delimiters: *const c_char,
    save: *mut *mut c_char,
) -> *mut c_char {
    // SAFETY: `s` or `*save` and `delimiters` are strings, and spans stay within the string.
    unsafe {
        let start = if s.is_null() { *save } else { s };
        if start.is_null() {
            return null_mut();
        }
        let token = start.add(strspn(start, delimiters));
        if *token == 0 {
            *save = token;
            return null_mut();
        }
        let end = token.add(strcspn(token, delimiters));
        if *end == 0 {
            *save = end;
        } else {
            *end = 0;
            *save = end.add(1);
        }
        token
    }
}

/// [`strtok_r`] under the name that old objects use.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strtok(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __strtok_r(
    s: *mut c_char,
    delimiters: *const c_char,
    save: *mut *mut c_char,
) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { strtok_r(s, delimiters, save) }
}

/// As [`strtok_r`], with one place for the whole process.
///
/// Signal-safe: no. Vfork-safe: no (the parent sees the child's place).
/// Source: ISO C, strtok(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strtok(s: *mut c_char, delimiters: *const c_char) -> *mut c_char {
    static mut SAVE: *mut c_char = null_mut();
    // SAFETY: ISO C lets no two threads call strtok at a time.
    unsafe { strtok_r(s, delimiters, &raw mut SAVE) }
}

/// Ends the string `*place` at its first delimiter, returns it, and leaves `*place` behind the delimiter (null at the end).
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strsep(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strsep(place: *mut *mut c_char, delimiters: *const c_char) -> *mut c_char {
    // SAFETY: `*place` is null or a string, and spans stay within it.
    unsafe {
        let field = *place;
        if field.is_null() {
            return field;
        }
        let end = field.add(strcspn(field, delimiters));
        *place = if *end == 0 {
            null_mut()
        } else {
            *end = 0;
            end.add(1)
        };
        field
    }
}
