//! `<iconv.h>`: conversions between the encodings of Unicode, ASCII and Latin-1. Others need tables, which a static
//! program has not: `iconv_open` refuses them.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

use tidal_rt::Errno;

/// An encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Ascii,
    Latin1,
    Utf8,
    /// Units of 16 bits, big-endian or not.
    Utf16 {
        big: bool,
    },
    /// Units of 32 bits, big-endian or not.
    Utf32 {
        big: bool,
    },
}

use Encoding::{Ascii, Latin1, Utf8, Utf16, Utf32};

/// All of them: a descriptor holds two numbers of this list.
const ALL: [Encoding; 7] = [
    Ascii,
    Latin1,
    Utf8,
    Utf16 { big: false },
    Utf16 { big: true },
    Utf32 { big: false },
    Utf32 { big: true },
];

const NAMES: [(&[u8], Encoding); 20] = [
    (b"ANSI_X3.4-1968", Ascii),
    (b"ASCII", Ascii),
    (b"US-ASCII", Ascii),
    (b"646", Ascii),
    (b"ISO-8859-1", Latin1),
    (b"ISO8859-1", Latin1),
    (b"ISO_8859-1", Latin1),
    (b"LATIN1", Latin1),
    (b"UTF-8", Utf8),
    (b"UTF8", Utf8),
    (b"", Utf8),
    (b"UTF-16LE", Utf16 { big: false }),
    (b"UTF-16BE", Utf16 { big: true }),
    (b"UTF-32LE", Utf32 { big: false }),
    (b"UTF-32BE", Utf32 { big: true }),
    (b"UCS-4LE", Utf32 { big: false }),
    (b"UCS-4BE", Utf32 { big: true }),
    (b"UCS-4", Utf32 { big: true }),
    (b"INTERNAL", Utf32 { big: false }),
    (b"WCHAR_T", Utf32 { big: false }),
];

/// Bit of a descriptor: what the target lacks becomes `?` (`//TRANSLIT`).
const REPLACE: usize = 1 << 8;
/// Bit of a descriptor: it is left out (`//IGNORE`).
const SKIP: usize = 1 << 9;
/// Bit of a descriptor that makes it no null pointer.
const VALID: usize = 1 << 10;

/// `(iconv_t) -1`.
const NONE: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// What stands at the start of a text.
enum Decoded {
    Character(char, usize),
    Invalid,
    Incomplete,
}

impl Encoding {
    fn decode(self, text: &[u8]) -> Decoded {
        let units = |size: usize, big: bool, at: usize| {
            text.get(at..at + size).map(|unit| {
                let fold = |value: u32, byte: &u8| value << 8 | u32::from(*byte);
                if big { unit.iter().fold(0, fold) } else { unit.iter().rev().fold(0, fold) }
            })
        };
        let (code, length) = match self {
            Ascii if text[0] >= 0x80 => return Decoded::Invalid,
            Ascii | Latin1 => (u32::from(text[0]), 1),
            Utf8 => return decode_utf8(text),
            Utf16 { big } => match (units(2, big, 0), units(2, big, 2)) {
                (None, _) | (Some(0xd800..0xdc00), None) => return Decoded::Incomplete,
                (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                    (0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff), 4)
                }
                (Some(unit), _) => (unit, 2),
            },
            Utf32 { big } => match units(4, big, 0) {
                None => return Decoded::Incomplete,
                Some(unit) => (unit, 4),
            },
        };
        char::from_u32(code).map_or(Decoded::Invalid, |c| Decoded::Character(c, length))
    }

    /// Writes a character; how many bytes, or nothing if the encoding lacks it.
    fn encode(self, character: char, to: &mut [u8; 4]) -> Option<usize> {
        let code = character as u32;
        match self {
            Ascii if code >= 0x80 => return None,
            Latin1 if code >= 0x100 => return None,
            Ascii | Latin1 => to[0] = code as u8,
            Utf8 => return Some(character.encode_utf8(to).len()),
            Utf16 { big } => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units);
                for (pair, unit) in to.chunks_exact_mut(2).zip(units.iter()) {
                    pair.copy_from_slice(&if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
                }
                return Some(2 * units.len());
            }
            Utf32 { big } => {
                *to = if big { code.to_be_bytes() } else { code.to_le_bytes() };
                return Some(4);
            }
        }
        Some(1)
    }
}

