//! Conversion specifications: `%[n$][flags][width][.precision][length]conversion`.

use tidal_rt::Errno;

/// Flag bits.
pub mod flag {
    /// `-`
    pub const LEFT: u8 = 1;
    /// `+`
    pub const PLUS: u8 = 2;
    /// A space.
    pub const SPACE: u8 = 4;
    /// `#`
    pub const ALTERNATIVE: u8 = 8;
    /// `0`
    pub const ZERO: u8 = 16;
}

/// A width or precision as it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Not there.
    Absent,
    /// A number.
    Fixed(u32),
    /// `*`, or `*n$` with its position.
    Argument(u16),
}

/// Size of the argument, as the length modifier says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// None.
    Plain,
    /// `hh`
    Char,
    /// `h`
    Short,
    /// `l`, `j`, `z`, `t`
    Long,
    /// `ll`, `q`, `L`: 64 bits for integers, `long double` for others.
    LongLong,
}

/// One specification.
#[derive(Clone, Copy)]
pub struct Spec {
    /// [`flag`] bits.
    pub flags: u8,
    /// Minimal width.
    pub width: Amount,
    /// Precision.
    pub precision: Amount,
    /// Length modifier.
    pub length: Length,
    /// The letter; 0 where the format ends too early.
    pub conversion: u8,
    /// `n` of `%n$`, or 0 for the next argument.
    pub position: u16,
}

/// `NL_ARGMAX` of `<limits.h>`.
pub const MAX_POSITION: u32 = 4096;

/// A reader of the format.
#[derive(Clone, Copy)]
pub struct Cursor(pub *const u8);

impl Cursor {
    /// The next byte; 0 is the end.
    #[inline]
    pub fn peek(&self) -> u8 {
        // SAFETY: the cursor never goes past the format's NUL.
        unsafe { *self.0 }
    }

    /// Goes on by one byte, which is not the NUL.
    #[inline]
    pub fn bump(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }

    /// Goes on if the next byte is `byte`.
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == byte;
        if is {
            self.bump();
        }
        is
    }

    /// A decimal number, if there is one.
    ///
    /// # Errors
    /// `EOVERFLOW`: larger than an `int`.
    pub fn number(&mut self) -> Result<Option<u32>, Errno> {
        if !self.peek().is_ascii_digit() {
            return Ok(None);
        }
        let mut value: u32 = 0;
        let mut fits = true;
        while self.peek().is_ascii_digit() {
            let digit = u32::from(self.peek() - b'0');
            fits &= value <= (i32::MAX as u32 - digit) / 10;
            value = value.wrapping_mul(10).wrapping_add(digit);
            self.bump();
        }
        if fits { Ok(Some(value)) } else { Err(Errno::EOVERFLOW) }
    }

    /// `n$`: the position, if that is what follows; else the cursor stays.
    fn position(&mut self) -> Result<u16, Errno> {
        let start = *self;
        match self.number() {
            Ok(Some(n)) if self.take(b'$') => {
                if n == 0 || n > MAX_POSITION {
                    return Err(Errno::EINVAL);
                }
                Ok(n as u16)
            }
            _ => {
                *self = start;
                Ok(0)
            }
        }
    }

    fn amount(&mut self) -> Result<Amount, Errno> {
        if self.take(b'*') {
            return Ok(Amount::Argument(self.position()?));
        }
        Ok(self.number()?.map_or(Amount::Absent, Amount::Fixed))
    }

    /// Reads what follows a `%`.
    ///
    /// # Errors
    /// `EINVAL`, `EOVERFLOW`.
    pub fn spec(&mut self) -> Result<Spec, Errno> {
        let position = if self.peek().is_ascii_digit() { self.position()? } else { 0 };
        let mut flags = 0;
        loop {
            flags |= match self.peek() {
                b'-' => flag::LEFT,
                b'+' => flag::PLUS,
                b' ' => flag::SPACE,
                b'#' => flag::ALTERNATIVE,
                b'0' => flag::ZERO,
                // No locale here groups digits or has digits of its own.
                b'\'' | b'I' => 0,
                _ => break,
            };
            self.bump();
        }
        let width = self.amount()?;
        let precision = if self.take(b'.') {
            match self.amount()? {
                Amount::Absent => Amount::Fixed(0),
                amount => amount,
            }
        } else {
            Amount::Absent
        };
        let length = self.length();
        let conversion = self.peek();
        if conversion != 0 {
            self.bump();
        }
        Ok(Spec { flags, width, precision, length, conversion, position })
    }

    /// A length modifier, if there is one.
    pub fn length(&mut self) -> Length {
        let first = self.peek();
        let (once, twice) = match first {
            b'h' => (Length::Short, Length::Char),
            b'l' => (Length::Long, Length::LongLong),
            b'L' | b'q' => (Length::LongLong, Length::LongLong),
            b'j' | b'z' | b'Z' | b't' => (Length::Long, Length::Long),
            _ => return Length::Plain,
        };
        self.bump();
        if matches!(first, b'h' | b'l') && self.take(first) { twice } else { once }
    }
}

/// What C passes for an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing is consumed.
    None,
    /// `int`
    Int,
    /// 64 bits or a pointer.
    Long,
    /// `double`
    Double,
    /// `long double`
    LongDouble,
}

impl Spec {
    /// What the conversion consumes.
    pub fn kind(&self) -> Kind {
        match self.conversion {
            b'd' | b'i' | b'o' | b'u' | b'x' | b'X' | b'b' | b'B' => match self.length {
                Length::Long | Length::LongLong => Kind::Long,
                _ => Kind::Int,
            },
            b'c' | b'C' => Kind::Int,
            b's' | b'S' | b'p' | b'n' => Kind::Long,
            b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
                if self.length == Length::LongLong {
                    Kind::LongDouble
                } else {
                    Kind::Double
                }
            }
            _ => Kind::None,
        }
    }
}
