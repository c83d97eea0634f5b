//! The charsets that `fopen`'s `,ccs=` can ask for. Without it a stream has the locale's.

use core::ffi::CStr;

use tidal_rt::Errno;

use super::Wide;
use super::state::write;
use crate::locale::is_utf8;
use crate::stdio::file::Stream;

/// How characters are bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Charset {
    /// As the locale says: UTF-8 or ASCII.
    Locale,
    /// UTF-8.
    Utf8,
    /// ASCII.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16, least byte first.
    Utf16Le,
    /// UTF-16, most byte first.
    Utf16Be,
    /// 32 bits, least byte first.
    Ucs4Le,
    /// 32 bits, most byte first.
    Ucs4Be,
}

use Charset::{Ascii, Latin1, Locale, Ucs4Be, Ucs4Le, Utf8, Utf16Be, Utf16Le};

const ALL: [Charset; 8] = [Locale, Utf8, Ascii, Latin1, Utf16Le, Utf16Be, Ucs4Le, Ucs4Be];

const NAMES: [(&str, Charset); 15] = [
    ("UTF-8", Utf8),
    ("UTF8", Utf8),
    ("ASCII", Ascii),
    ("US-ASCII", Ascii),
    ("ANSI_X3.4-1968", Ascii),
    ("ISO-8859-1", Latin1),
    ("LATIN1", Latin1),
    ("UTF-16LE", Utf16Le),
    ("UTF-16BE", Utf16Be),
    ("UCS-4LE", Ucs4Le),
    ("UCS-4BE", Ucs4Be),
    ("UCS-4", Ucs4Be),
    ("UTF-32LE", Ucs4Le),
    ("UTF-32BE", Ucs4Be),
    ("WCHAR_T", Ucs4Le),
];

impl Charset {
    /// What a mode string asks for after `,ccs=`.
    ///
    /// # Errors
    /// `EINVAL`: a charset that is not here.
    pub fn of_mode(mode: &CStr) -> Result<Charset, Errno> {
        let mode = mode.to_bytes();
        let Some(at) = mode.windows(5).position(|w| w == b",ccs=") else { return Ok(Locale) };
        let name = mode[at + 5..].split(|&b| matches!(b, b',' | b'/')).next().unwrap_or_default();
        let known = NAMES.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
        known.map(|&(_, charset)| charset).ok_or(Errno::EINVAL)
    }

    /// Whether bytes that continue a character can be told from others.
    pub fn is_utf8(self) -> bool {
        matches!(self, Locale | Utf8)
    }

    /// The bytes of a character.
    ///
    /// # Errors
    /// `EILSEQ`: it has none.
    pub fn encode(self, c: Wide, bytes: &mut [u8; 4]) -> Result<&[u8], Errno> {
        let unicode = char::from_u32(c).ok_or(Errno::EILSEQ)?;
        let length = match self {
            Locale => return write(c, bytes),
            Utf8 => unicode.encode_utf8(bytes).len(),
            Ascii | Latin1 => {
                let last = if self == Ascii { 0x7f } else { 0xff };
                bytes[0] = u8::try_from(c).ok().filter(|&byte| byte <= last).ok_or(Errno::EILSEQ)?;
                1
            }
            Utf16Le | Utf16Be => {
                let mut units = [0; 2];
                let units = unicode.encode_utf16(&mut units);
                for (place, unit) in bytes.chunks_mut(2).zip(units.iter()) {
                    let unit = if self == Utf16Le { unit.to_le_bytes() } else { unit.to_be_bytes() };
                    place.copy_from_slice(&unit);
                }
                2 * units.len()
            }
            Ucs4Le => {
                *bytes = c.to_le_bytes();
                4
            }
            Ucs4Be => {
                *bytes = c.to_be_bytes();
                4
            }
        };
        Ok(&bytes[..length])
    }

    /// Bytes that `begun` still lacks of a character, 0 for none.
    ///
    /// # Errors
    /// `EILSEQ`: no character begins like that.
    pub fn missing(self, begun: &[u8]) -> Result<usize, Errno> {
        let needed = match self {
            Ascii | Latin1 => 1,
            Ucs4Le | Ucs4Be => 4,
            Utf16Le | Utf16Be if begun.len() < 2 => 2,
            Utf16Le | Utf16Be => match unit(self, begun) & 0xfc00 {
                0xd800 => 4,
                _ => 2,
            },
            Locale | Utf8 => match begun.first() {
                None | Some(0..=0x7f) => 1,
                Some(_) if self == Locale && !is_utf8() => return Err(Errno::EILSEQ),
                Some(0xc2..=0xdf) => 2,
                Some(0xe0..=0xef) => 3,
                Some(0xf0..=0xf4) => 4,
                Some(_) => return Err(Errno::EILSEQ),
            },
        };
        Ok(needed - begun.len().min(needed))
    }

    /// The character that complete bytes are.
    ///
    /// # Errors
    /// `EILSEQ`: none.
    pub fn decode(self, bytes: &[u8]) -> Result<Wide, Errno> {
        let whole = || <[u8; 4]>::try_from(bytes).unwrap_or_default();
        let c = match self {
            Ascii => bytes.first().copied().filter(u8::is_ascii).map(char::from),
            Latin1 => bytes.first().copied().map(char::from),
            Ucs4Le => char::from_u32(u32::from_le_bytes(whole())),
            Ucs4Be => char::from_u32(u32::from_be_bytes(whole())),
            Utf16Le | Utf16Be => {
                char::decode_utf16(bytes.chunks(2).map(|pair| unit(self, pair))).next().and_then(Result::ok)
            }
            Locale | Utf8 => core::str::from_utf8(bytes).ok().and_then(|text| text.chars().next()),
        };
        c.map(Wide::from).ok_or(Errno::EILSEQ)
    }
}

/// The first 16-bit unit.
fn unit(charset: Charset, bytes: &[u8]) -> u16 {
    let pair = bytes.get(..2).and_then(|pair| pair.try_into().ok()).unwrap_or_default();
    if charset == Utf16Le { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
}

impl Stream {
    /// The stream's charset.
    pub fn charset(&self) -> Charset {
        ALL.get(self.file.flags2 as usize).copied().unwrap_or(Locale)
    }

    /// Gives the stream a charset; one of its own makes it wide.
    pub fn set_charset(&mut self, charset: Charset) {
        self.file.flags2 = charset as i32;
        self.file.mode = i32::from(charset != Locale);
    }
}
