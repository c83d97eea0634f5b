//! `<wchar.h>`: `wcsftime`, by way of `strftime` in UTF-8.

use core::ffi::c_void;

use super::calendar::Tm;
use super::format::strftime;

/// Room for a format and for a result, in bytes.
const ROOM: usize = 2048;

/// Encodes a wide string after a letter, so that no result is empty; nothing if it is none or too long.
///
/// # Safety
/// `text` ends with 0.
unsafe fn encode(mut text: *const i32, buffer: &mut [u8; ROOM]) -> Option<()> {
    buffer[0] = b'x';
    let mut length = 1;
    // SAFETY: stops at the end.
    while let code @ 1.. = unsafe { *text } as u32 {
        let mut utf8 = [0; 4];
        let utf8 = char::from_u32(code)?.encode_utf8(&mut utf8).as_bytes();
        buffer.get_mut(length..length + utf8.len())?.copy_from_slice(utf8);
        length += utf8.len();
        text = text.wrapping_add(1);
    }
    *buffer.get_mut(length)? = 0;
    Some(())
}

/// Writes a broken-down time as a wide format says; how many wide characters that is, or 0 if it does not fit.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsftime(buffer: *mut i32, size: usize, format: *const i32, tm: *const Tm) -> usize {
    let (mut narrow, mut result) = ([0; ROOM], [0u8; ROOM]);
    // SAFETY: the caller's strings and structure; both buffers are live.
    unsafe {
        if encode(format, &mut narrow).is_none() {
            return 0;
        }
        let length = strftime(result.as_mut_ptr().cast(), ROOM, narrow.as_ptr().cast(), tm);
        let Ok(text) = core::str::from_utf8(&result[..length]) else { return 0 };
        let count = text.chars().skip(1).count();
        if length == 0 || count >= size {
            return 0;
        }
        for (i, character) in text.chars().skip(1).enumerate() {
            buffer.add(i).write(character as i32);
        }
        buffer.add(count).write(0);
        count
    }
}

/// As `wcsftime`; the locale changes nothing.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsftime_l(
    buffer: *mut i32,
    size: usize,
    format: *const i32,
    tm: *const Tm,
    _locale: *mut c_void,
) -> usize {
    // SAFETY: the same contract.
    unsafe { wcsftime(buffer, size, format, tm) }
}

crate::macros::aliases! {
    fn __wcsftime_l(buffer: *mut i32, size: usize, format: *const i32, tm: *const Tm, locale: *mut c_void) -> usize
        = wcsftime_l;
}
