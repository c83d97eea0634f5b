//! From digits to bits.

use core::fmt::Write;

use super::super::integer::Text;
use super::big::{Big, MOST_DIGITS};
use super::round::{DOUBLE, Format, Mode, Rounded, Unrounded, mode, round};
use super::scan::{Digits, Kind, Scanned, values};

/// What a text stands for, without its sign.
pub enum Value {
    Nan(u64),
    Infinity,
    /// The bits of a `float` or `double`; 0 in any format.
    Exact64(u64),
    Finite(Rounded),
}

/// Numbers from `10^LARGE` on overflow, and those below `10^-LARGE` vanish, in every format.
const LARGE: i64 = 5000;

pub fn convert<T: Text>(text: T, scanned: &Scanned, format: &Format) -> Value {
    let (digits, radix) = match &scanned.kind {
        Kind::Nothing => return Value::Exact64(0),
        Kind::Infinity => return Value::Infinity,
        Kind::Nan(payload) => return Value::Nan(*payload),
        Kind::Hexadecimal(digits) => (digits, 16),
        Kind::Decimal(digits) => (digits, 10),
    };
    if digits.count == 0 {
        return Value::Exact64(0);
    }
    let mode = mode();
    if radix == 10
        && mode == Mode::Nearest
        && let Some(bits) = short(text, digits, format)
    {
        return Value::Exact64(bits);
    }
    let number = if radix == 16 { hexadecimal(text, digits) } else { decimal(text, digits) };
    match round(&number, scanned.negative, format, mode) {
        Some(rounded) => Value::Finite(rounded),
        None => {
            tidal_rt::Errno::ERANGE.set();
            Value::Infinity
        }
    }
}

/// The bits of a `float` or `double` from few digits, by the core library's algorithm; nothing for results that may be out
/// of range, which need a closer look.
fn short<T: Text>(text: T, digits: &Digits, format: &Format) -> Option<u64> {
    const MOST: usize = 40;
    /// Text on the stack.
    struct Buffer([u8; MOST + 8], usize);
    impl Write for Buffer {
        fn write_str(&mut self, s: &str) -> core::fmt::Result {
            self.0.get_mut(self.1..self.1 + s.len()).ok_or(core::fmt::Error)?.copy_from_slice(s.as_bytes());
            self.1 += s.len();
            Ok(())
        }
    }
    if digits.count > MOST || digits.exponent.unsigned_abs() > 999 || format.precision > DOUBLE.precision {
        return None;
    }
    let mut buffer = Buffer([0; MOST + 8], 0);
    // SAFETY: the digits were found in this text.
    for value in unsafe { values(text, digits, 10) } {
        buffer.0[buffer.1] = b'0' + value as u8;
        buffer.1 += 1;
    }
    buffer.write_str("e").ok()?;
    // By hand: the formatting machinery of integers is large.
    let exponent = digits.exponent.unsigned_abs() as u16;
    if digits.exponent < 0 {
        buffer.write_str("-").ok()?;
    }
    for power in [100, 10, 1] {
        buffer.0[buffer.1] = b'0' + (exponent / power % 10) as u8;
        buffer.1 += 1;
    }
    let text = core::str::from_utf8(&buffer.0[..buffer.1]).ok()?;
    if format.precision == DOUBLE.precision {
        text.parse::<f64>().ok().filter(|v| v.is_finite() && *v > f64::MIN_POSITIVE).map(f64::to_bits)
    } else {
        text.parse::<f32>()
            .ok()
            .filter(|v| v.is_finite() && *v > f32::MIN_POSITIVE)
            .map(|v| v.to_bits().into())
    }
}

fn hexadecimal<T: Text>(text: T, digits: &Digits) -> Unrounded {
    let (mut bits, mut more, mut dropped) = (0u128, false, 0i64);
    // SAFETY: the digits were found in this text.
    for value in unsafe { values(text, digits, 16) } {
        if bits >> 124 == 0 {
            bits = bits << 4 | u128::from(value);
        } else {
            more |= value != 0;
            dropped += 4;
        }
    }
    let zeros = bits.leading_zeros();
    Unrounded { bits: bits << zeros, exponent: 127 - i64::from(zeros) + dropped + digits.exponent, more }
}

/// The exact quotient or product of the digits and the power of ten, as far as 128 bits go.
#[cold]
#[inline(never)]
fn decimal<T: Text>(text: T, digits: &Digits) -> Unrounded {
    let point = digits.exponent.saturating_add(digits.count as i64);
    if point.abs() > LARGE {
        return Unrounded { bits: 1 << 127, exponent: point.signum() << 20, more: true };
    }
    let (mut number, mut more, mut chunk, mut scale) = (Big::new(0), false, 0u64, 1u64);
    // SAFETY: the digits were found in this text.
    for (i, value) in unsafe { values(text, digits, 10) }.enumerate() {
        if i >= MOST_DIGITS {
            more |= value != 0;
            continue;
        }
        (chunk, scale) = (chunk * 10 + u64::from(value), scale * 10);
        if scale == 10u64.pow(19) {
            number.multiply_add(scale, chunk);
            (chunk, scale) = (0, 1);
        }
    }
    number.multiply_add(scale, chunk);
    let exponent = digits.exponent + digits.count.saturating_sub(MOST_DIGITS) as i64;
    if exponent >= 0 {
        number.multiply_power_of_five(exponent as usize);
        let (bits, rest) = number.top();
        return Unrounded { bits, exponent: number.bits() as i64 - 1 + exponent, more: more | rest };
    }
    let mut divisor = Big::new(1);
    divisor.multiply_power_of_five(exponent.unsigned_abs() as usize);
    quotient(number, divisor, exponent, more)
}

/// `number / divisor × 2^exponent`, bit by bit: both are brought to the same length first.
fn quotient(mut number: Big, mut divisor: Big, exponent: i64, more: bool) -> Unrounded {
    /// Bits of the quotient: more than any mantissa and its rounding bit.
    const WANTED: u32 = 72;
    let mut shift = number.bits() as i64 - divisor.bits() as i64;
    if shift > 0 {
        divisor.shift_left(shift as usize);
    } else {
        number.shift_left(shift.unsigned_abs() as usize);
    }
    if number.compare(&divisor).is_lt() {
        number.shift_left(1);
        shift -= 1;
    }
    let mut bits = 0u128;
    for _ in 0..WANTED {
        bits <<= 1;
        if number.compare(&divisor).is_ge() {
            number.subtract(&divisor);
            bits |= 1;
        }
        number.shift_left(1);
    }
    Unrounded { bits: bits << (128 - WANTED), exponent: shift + exponent, more: more || !number.is_zero() }
}
