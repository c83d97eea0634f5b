//! The multibyte functions of `<stdlib.h>`: those of `<wchar.h>` without a state.

use core::ffi::{c_char, c_int};
use core::ptr::null_mut;

use crate::wchar::Wide;
use crate::wchar::convert::{mbrtowc, mbsrtowcs, wcrtomb, wcsrtombs};
use crate::wchar::state::State;

/// Reads a character from at most `n` bytes: its length, 0 for the null character and for a null `s` (no locale here has
/// shift states).
///
/// # Errors
/// -1, and `EILSEQ` unless bytes are missing.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, mbtowc(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbtowc(wide: *mut Wide, s: *const c_char, n: usize) -> c_int {
    if s.is_null() {
        return 0;
    }
    // SAFETY: the same contract, with a fresh state: the standard lets no character be continued here.
    match unsafe { mbrtowc(wide, s, n, &mut State::new()) } {
        // Wrong, or incomplete.
        length if length > n => -1,
        length => length as c_int,
    }
}

/// [`mbtowc`] for the length alone.
///
/// # Errors
/// As for [`mbtowc`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, mblen(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mblen(s: *const c_char, n: usize) -> c_int {
    // SAFETY: `s` is null or readable for a byte at least.
    unsafe {
        // The empty string has length 0 whatever `n` is.
        if s.is_null() || *s == 0 { 0 } else { mbtowc(null_mut(), s, n) }
    }
}

/// Writes the bytes of a character: their number, 0 for a null `s`.
///
/// # Errors
/// -1 and `EILSEQ` if the locale does not have the character.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wctomb(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wctomb(s: *mut c_char, wide: Wide) -> c_int {
    if s.is_null() {
        return 0;
    }
    // SAFETY: the same contract.
    unsafe { wcrtomb(s, wide, null_mut()) as c_int }
}

/// Converts a string to at most `room` wide characters; how many, without the terminator. Null `dst` only counts.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, mbstowcs(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbstowcs(dst: *mut Wide, src: *const c_char, room: usize) -> usize {
    let mut src = src;
    // SAFETY: the same contract.
    unsafe { mbsrtowcs(dst, &mut src, room, &mut State::new()) }
}

/// Converts a wide string to at most `room` bytes; how many, without the terminator. Null `dst` only counts.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcstombs(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcstombs(dst: *mut c_char, src: *const Wide, room: usize) -> usize {
    let mut src = src;
    // SAFETY: the same contract.
    unsafe { wcsrtombs(dst, &mut src, room, null_mut()) }
}
