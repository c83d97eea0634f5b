//! Floating-point numbers from text: `strtod`, `strtof`, `strtold`, `atof`. Correctly rounded in every rounding mode.
//!
//! `scan` finds out what stands in the text, `convert` makes bits of it, with `big` where 64 bits do not suffice, and
//! `round` fits them into a format.

mod big;
mod convert;
mod round;
mod scan;

use core::arch::naked_asm;
use core::ffi::{c_char, c_double, c_float, c_int, c_void};

use tidal_rt::Errno;

use super::integer::Text;
use convert::Value;
use round::{DOUBLE, EXTENDED, FLOAT, Rounded};

/// What `long double` is in memory: 80 bits, then padding.
#[repr(C)]
pub struct LongDouble {
    mantissa: u64,
    sign_and_exponent: u16,
}

const _: () = assert!(size_of::<LongDouble>() == 16);

impl LongDouble {
    /// Positive zero.
    pub const ZERO: LongDouble = LongDouble { mantissa: 0, sign_and_exponent: 0 };
}

/// Reads a number, stores where it ends, and sets `errno`.
///
/// # Safety
/// `text` ends with a 0; `end` is null or writable.
#[inline(always)]
unsafe fn read<C>(text: *const C, end: *mut *mut C, format: &round::Format) -> (bool, Value)
where
    *const C: Text,
{
    // SAFETY: by the caller's contract.
    let scanned = unsafe { scan::scan(text) };
    if !end.is_null() {
        // SAFETY: by the caller's contract.
        unsafe { *end = text.wrapping_add(scanned.end).cast_mut() };
    }
    let value = convert::convert(text, &scanned, format);
    if let Value::Finite(Rounded { range_error: true, .. }) = value {
        Errno::ERANGE.set();
    }
    (scanned.negative, value)
}

/// A `double` at the start of a text.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
pub unsafe fn double<C>(text: *const C, end: *mut *mut C) -> c_double
where
    *const C: Text,
{
    // SAFETY: the same contract.
    let (negative, value) = unsafe { read(text, end, &DOUBLE) };
    let bits = match value {
        Value::Nan(payload) => 0x7ff8 << 48 | payload & ((1 << 51) - 1),
        Value::Infinity => 0x7ff << 52,
        Value::Exact64(bits) => bits,
        Value::Finite(Rounded { mantissa, exponent, .. }) => {
            // The implicit bit carries into the exponent field, which is one too small for it.
            mantissa + (((exponent + 1022) as u64) << 52)
        }
    };
    f64::from_bits(bits | u64::from(negative) << 63)
}

/// A `float` at the start of a text.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
pub unsafe fn float<C>(text: *const C, end: *mut *mut C) -> c_float
where
    *const C: Text,
{
    // SAFETY: the same contract.
    let (negative, value) = unsafe { read(text, end, &FLOAT) };
    let bits = match value {
        Value::Nan(payload) => 0x7fc0 << 16 | payload as u32 & ((1 << 22) - 1),
        Value::Infinity => 0xff << 23,
        Value::Exact64(bits) => bits as u32,
        Value::Finite(Rounded { mantissa, exponent, .. }) => {
            mantissa as u32 + (((exponent + 126) as u32) << 23)
        }
    };
    f32::from_bits(bits | u32::from(negative) << 31)
}

/// A `long double` at the start of a text.
///
/// # Safety
/// As for [`read`].
#[inline(always)]
pub unsafe fn extended<C>(text: *const C, end: *mut *mut C) -> LongDouble
where
    *const C: Text,
{
    // SAFETY: the same contract.
    let (negative, value) = unsafe { read(text, end, &EXTENDED) };
    let (mantissa, exponent) = match value {
        Value::Nan(payload) => (0b11 << 62 | payload & ((1 << 62) - 1), 0x7fff),
        Value::Infinity => (1 << 63, 0x7fff),
        Value::Exact64(zero) => (zero, 0),
        Value::Finite(Rounded { mantissa, .. }) if mantissa >> 63 == 0 => (mantissa, 0),
        Value::Finite(Rounded { mantissa, exponent, .. }) => (mantissa, (exponent + 16383) as u16),
    };
    LongDouble { mantissa, sign_and_exponent: exponent | u16::from(negative) << 15 }
}

