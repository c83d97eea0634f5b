//! `%s %c %ls %lc`: strings and characters, of bytes and wide, into byte and wide output.

use core::slice;

use tidal_rt::Errno;

use super::field::Field;
use super::sink::Sink;
use super::spec::flag;
use crate::stdio::multibyte;

unsafe extern "C" {
    fn strnlen(s: *const u8, most: usize) -> usize;
}

/// Puts text that counts as `length` characters.
fn padded(out: &mut Sink, field: &Field, length: usize, text: &[u8]) {
    let (before, after) = Sink::padding(field.width, length, field.flags & flag::LEFT != 0);
    out.pad(b' ', before);
    out.bytes(text);
    out.pad(b' ', after);
}

/// Plain ASCII that is formatted like a string.
pub fn literal(out: &mut Sink, field: &Field, text: &[u8]) {
    padded(out, field, text.len(), text);
}

/// `%s`. Null is `(null)`, or nothing where the precision has no room for it.
///
/// # Errors
/// `EILSEQ`: into wide output, bytes that are no characters.
///
/// # Safety
/// `string` is null, a C string, or has as many bytes as the precision.
pub unsafe fn string(out: &mut Sink, field: &Field, string: *const u8) -> Result<(), Errno> {
    if string.is_null() {
        let room = field.precision.is_none_or(|p| p >= 6);
        literal(out, field, if room { b"(null)" } else { b"" });
        return Ok(());
    }
    if let Some(wide) = out.wide {
        // SAFETY: by the caller's contract.
        return unsafe { wide(out, field, string) };
    }
    // SAFETY: by the caller's contract.
    let text = unsafe {
        let length = strnlen(string, field.precision.unwrap_or(usize::MAX));
        slice::from_raw_parts(string, length)
    };
    padded(out, field, text.len(), text);
    Ok(())
}

/// `%c`.
///
/// # Errors
/// `EILSEQ`: into wide output, a byte that is no character.
pub fn character(out: &mut Sink, field: &Field, byte: u8) -> Result<(), Errno> {
    if out.wide.is_some() && !byte.is_ascii() {
        return Err(Errno::EILSEQ);
    }
    padded(out, field, 1, &[byte]);
    Ok(())
}

/// `%lc`.
///
/// # Errors
/// `EILSEQ`: no character of the locale's.
#[cold]
pub fn wide_character(out: &mut Sink, field: &Field, c: u32) -> Result<(), Errno> {
    let mut bytes = [0; 4];
    let text = multibyte::encode(c, out.wide.is_some(), &mut bytes)?;
    padded(out, field, if out.wide.is_some() { 1 } else { text.len() }, text);
    Ok(())
}

/// `%ls`. The precision counts bytes (characters, into wide output); no character is cut.
///
/// # Errors
/// `EILSEQ`: no character of the locale's.
///
/// # Safety
/// `string` is null, a wide string, or long enough for the precision.
#[cold]
pub unsafe fn wide_string(out: &mut Sink, field: &Field, string: *const u32) -> Result<(), Errno> {
    if string.is_null() {
        // SAFETY: null is allowed.
        return unsafe { self::string(out, field, string.cast()) };
    }
    let most = field.precision.unwrap_or(usize::MAX);
    let mut bytes = [0; 4];
    let (mut count, mut length) = (0, 0);
    while length < most {
        // SAFETY: neither the NUL nor the precision is reached yet.
        let c = unsafe { *string.add(count) };
        if c == 0 {
            break;
        }
        let text = multibyte::encode(c, out.wide.is_some(), &mut bytes)?;
        let next = length + if out.wide.is_some() { 1 } else { text.len() };
        if next > most {
            break;
        }
        (count, length) = (count + 1, next);
    }
    let (before, after) = Sink::padding(field.width, length, field.flags & flag::LEFT != 0);
    out.pad(b' ', before);
    for i in 0..count {
        // SAFETY: measured above.
        let c = unsafe { *string.add(i) };
        let text = multibyte::encode(c, out.wide.is_some(), &mut bytes)?;
        out.bytes(text);
    }
    out.pad(b' ', after);
    Ok(())
}
