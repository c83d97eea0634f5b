//! Where conversions get their arguments: one after the other, or by position (`%2$s`).

use core::mem::size_of;
use core::slice;

use tidal_rt::Errno;
use tidal_rt::sys::memory::{self, Prot};

use super::spec::{Amount, Cursor, Kind, MAX_POSITION};
use crate::variadic::{LongDouble, VaList};

/// An argument's bits: an integer or a double's in `low`; a long double's significand in `low`, the rest in `high`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Value {
    /// The first eight bytes.
    pub low: u64,
    /// Sign and exponent of a long double.
    pub high: u64,
}

/// The arguments of one call.
pub enum Arguments<'a> {
    /// As they come.
    Sequence(&'a mut VaList),
    /// All fetched, by position.
    Positions(&'a [Value]),
}

/// # Safety
/// The next argument is of that kind.
unsafe fn fetch(list: &mut VaList, kind: Kind) -> Value {
    // SAFETY: by the caller's contract.
    let low = unsafe {
        match kind {
            Kind::None => 0,
            Kind::Int => i64::from(list.arg::<i32>()) as u64,
            Kind::Long => list.arg::<u64>(),
            Kind::Double => list.arg::<f64>().to_bits(),
            Kind::LongDouble => {
                let value = list.arg::<LongDouble>();
                return Value { low: value.significand, high: u64::from(value.sign_exponent) };
            }
        }
    };
    Value { low, high: 0 }
}

impl Arguments<'_> {
    /// The next argument, or the one at a position.
    pub fn take(&mut self, kind: Kind, position: u16) -> Value {
        match self {
            // SAFETY: the program's format says what it passes.
            Arguments::Sequence(list) => unsafe { fetch(list, kind) },
            Arguments::Positions(values) => {
                let index = usize::from(position).wrapping_sub(1);
                values.get(index).copied().unwrap_or(Value { low: 0, high: 0 })
            }
        }
    }

    /// A width or precision, or `None`; negative as an argument may be.
    pub fn amount(&mut self, amount: Amount) -> Option<i32> {
        match amount {
            Amount::Absent => None,
            Amount::Fixed(n) => Some(n as i32),
            Amount::Argument(position) => Some(self.take(Kind::Int, position).low as i32),
        }
    }
}

/// Calls `f` with each position that a format mentions and what is there.
fn each_position(mut format: Cursor, mut f: impl FnMut(u16, Kind)) -> Result<(), Errno> {
    while format.peek() != 0 {
        if !format.take(b'%') {
            format.bump();
            continue;
        }
        if format.take(b'%') {
            continue;
        }
        let spec = format.spec()?;
        for amount in [spec.width, spec.precision] {
            if let Amount::Argument(position) = amount {
                f(position, Kind::Int);
            }
        }
        if spec.kind() != Kind::None {
            f(spec.position, spec.kind());
        }
    }
    Ok(())
}

/// Positions that need no memory of their own.
const FEW: usize = 24;

/// Fetches all arguments of a format with positions and runs `f` on them.
///
/// # Errors
/// `EINVAL`: a position missing or out of range; `ENOMEM`; those of `f`.
#[cold]
#[inline(never)]
pub fn by_position<R>(
    format: Cursor,
    list: &mut VaList,
    f: impl FnOnce(Arguments) -> Result<R, Errno>,
) -> Result<R, Errno> {
    let mut count = 0;
    let mut mixed = false;
    each_position(format, |position, _| {
        count = count.max(usize::from(position));
        mixed |= position == 0;
    })?;
    if mixed || count > MAX_POSITION as usize {
        return Err(Errno::EINVAL);
    }
    let mut few = [Value { low: 0, high: 0 }; FEW];
    if count <= FEW {
        return fill(format, list, &mut few[..count], f);
    }
    let length = (count * size_of::<Value>()).next_multiple_of(memory::PAGE);
    let pages = memory::map_anonymous(length, Prot::READ | Prot::WRITE)?;
    // SAFETY: fresh zeroed pages of at least that size.
    let many = unsafe { slice::from_raw_parts_mut(pages.cast::<Value>(), count) };
    let result = fill(format, list, many, f);
    // SAFETY: mapped above, and `f` is done with it.
    let _ = unsafe { memory::unmap(pages, length) };
    result
}

fn fill<R>(
    format: Cursor,
    list: &mut VaList,
    values: &mut [Value],
    f: impl FnOnce(Arguments) -> Result<R, Errno>,
) -> Result<R, Errno> {
    // First the kinds, in the place of the values; a position nobody mentions is taken for an int, as in glibc.
    for value in values.iter_mut() {
        value.high = Kind::Int as u64;
    }
    each_position(format, |position, kind| {
        if let Some(value) = values.get_mut(usize::from(position).wrapping_sub(1)) {
            value.high = kind as u64;
        }
    })?;
    for value in values.iter_mut() {
        let kind = match value.high {
            k if k == Kind::Long as u64 => Kind::Long,
            k if k == Kind::Double as u64 => Kind::Double,
            k if k == Kind::LongDouble as u64 => Kind::LongDouble,
            _ => Kind::Int,
        };
        // SAFETY: the program's format says what it passes.
        *value = unsafe { fetch(list, kind) };
    }
    f(Arguments::Positions(values))
}
