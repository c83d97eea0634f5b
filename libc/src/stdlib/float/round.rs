//! Fits a number into a floating-point format.

use core::arch::asm;

/// A binary format.
pub struct Format {
    /// Bits of the mantissa, the leading one included.
    pub precision: u32,
    /// Exponent of the smallest normal number.
    pub least: i32,
    /// Exponent of the largest number.
    pub most: i32,
}

/// `float`
pub const FLOAT: Format = Format { precision: 24, least: -126, most: 127 };
/// `double`
pub const DOUBLE: Format = Format { precision: 53, least: -1022, most: 1023 };
/// `long double`: x87's 80 bits
pub const EXTENDED: Format = Format { precision: 64, least: -16382, most: 16383 };

/// A number before rounding: `bits × 2^(exponent - 127)` and, if `more`, a little more. The highest bit is set.
pub struct Unrounded {
    pub bits: u128,
    pub exponent: i64,
    pub more: bool,
}

/// `mantissa × 2^(exponent - precision + 1)`; subnormal if the mantissa's highest bit is clear.
pub struct Rounded {
    pub mantissa: u64,
    pub exponent: i32,
    /// It overflowed, or it is tiny and inexact.
    pub range_error: bool,
}

/// The rounding modes, as the control registers number them.
#[derive(Clone, Copy, PartialEq)]
pub enum Mode {
    Nearest,
    Down,
    Up,
    TowardsZero,
}

/// The thread's rounding mode.
pub fn mode() -> Mode {
    let mut mxcsr = 0u32;
    // SAFETY: stores the register.
    unsafe { asm!("stmxcsr [{0}]", in(reg) &raw mut mxcsr, options(nostack, preserves_flags)) };
    match mxcsr >> 13 & 3 {
        0 => Mode::Nearest,
        1 => Mode::Down,
        2 => Mode::Up,
        _ => Mode::TowardsZero,
    }
}

/// `None` stands for infinity.
pub fn round(number: &Unrounded, negative: bool, format: &Format, mode: Mode) -> Option<Rounded> {
    let precision = format.precision;
    let below = (i64::from(format.least) - number.exponent).clamp(0, 256) as u32;
    let (mut mantissa, inexact, up) = cut(number, 128 - precision + below, negative, mode);
    mantissa += u128::from(up);
    let mut exponent = number.exponent.max(format.least.into());
    if mantissa >> precision != 0 {
        (mantissa, exponent) = (mantissa >> 1, exponent + 1);
    }
    if exponent > format.most.into() {
        let infinite = match mode {
            Mode::Nearest => true,
            Mode::Up => !negative,
            Mode::Down => negative,
            Mode::TowardsZero => false,
        };
        let largest =
            Rounded { mantissa: u64::MAX >> (64 - precision), exponent: format.most, range_error: true };
        return (!infinite).then_some(largest);
    }
    // Tiny means: still below the normal numbers when rounded with an unlimited exponent.
    let tiny = below > 1
        || below == 1 && {
            let (unlimited, _, up) = cut(number, 128 - precision, negative, mode);
            (unlimited + u128::from(up)) >> precision == 0
        };
    Some(Rounded { mantissa: mantissa as u64, exponent: exponent as i32, range_error: tiny && inexact })
}

/// The number without its lowest `drop` bits (at least one), whether that lost something, and whether it rounds up.
fn cut(number: &Unrounded, drop: u32, negative: bool, mode: Mode) -> (u128, bool, bool) {
    let kept = number.bits.checked_shr(drop).unwrap_or(0);
    let half = drop <= 128 && number.bits >> (drop - 1) & 1 != 0;
    let rest_mask = 1u128.checked_shl(drop - 1).map_or(u128::MAX, |bit| bit - 1);
    let rest = number.bits & rest_mask != 0 || number.more;
    let inexact = half || rest;
    let up = match mode {
        Mode::Nearest => half && (rest || kept & 1 != 0),
        Mode::Up => inexact && !negative,
        Mode::Down => inexact && negative,
        Mode::TowardsZero => false,
    };
    (kept, inexact, up)
}
