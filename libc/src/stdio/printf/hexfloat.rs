//! `%a`: a double's leading digit is its hidden bit, a long double's the upper four bits of its significand.

use super::arguments::Value;
use super::decimal::{Rounding, rounding};
use super::field::Field;
use super::sink::Sink;
use super::spec::flag;

/// Leading digit, the others from the top bit on, and the exponent.
struct Hex {
    lead: u64,
    fraction: u64,
    exponent: i32,
}

fn double(bits: u64) -> Hex {
    let fraction = bits << 12;
    let (lead, exponent) = match (bits >> 52 & 0x7ff) as i32 {
        0 if fraction == 0 => (0, 0),
        0 => (0, -1022),
        biased => (1, biased - 1023),
    };
    Hex { lead, fraction, exponent }
}

fn long_double(value: Value) -> Hex {
    let exponent = match (value.high & 0x7fff) as i32 {
        0 if value.low == 0 => 0,
        0 => -16385,
        biased => biased - 16386,
    };
    Hex { lead: value.low >> 60, fraction: value.low << 4, exponent }
}

impl Hex {
    /// Rounds to `places` digits after the point. A carry makes the leading digit one larger, 16 becomes 1.
    fn round(&mut self, places: usize, negative: bool) {
        let drop = 64 - 4 * places as u32;
        let (kept, rest) = if drop == 64 {
            (0, self.fraction)
        } else {
            (self.fraction >> drop, self.fraction << (64 - drop))
        };
        let odd = if drop == 64 { self.lead & 1 } else { kept & 1 } == 1;
        let half = 1 << 63;
        let up = match rounding() {
            Rounding::Nearest => rest > half || rest == half && odd,
            Rounding::Up => rest != 0 && !negative,
            Rounding::Down => rest != 0 && negative,
            Rounding::Zero => false,
        };
        let kept = u128::from(kept) + u128::from(up);
        let whole = 1_u128 << (64 - drop);
        self.lead += u64::from(kept >= whole);
        self.fraction = if drop == 64 { 0 } else { ((kept % whole) as u64) << drop };
        if self.lead == 16 {
            self.lead = 1;
            self.exponent += 4;
        }
    }
}

/// Formats `%a` and `%A`.
#[cold]
#[inline(never)]
pub fn hexadecimal(out: &mut Sink, field: &Field, sign: &[u8], upper: bool, value: Value, long: bool) {
    let mut hex = if long { long_double(value) } else { double(value.low) };
    let needed = if hex.fraction == 0 { 0 } else { 16 - hex.fraction.trailing_zeros() as usize / 4 };
    let places = field.precision.unwrap_or(needed);
    if places < needed {
        hex.round(places, sign == b"-");
    }
    let alphabet = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut digits = [b'0'; 16];
    for (i, digit) in digits.iter_mut().enumerate() {
        *digit = alphabet[(hex.fraction >> (60 - 4 * i) & 15) as usize];
    }
    let shown = places.min(16);
    let point = places > 0 || field.flags & flag::ALTERNATIVE != 0;
    let mut text = [0; 8];
    let exponent = exponent(hex.exponent, if upper { b'P' } else { b'p' }, &mut text);
    let length = (sign.len() + 3 + usize::from(point) + exponent.len()).saturating_add(places);
    let (before, after) = Sink::padding(field.width, length, field.flags & flag::LEFT != 0);
    let zeros = field.flags & flag::ZERO != 0;
    out.pad(b' ', if zeros { 0 } else { before });
    out.bytes(sign);
    out.bytes(if upper { b"0X" } else { b"0x" });
    out.pad(b'0', if zeros { before } else { 0 });
    out.bytes(&[alphabet[(hex.lead & 15) as usize]]);
    if point {
        out.bytes(b".");
    }
    out.bytes(&digits[..shown]);
    out.pad(b'0', places - shown);
    out.bytes(exponent);
    out.pad(b' ', after);
}

/// `p-1074`: as many digits as needed.
fn exponent(value: i32, letter: u8, text: &mut [u8; 8]) -> &[u8] {
    let mut at = text.len();
    let mut rest = value.unsigned_abs();
    for _ in 0..5 {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    at -= 2;
    text[at] = letter;
    text[at + 1] = if value < 0 { b'-' } else { b'+' };
    &text[at..]
}
