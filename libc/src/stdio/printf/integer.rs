//! `%d %i %u %o %x %X %b %B %p`.

use super::field::Field;
use super::sink::Sink;
use super::spec::{Length, Spec, flag};

/// Digits of the longest number: 64 bits in binary.
const MOST: usize = 64;

fn digits(mut value: u64, base: u64, upper: bool, buffer: &mut [u8; MOST]) -> &[u8] {
    let letters = if upper { b'A' - 10 } else { b'a' - 10 };
    let mut at = MOST;
    while value != 0 && at > 0 {
        at -= 1;
        let digit;
        // A constant divisor is a multiplication; bases that are powers of two need neither.
        (value, digit) = match base {
            10 => (value / 10, (value % 10) as u8),
            _ => (value >> base.trailing_zeros(), (value & (base - 1)) as u8),
        };
        buffer[at] = digit + if digit < 10 { b'0' } else { letters };
    }
    &buffer[at..]
}

/// Formats a signed or unsigned number.
pub fn integer(out: &mut Sink, spec: &Spec, field: &Field, bits: u64) {
    let signed = matches!(spec.conversion, b'd' | b'i');
    let value = match (spec.length, signed) {
        (Length::Char, true) => i64::from(bits as i8) as u64,
        (Length::Short, true) => i64::from(bits as i16) as u64,
        (Length::Plain, true) => i64::from(bits as i32) as u64,
        (Length::Char, false) => u64::from(bits as u8),
        (Length::Short, false) => u64::from(bits as u16),
        (Length::Plain, false) => u64::from(bits as u32),
        _ => bits,
    };
    let negative = signed && (value as i64) < 0;
    let magnitude = if negative { value.wrapping_neg() } else { value };
    let sign: &[u8] = match () {
        () if negative => b"-",
        () if signed && field.flags & flag::PLUS != 0 => b"+",
        () if signed && field.flags & flag::SPACE != 0 => b" ",
        () => b"",
    };
    let alternative = field.flags & flag::ALTERNATIVE != 0;
    let (base, prefix): (u64, &[u8]) = match spec.conversion {
        b'o' => (8, b""),
        b'x' => (16, b"0x"),
        b'X' => (16, b"0X"),
        b'b' => (2, b"0b"),
        b'B' => (2, b"0B"),
        _ => (10, b""),
    };
    let prefix = if alternative && magnitude != 0 && base != 10 { prefix } else { sign };
    let mut buffer = [0; MOST];
    let digits = digits(magnitude, base, spec.conversion == b'X', &mut buffer);
    let mut least = field.precision.unwrap_or(1);
    if alternative && base == 8 {
        least = least.max(digits.len() + 1).max(1);
    }
    number(out, field, prefix, least.saturating_sub(digits.len()), digits);
}

/// Puts a number: blanks, prefix, zeros, digits, blanks. `zeros` fill the precision; the `0` flag fills the width.
fn number(out: &mut Sink, field: &Field, prefix: &[u8], zeros: usize, digits: &[u8]) {
    let mut zeros = zeros;
    let length = prefix.len() + zeros + digits.len();
    let (mut before, after) = Sink::padding(field.width, length, field.flags & flag::LEFT != 0);
    if field.flags & flag::ZERO != 0 && field.precision.is_none() {
        zeros += before;
        before = 0;
    }
    out.pad(b' ', before);
    out.bytes(prefix);
    out.pad(b'0', zeros);
    out.bytes(digits);
    out.pad(b' ', after);
}

/// `%p` of a pointer that is not null: `%#lx`, and glibc heeds the sign flags.
pub fn pointer(out: &mut Sink, field: &Field, address: u64) {
    let prefix: &[u8] = match () {
        () if field.flags & flag::PLUS != 0 => b"+0x",
        () if field.flags & flag::SPACE != 0 => b" 0x",
        () => b"0x",
    };
    let mut buffer = [0; MOST];
    let digits = digits(address, 16, false, &mut buffer);
    number(out, field, prefix, field.precision.unwrap_or(0).saturating_sub(digits.len()), digits);
}
