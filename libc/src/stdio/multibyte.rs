//! Between wide characters and the bytes of the locale's charset, for formatted and wide streams.

use core::slice;

use tidal_rt::Errno;

use super::printf::field::Field;
use super::printf::sink::Sink;
use super::printf::spec::flag;
use crate::locale::is_utf8;

/// The bytes of a wide character. With `always_utf8` the charset does not matter.
///
/// # Errors
/// `EILSEQ`.
pub fn encode(c: u32, always_utf8: bool, bytes: &mut [u8; 4]) -> Result<&[u8], Errno> {
    let c = char::from_u32(c).filter(|c| c.is_ascii() || always_utf8 || is_utf8()).ok_or(Errno::EILSEQ)?;
    Ok(c.encode_utf8(bytes).as_bytes())
}

/// Length of the character that starts with a byte; `None` where none does. With `always_utf8` the charset does not
/// matter.
pub fn sequence_length(first: u8, always_utf8: bool) -> Option<usize> {
    match first {
        0..=0x7f => Some(1),
        _ if !always_utf8 && !is_utf8() => None,
        0xc2..=0xdf => Some(2),
        0xe0..=0xef => Some(3),
        0xf0..=0xf4 => Some(4),
        _ => None,
    }
}

/// `%s` into wide output: the precision counts characters, and what is no character fails.
///
/// # Errors
/// `EILSEQ`.
///
/// # Safety
/// `string` is a C string, or has as many characters as the precision.
pub unsafe fn string_to_wide(out: &mut Sink, field: &Field, string: *const u8) -> Result<(), Errno> {
    let most = field.precision.unwrap_or(usize::MAX);
    let (mut length, mut count) = (0, 0);
    // SAFETY: reads up to the NUL or the precision; a sequence that a NUL cuts is not one.
    let text = unsafe {
        while count < most && *string.add(length) != 0 {
            let n = sequence_length(*string.add(length), false).ok_or(Errno::EILSEQ)?;
            if (1..n).any(|i| *string.add(length + i) & 0xc0 != 0x80) {
                return Err(Errno::EILSEQ);
            }
            length += n;
            count += 1;
        }
        slice::from_raw_parts(string, length)
    };
    core::str::from_utf8(text).map_err(|_| Errno::EILSEQ)?;
    let (before, after) = Sink::padding(field.width, count, field.flags & flag::LEFT != 0);
    out.pad(b' ', before);
    out.bytes(text);
    out.pad(b' ', after);
    Ok(())
}
