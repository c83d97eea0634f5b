//! `<libgen.h>`: paths taken apart.

use core::ffi::c_char;

use crate::cstr::bytes;

const SLASH: u8 = b'/';
static DOT: &core::ffi::CStr = c".";

/// How many bytes of `path` are left without the slashes at its end.
fn without_slashes(path: &[u8]) -> usize {
    path.iter().rposition(|c| *c != SLASH).map_or(0, |last| last + 1)
}

/// The directory of a path: the path cut off, or a constant.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, dirname(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dirname(path: *mut c_char) -> *mut c_char {
    let dot = DOT.as_ptr().cast_mut();
    if path.is_null() {
        return dot;
    }
    // SAFETY: `path` is a string; the cut is within it.
    unsafe {
        let text = bytes(path);
        let name_end = without_slashes(text);
        if name_end == 0 {
            // Nothing but slashes, or nothing.
            let root = match text.len() {
                0 => return dot,
                2 => 2,
                _ => 1,
            };
            *path.add(root) = 0;
            return path;
        }
        let Some(slash) = text[..name_end].iter().rposition(|c| *c == SLASH) else { return dot };
        let end = match without_slashes(&text[..slash]) {
            // POSIX leaves it to the system what two slashes at the start are.
            0 if slash == 1 => 2,
            0 => 1,
            end => end,
        };
        *path.add(end) = 0;
        path
    }
}

/// The last component of a path, which loses the slashes at its end: POSIX's `basename`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, basename(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __xpg_basename(path: *mut c_char) -> *mut c_char {
    if path.is_null() {
        return DOT.as_ptr().cast_mut();
    }
    // SAFETY: `path` is a string; the cut is within it.
    unsafe {
        let text = bytes(path);
        if text.is_empty() {
            return DOT.as_ptr().cast_mut();
        }
        let end = without_slashes(text);
        if end == 0 {
            // Only slashes: the last one.
            return path.add(text.len() - 1);
        }
        let start = text[..end].iter().rposition(|c| *c == SLASH).map_or(0, |slash| slash + 1);
        if end < text.len() {
            *path.add(end) = 0;
        }
        path.add(start)
    }
}
