//! How many columns characters take on a terminal.

use core::ffi::c_int;

use unicode_width::UnicodeWidthChar;

use super::Wide;
use crate::wctype::is_printable;

/// The columns of a character: 0, 1 or 2; -1 if it is not printable.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcwidth(3).
#[unsafe(no_mangle)]
pub extern "C" fn wcwidth(c: Wide) -> c_int {
    match char::from_u32(c) {
        Some('\0') => 0,
        // A soft hyphen is shown, if it is shown.
        Some('\u{ad}') if is_printable(c) => 1,
        Some(printable) if is_printable(c) => printable.width().map_or(-1, |width| width as c_int),
        _ => -1,
    }
}

/// The columns of at most `n` characters of a string; -1 if one is not printable.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcswidth(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcswidth(s: *const Wide, n: usize) -> c_int {
    let mut columns = 0;
    for i in 0..n {
        // SAFETY: `s` is readable up to its terminator or for `n` characters.
        let c = unsafe { *s.add(i) };
        if c == 0 {
            break;
        }
        match wcwidth(c) {
            -1 => return -1,
            width => columns += width,
        }
    }
    columns
}
