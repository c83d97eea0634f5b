//! `%e %f %g` and their capitals: any precision, exact, for `double` and the 80-bit `long double`.

use super::arguments::Value;
use super::decimal::{DOUBLE_LIMBS, Decimal, LONG_DOUBLE_LIMBS, Run};
use super::field::Field;
use super::hexfloat;
use super::sink::Sink;
use super::spec::{Length, Spec, flag};

/// What a floating-point argument is.
pub enum Class {
    /// `m * 2^e`.
    Finite(u64, i32),
    /// An infinity.
    Infinite,
    /// Not a number.
    Nan,
}

/// Bits of a double's fraction.
const FRACTION: u32 = 52;

fn classify_double(bits: u64) -> Class {
    let fraction = bits & ((1 << FRACTION) - 1);
    match (bits >> FRACTION & 0x7ff) as i32 {
        0x7ff if fraction == 0 => Class::Infinite,
        0x7ff => Class::Nan,
        0 => Class::Finite(fraction, -1074),
        exponent => Class::Finite(fraction | 1 << FRACTION, exponent - 1075),
    }
}

fn classify_long_double(significand: u64, exponent: i32) -> Class {
    match exponent {
        0x7fff if significand << 1 == 0 => Class::Infinite,
        0x7fff => Class::Nan,
        0 => Class::Finite(significand, -16445),
        _ => Class::Finite(significand, exponent - 16446),
    }
}

/// Formats a floating-point argument.
#[inline(never)]
pub fn float(out: &mut Sink, spec: &Spec, field: &Field, value: Value) {
    let long = spec.length == Length::LongLong;
    let (negative, class) = if long {
        (value.high >> 15 & 1 == 1, classify_long_double(value.low, (value.high & 0x7fff) as i32))
    } else {
        (value.low >> 63 == 1, classify_double(value.low))
    };
    let sign: &[u8] = match () {
        () if negative => b"-",
        () if field.flags & flag::PLUS != 0 => b"+",
        () if field.flags & flag::SPACE != 0 => b" ",
        () => b"",
    };
    let upper = spec.conversion.is_ascii_uppercase();
    let number = match class {
        Class::Finite(m, e) => (m, e),
        Class::Infinite => return word(out, field, sign, if upper { b"INF" } else { b"inf" }),
        Class::Nan => return word(out, field, sign, if upper { b"NAN" } else { b"nan" }),
    };
    let layout = Layout { field, sign, conversion: spec.conversion };
    match spec.conversion | 0x20 {
        b'a' => hexfloat::hexadecimal(out, field, sign, upper, value, long),
        _ if long => long_digits(out, &layout, number),
        _ => {
            let mut limbs = [0; DOUBLE_LIMBS];
            layout.number(out, Decimal::new(&mut limbs, number.0, number.1));
        }
    }
}

/// Apart, for its five kilobytes of stack.
#[inline(never)]
fn long_digits(out: &mut Sink, layout: &Layout, (m, e): (u64, i32)) {
    let mut limbs = [0; LONG_DOUBLE_LIMBS];
    layout.number(out, Decimal::new(&mut limbs, m, e));
}

/// An infinity or a NaN: blanks fill the width, never zeros.
fn word(out: &mut Sink, field: &Field, sign: &[u8], text: &[u8]) {
    let length = sign.len() + text.len();
    let (before, after) = Sink::padding(field.width, length, field.flags & flag::LEFT != 0);
    out.pad(b' ', before);
    out.bytes(sign);
    out.bytes(text);
    out.pad(b' ', after);
}

/// How the digits are shown.
struct Layout<'a> {
    field: &'a Field,
    sign: &'a [u8],
    conversion: u8,
}

