//! Characters from bytes and back, one at a time, with the state between calls.

use tidal_rt::Errno;

use crate::locale::is_utf8;

/// `mbstate_t` of `<wchar.h>`: a character of which some bytes have been read. All zero at first.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct State {
    /// Bytes still missing.
    missing: u32,
    /// The bits read so far, and in the high byte the least and the most that the next byte may be, as indices.
    bits: u32,
}

const _: () = assert!(size_of::<State>() == 8);

/// Marks in `bits` that the next byte has narrower limits.
const NO_OVERLONG: u32 = 1 << 28;
const NO_SURROGATE: u32 = 2 << 28;
const NO_OVERLONG_4: u32 = 3 << 28;
const NOT_PAST_END: u32 = 4 << 28;
const LIMITS: u32 = 7 << 28;

/// Marks in `missing` that `bits` is a UTF-16 unit.
const PENDING: u32 = 1 << 31;

/// What reading bytes came to.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// A character, complete after this many bytes.
    Character(u32, usize),
    /// All bytes were taken, and more are needed.
    Incomplete,
}

impl State {
    /// Whether no character is begun.
    pub fn is_initial(self) -> bool {
        self.missing == 0
    }

    /// The UTF-16 unit that waits for its other half, which it is no longer.
    pub fn take_pending(&mut self) -> Option<u16> {
        let pending = (self.missing & PENDING != 0).then_some(self.bits as u16)?;
        *self = State::new();
        Some(pending)
    }

    /// Lets a UTF-16 unit wait.
    pub fn set_pending(&mut self, unit: u16) {
        *self = State { missing: PENDING, bits: unit.into() };
    }

    /// Reads one character.
    ///
    /// # Errors
    /// `EILSEQ` if the bytes are no character; the state is initial then.
    #[inline]
    pub fn read(&mut self, bytes: &[u8]) -> Result<Step, Errno> {
        if let Some(&byte) = bytes.first()
            && self.missing == 0
            && byte < 0x80
        {
            return Ok(Step::Character(byte.into(), 1));
        }
        self.read_long(bytes, is_utf8())
    }

    /// [`State::read`] for what is not one ASCII byte.
    fn read_long(&mut self, bytes: &[u8], utf8: bool) -> Result<Step, Errno> {
        for (i, &byte) in bytes.iter().enumerate() {
            let Some(next) = self.after(byte).filter(|_| utf8) else {
                *self = State::default();
                return Err(Errno::EILSEQ);
            };
            *self = next;
            if next.missing == 0 {
                let character = next.bits;
                *self = State::default();
                return Ok(Step::Character(character, i + 1));
            }
        }
        Ok(Step::Incomplete)
    }

    /// The state after one more byte, `None` if it cannot follow (Unicode, table 3-7).
    fn after(self, byte: u8) -> Option<State> {
        if self.missing == 0 {
            let (missing, bits) = match byte {
                0x00..=0x7f => (0, byte.into()),
                0xc2..=0xdf => (1, u32::from(byte) & 0x1f),
                0xe0 => (2, NO_OVERLONG),
                0xed => (2, 0xd | NO_SURROGATE),
                0xe1..=0xef => (2, u32::from(byte) & 0xf),
                0xf0 => (3, NO_OVERLONG_4),
                0xf4 => (3, 4 | NOT_PAST_END),
                0xf1..=0xf3 => (3, u32::from(byte) & 7),
                _ => return None,
            };
            return Some(State { missing, bits });
        }
        let allowed = match self.bits & LIMITS {
            NO_OVERLONG => 0xa0..=0xbf,
            NO_SURROGATE => 0x80..=0x9f,
            NO_OVERLONG_4 => 0x90..=0xbf,
            NOT_PAST_END => 0x80..=0x8f,
            _ => 0x80..=0xbf,
        };
        let bits = (self.bits & !LIMITS) << 6 | u32::from(byte) & 0x3f;
        allowed.contains(&byte).then_some(State { missing: self.missing - 1, bits })
    }
}

/// The bytes of a character, in the thread's locale.
///
/// # Errors
/// `EILSEQ` if it has none.
#[inline]
pub fn write(character: u32, buffer: &mut [u8; 4]) -> Result<&[u8], Errno> {
    if character < 0x80 {
        buffer[0] = character as u8;
        return Ok(&buffer[..1]);
    }
    let character = char::from_u32(character).filter(|_| is_utf8()).ok_or(Errno::EILSEQ)?;
    Ok(character.encode_utf8(buffer).as_bytes())
}
