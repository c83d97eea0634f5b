//! `%d %i %u %o %x %p`: what `strtol` or `strtoul` would make of the longest text that may be one.

use tidal_rt::Errno;

use super::engine::Stop;
use super::source::Source;
use crate::stdio::write::EOF;

/// Takes a number; out of range it is the nearest limit, with `ERANGE`.
pub fn integer(source: &mut Source, conversion: u8) -> Result<u64, Stop> {
    let negative = match source.peek() as u8 {
        sign @ (b'+' | b'-') => {
            source.take();
            sign == b'-'
        }
        b'(' if conversion == b'p' => return nil(source),
        _ => false,
    };
    let (mut base, signed) = match conversion {
        b'd' => (10, true),
        b'i' => (0, true),
        b'u' => (10, false),
        b'o' => (8, false),
        _ => (16, false),
    };
    let mut any = false;
    if matches!(base, 0 | 16) && source.peek() == i32::from(b'0') {
        source.take();
        any = true;
        // As glibc: the `x` is part of the number even where no digit follows.
        if source.take_letter(b'x').is_some() {
            base = 16;
        } else if base == 0 {
            base = 8;
        }
    }
    let base = if base == 0 { 10 } else { base };
    let (mut value, mut overflow) = (0u64, false);
    while let Some(digit) = digit(source, base) {
        source.take();
        any = true;
        let (scaled, a) = value.overflowing_mul(u64::from(base));
        let (sum, b) = scaled.overflowing_add(u64::from(digit));
        overflow |= a | b;
        value = sum;
    }
    if !any {
        return Err(Stop::Matching);
    }
    Ok(clamp(value, overflow, negative, signed))
}

fn digit(source: &mut Source, base: u32) -> Option<u32> {
    match source.peek() {
        EOF => None,
        next => char::from(next as u8).to_digit(base),
    }
}

fn clamp(value: u64, overflow: bool, negative: bool, signed: bool) -> u64 {
    let limit = i64::MAX as u64 + u64::from(negative);
    if overflow || signed && value > limit {
        Errno::ERANGE.set();
        return match (signed, negative) {
            (true, false) => i64::MAX as u64,
            (true, true) => i64::MIN as u64,
            (false, _) => u64::MAX,
        };
    }
    if negative { value.wrapping_neg() } else { value }
}

/// What `%p` prints for a null pointer.
fn nil(source: &mut Source) -> Result<u64, Stop> {
    for letter in *b"(nil)" {
        source.take_letter(letter).ok_or(Stop::Matching)?;
    }
    Ok(0)
}