impl Layout<'_> {
    #[inline(never)]
    fn number(&self, out: &mut Sink, mut decimal: Decimal) {
        let negative = self.sign == b"-";
        let precision = self.field.precision.unwrap_or(6);
        match self.conversion | 0x20 {
            b'f' => {
                decimal.round(decimal.scale.saturating_sub(precision), negative);
                self.fixed(out, &decimal, precision);
            }
            b'e' => {
                decimal.round(decimal.digits().saturating_sub(precision.saturating_add(1)), negative);
                self.scientific(out, &decimal, precision);
            }
            _ => self.general(out, decimal, precision.max(1), negative),
        }
    }

    /// `%g`: `significant` digits, in the shorter of both styles, without trailing zeros unless `#` asks for them.
    fn general(&self, out: &mut Sink, mut decimal: Decimal, significant: usize, negative: bool) {
        decimal.round(decimal.digits().saturating_sub(significant), negative);
        let exponent = exponent(&decimal);
        let trim = self.field.flags & flag::ALTERNATIVE == 0;
        let lowest = decimal.lowest_nonzero();
        if exponent >= -4 && exponent < significant as i64 {
            let places = (significant as i64 - 1 - exponent) as usize;
            let needed = decimal.scale.saturating_sub(lowest) * usize::from(decimal.digits() > 0);
            self.fixed(out, &decimal, if trim { places.min(needed) } else { places });
        } else {
            let needed = decimal.digits() - 1 - lowest;
            self.scientific(out, &decimal, if trim { needed.min(significant - 1) } else { significant - 1 });
        }
    }

    fn fixed(&self, out: &mut Sink, decimal: &Decimal, places: usize) {
        let scale = decimal.scale as i64;
        let whole = decimal.digits().saturating_sub(decimal.scale).max(1);
        self.framed(out, whole, places, b"", |out, part| {
            let (high, low) = match part {
                Part::Whole => (scale + whole as i64 - 1, scale),
                Part::Fraction => (scale - 1, scale - places as i64),
            };
            emit(out, decimal, high, low);
        });
    }

    fn scientific(&self, out: &mut Sink, decimal: &Decimal, places: usize) {
        let exponent = exponent(decimal);
        let mut text = [0; 8];
        let text = exponent_text(exponent, self.conversion & 0x20 | b'E', &mut text);
        let top = decimal.digits().max(1) as i64 - 1;
        self.framed(out, 1, places, text, |out, part| match part {
            Part::Whole => emit(out, decimal, top, top),
            Part::Fraction => emit(out, decimal, top - 1, top - places as i64),
        });
    }

    /// Pads, and puts sign, whole part, point, fraction and exponent.
    fn framed(
        &self,
        out: &mut Sink,
        whole: usize,
        places: usize,
        exponent: &[u8],
        digits: impl Fn(&mut Sink, Part),
    ) {
        let point = places > 0 || self.field.flags & flag::ALTERNATIVE != 0;
        let length = (self.sign.len() + whole + usize::from(point) + exponent.len()).saturating_add(places);
        let (before, after) = Sink::padding(self.field.width, length, self.field.flags & flag::LEFT != 0);
        let zeros = self.field.flags & flag::ZERO != 0;
        out.pad(b' ', if zeros { 0 } else { before });
        out.bytes(self.sign);
        out.pad(b'0', if zeros { before } else { 0 });
        digits(out, Part::Whole);
        if point {
            out.bytes(b".");
        }
        if places > 0 {
            digits(out, Part::Fraction);
        }
        out.bytes(exponent);
        out.pad(b' ', after);
    }
}

/// The digits before or after the point.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    Fraction,
}

/// Exponent of the leading digit.
fn exponent(decimal: &Decimal) -> i64 {
    match decimal.digits() {
        0 => 0,
        digits => digits as i64 - 1 - decimal.scale as i64,
    }
}

#[inline(never)]
fn emit(out: &mut Sink, decimal: &Decimal, high: i64, low: i64) {
    decimal.emit(high, low, |run| match run {
        Run::Digits(digits) => out.bytes(digits),
        Run::Zeros(count) => out.pad(b'0', count),
    });
}

/// `e+05`: at least two digits.
fn exponent_text(exponent: i64, letter: u8, text: &mut [u8; 8]) -> &[u8] {
    let mut at = text.len();
    let mut rest = exponent.unsigned_abs();
    for place in 0..5 {
        if place >= 2 && rest == 0 {
            break;
        }
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    at -= 2;
    text[at] = letter;
    text[at + 1] = if exponent < 0 { b'-' } else { b'+' };
    &text[at..]
}