fn decode_utf8(text: &[u8]) -> Decoded {
    let length = match text[0] {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return Decoded::Invalid,
    };
    let taken = &text[..length.min(text.len())];
    match core::str::from_utf8(taken) {
        Ok(text) => text.chars().next().map_or(Decoded::Invalid, |c| Decoded::Character(c, length)),
        // No length: the text ends inside a character that could still become one.
        Err(e) if e.error_len().is_none() => Decoded::Incomplete,
        Err(_) => Decoded::Invalid,
    }
}

/// An encoding's number and the flags behind its name.
fn named(name: &[u8]) -> Option<(usize, usize)> {
    let mut parts = name.split(|&b| b == b'/');
    let base = parts.next()?;
    let (_, encoding) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(base))?;
    let mut flags = 0;
    for suffix in parts {
        flags |= match suffix {
            s if s.eq_ignore_ascii_case(b"TRANSLIT") => REPLACE,
            s if s.eq_ignore_ascii_case(b"IGNORE") => SKIP,
            _ => 0,
        };
    }
    Some((ALL.iter().position(|e| e == encoding)?, flags))
}

/// A descriptor for a conversion.
///
/// # Errors
/// -1 as a pointer, and `EINVAL` for an encoding that is not there.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iconv_open(to: *const c_char, from: *const c_char) -> *mut c_void {
    // SAFETY: C strings by contract.
    let (to, from) = unsafe { (CStr::from_ptr(to).to_bytes(), CStr::from_ptr(from).to_bytes()) };
    match (named(to), named(from)) {
        (Some((to, flags)), Some((from, _))) => ptr::without_provenance_mut(VALID | flags | to << 4 | from),
        _ => {
            Errno::EINVAL.set();
            NONE
        }
    }
}

/// Gives a descriptor back; it holds nothing.
///
/// # Errors
/// `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iconv_close(conversion: *mut c_void) -> c_int {
    if conversion == NONE || conversion as usize & VALID == 0 {
        return crate::errno::or_errno(Err(Errno::EBADF));
    }
    0
}

/// Converts text, moving the pointers and lowering the counts; how many characters were replaced or left out.
///
/// # Errors
/// `E2BIG` (no more room), `EILSEQ` (invalid, or not in the target), `EINVAL` (ends within a character), `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iconv(
    conversion: *mut c_void,
    from: *mut *mut c_char,
    from_left: *mut usize,
    to: *mut *mut c_char,
    to_left: *mut usize,
) -> usize {
    let bits = conversion as usize;
    if conversion == NONE || bits & VALID == 0 {
        return crate::errno::or_errno(Err(Errno::EBADF));
    }
    let (source, target) = (ALL[bits & 15], ALL[bits >> 4 & 15]);
    // SAFETY: the caller's words.
    if from.is_null() || unsafe { (*from).is_null() } {
        // Encodings without a state have nothing to finish.
        return 0;
    }
    let mut inexact = 0;
    // SAFETY: the caller's buffers have as many bytes as the counts say, and the counts keep up with the pointers.
    unsafe {
        while *from_left > 0 {
            let text = core::slice::from_raw_parts((*from).cast::<u8>(), *from_left);
            let (character, length) = match source.decode(text) {
                Decoded::Character(character, length) => (character, length),
                Decoded::Invalid => return crate::errno::or_errno(Err(Errno::EILSEQ)),
                Decoded::Incomplete => return crate::errno::or_errno(Err(Errno::EINVAL)),
            };
            let mut bytes = [0; 4];
            let count = match target.encode(character, &mut bytes) {
                Some(count) => count,
                None if bits & (REPLACE | SKIP) == 0 => return crate::errno::or_errno(Err(Errno::EILSEQ)),
                None => {
                    inexact += 1;
                    bytes[0] = b'?';
                    usize::from(bits & REPLACE != 0)
                }
            };
            if *to_left < count {
                return crate::errno::or_errno(Err(Errno::E2BIG));
            }
            ptr::copy_nonoverlapping(bytes.as_ptr().cast(), *to, count);
            *to = (*to).add(count);
            *to_left -= count;
            *from = (*from).add(length);
            *from_left -= length;
        }
    }
    inexact
}