/// The core of all narrow `strtod`s, once in the program.
#[inline(never)]
unsafe fn narrow_double(text: *const c_char, end: *mut *mut c_char) -> c_double {
    // SAFETY: the same contract.
    unsafe { double(text, end) }
}

#[inline(never)]
unsafe fn narrow_float(text: *const c_char, end: *mut *mut c_char) -> c_float {
    // SAFETY: the same contract.
    unsafe { float(text, end) }
}

macro_rules! conversions {
    ($($core:ident -> $ret:ty: $($name:ident($($extra:ty)?))*;)*) => { $($(
        /// A decimal or hexadecimal number, infinity or NaN at the start of `text`; `end` is set behind it.
        ///
        /// # Errors
        /// `ERANGE` when the result overflows, or is tiny and inexact.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C, strtod(3).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(text: *const c_char, end: *mut *mut c_char $(, _: $extra)?) -> $ret {
            // SAFETY: `text` is a string, and `end` null or writable.
            unsafe { $core(text, end) }
        }
    )*)* };
}

conversions! {
    narrow_double -> c_double: strtod() strtof64() strtof32x() strtod_l(*mut c_void) __strtod_internal(c_int);
    narrow_float -> c_float: strtof() strtof32() strtof_l(*mut c_void) __strtof_internal(c_int);
}

/// A `double` at the start of `text`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, atof(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn atof(text: *const c_char) -> c_double {
    // SAFETY: `text` is a string.
    unsafe { narrow_double(text, core::ptr::null_mut()) }
}

/// `strtold` with its result in memory: for Rust, which has no type for an x87 register.
pub unsafe extern "C" fn narrow_extended(
    text: *const c_char,
    end: *mut *mut c_char,
    result: *mut LongDouble,
) {
    // SAFETY: by the trampoline's caller's contract; `result` is on its stack.
    unsafe { result.write(extended(text, end)) };
}

unsafe extern "C" fn wide_extended(text: *const u32, end: *mut *mut u32, result: *mut LongDouble) {
    // SAFETY: the same.
    unsafe { result.write(extended(text, end)) };
}

/// Assembly, because Rust has no type that is returned in an x87 register.
macro_rules! extended_conversions {
    ($($inner:ident, $char:ty: $($name:ident)*;)*) => { $($(
        /// [`strtod`] to a `long double`.
        ///
        /// # Errors
        /// `ERANGE` when the result overflows, or is tiny and inexact.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C, strtold(3), wcstold(3).
        #[unsafe(no_mangle)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(text: *const $char, end: *mut *mut $char) {
            naked_asm!(
                "sub rsp, 24",
                "mov rdx, rsp",
                "call {inner}",
                "fld tbyte ptr [rsp]",
                "add rsp, 24",
                "ret",
                inner = sym $inner,
            )
        }
    )*)* };
}

extended_conversions! {
    narrow_extended, c_char: strtold strtof64x strtold_l __strtold_internal;
    wide_extended, u32: wcstold wcstold_l;
}

/// [`strtod`] on wide characters.
///
/// # Errors
/// As for [`strtod`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcstod(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcstod(text: *const u32, end: *mut *mut u32) -> c_double {
    // SAFETY: `text` is a wide string, and `end` null or writable.
    unsafe { double(text, end) }
}

/// [`strtof`] on wide characters.
///
/// # Errors
/// As for [`strtod`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcstof(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcstof(text: *const u32, end: *mut *mut u32) -> c_float {
    // SAFETY: `text` is a wide string, and `end` null or writable.
    unsafe { float(text, end) }
}
