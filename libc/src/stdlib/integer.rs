//! Integers from text: `strtol` and its family, `atoi`. The scan is shared with `<wchar.h>`.

use core::ffi::{c_char, c_int, c_long, c_longlong, c_ulong, c_ulonglong, c_void};

use tidal_rt::Errno;

/// A text of narrow or wide characters that ends with a 0.
pub trait Text: Copy {
    /// The character at `i`, which is not past the terminator.
    ///
    /// # Safety
    /// No character before `i` is the terminator.
    unsafe fn at(self, i: usize) -> u32;
}

impl Text for *const c_char {
    #[inline(always)]
    unsafe fn at(self, i: usize) -> u32 {
        // SAFETY: by the caller's contract.
        (unsafe { *self.add(i) } as u8).into()
    }
}

impl Text for *const u32 {
    #[inline(always)]
    unsafe fn at(self, i: usize) -> u32 {
        // SAFETY: by the caller's contract.
        unsafe { *self.add(i) }
    }
}

/// What stands at the start of a text.
pub struct Scanned {
    /// Whether a minus sign came first.
    pub negative: bool,
    /// The value without the sign, `None` past 64 bits.
    pub magnitude: Option<u64>,
    /// Where the number ends; 0 if there is none.
    pub end: usize,
}

/// The index of the first character that is not white space.
///
/// # Safety
/// `text` ends with a 0.
#[inline]
pub unsafe fn skip_space<T: Text>(text: T) -> usize {
    let mut i = 0;
    // SAFETY: the walk ends at the terminator, which is no space.
    while let 9..=13 | 32 = unsafe { text.at(i) } {
        i += 1;
    }
    i
}

/// Scans an integer in base 2 to 36, or 0 for the base that its prefix names.
///
/// # Safety
/// `text` ends with a 0.
#[inline]
pub unsafe fn scan<T: Text>(text: T, base: u32) -> Scanned {
    // SAFETY: every step looks at a character after one that was not the terminator.
    unsafe {
        let mut i = skip_space(text);
        let sign = text.at(i);
        if sign == b'-'.into() || sign == b'+'.into() {
            i += 1;
        }
        let digit = |i: usize, base| char::from_u32(text.at(i)).and_then(|c| c.to_digit(base));
        let zero = text.at(i) == b'0'.into();
        let mut base = base;
        if zero
            && (base == 0 || base == 16)
            && text.at(i + 1) | 32 == b'x'.into()
            && digit(i + 2, 16).is_some()
        {
            (base, i) = (16, i + 2);
        } else if base == 0 {
            base = if zero { 8 } else { 10 };
        }
        let start = i;
        let mut magnitude = Some(0u64);
        while let Some(d) = digit(i, base) {
            magnitude = magnitude.and_then(|m| m.checked_mul(base.into())?.checked_add(d.into()));
            i += 1;
        }
        Scanned { negative: sign == b'-'.into(), magnitude, end: if i == start { 0 } else { i } }
    }
}

/// Checks the base, scans, and stores the end; `None` for a bad base.
///
/// # Safety
/// `text` ends with a 0; `end` is null or writable. `T` is a pointer to the characters.
#[inline(always)]
unsafe fn scanned<C>(text: *const C, end: *mut *mut C, base: c_int) -> Option<Scanned>
where
    *const C: Text,
{
    let base = u32::try_from(base).ok().filter(|b| *b <= 36 && *b != 1);
    let Some(base) = base else {
        Errno::EINVAL.set();
        return None;
    };
    // SAFETY: by the caller's contract.
    unsafe {
        let number = scan(text, base);
        if !end.is_null() {
            *end = text.add(number.end).cast_mut();
        }
        Some(number)
    }
}

/// A signed number of the text, clamped with `ERANGE`.
///
/// # Safety
/// `text` ends with a 0; `end` is null or writable.
#[inline(always)]
pub unsafe fn signed<C>(text: *const C, end: *mut *mut C, base: c_int) -> i64
where
    *const C: Text,
{
    // SAFETY: the same contract.
    let Some(number) = (unsafe { scanned(text, end, base) }) else { return 0 };
    let value = match (number.magnitude, number.negative) {
        (Some(m), false) => i64::try_from(m).ok(),
        (Some(m), true) => 0i64.checked_sub_unsigned(m),
        (None, _) => None,
    };
    value.unwrap_or_else(|| {
        Errno::ERANGE.set();
        if number.negative { i64::MIN } else { i64::MAX }
    })
}

/// An unsigned number of the text, negated if it has a minus sign, clamped with `ERANGE`.
///
/// # Safety
/// `text` ends with a 0; `end` is null or writable.
#[inline(always)]
pub unsafe fn unsigned<C>(text: *const C, end: *mut *mut C, base: c_int) -> u64
where
    *const C: Text,
{
    // SAFETY: the same contract.
    let Some(number) = (unsafe { scanned(text, end, base) }) else { return 0 };
    match number.magnitude {
        Some(m) if number.negative => m.wrapping_neg(),
        Some(m) => m,
        None => {
            Errno::ERANGE.set();
            u64::MAX
        }
    }
}

/// The core of all `strto…` with a sign, once in the program.
#[inline(never)]
unsafe fn narrow_signed(text: *const c_char, end: *mut *mut c_char, base: c_int) -> i64 {
    // SAFETY: the same contract.
    unsafe { signed(text, end, base) }
}

/// The core of all `strto…` without a sign, once in the program.
#[inline(never)]
unsafe fn narrow_unsigned(text: *const c_char, end: *mut *mut c_char, base: c_int) -> u64 {
    // SAFETY: the same contract.
    unsafe { unsigned(text, end, base) }
}

/// Defines conversions under all their names, with further arguments that say nothing here (locale, grouping).
macro_rules! conversions {
    ($($core:ident -> $ret:ty: $($name:ident($($extra:ty)?))*;)*) => { $($(
        #[doc = concat!("A number in base 2 to 36, or 0 for C's prefixes, at the start of `text`; `end` is set behind it.")]
        ///
        /// # Errors
        /// `ERANGE` and the nearest value when the type cannot hold it; 0 and `EINVAL` for a bad base.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C and POSIX, strtol(3), strtoul(3).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(text: *const c_char, end: *mut *mut c_char, base: c_int $(, _: $extra)?) -> $ret {
            // SAFETY: `text` is a string, and `end` null or writable.
            unsafe { $core(text, end, base) }
        }
    )*)* };
}

conversions! {
    narrow_signed -> c_long: strtol() strtoimax() strtoq() strtol_l(*mut c_void) __strtol_internal(c_int);
    narrow_signed -> c_longlong: strtoll() strtoll_l(*mut c_void) __strtoll_internal(c_int);
    narrow_unsigned -> c_ulong: strtoul() strtoumax() strtouq() strtoul_l(*mut c_void) __strtoul_internal(c_int);
    narrow_unsigned -> c_ulonglong: strtoull() strtoull_l(*mut c_void) __strtoull_internal(c_int);
}

/// A decimal number at the start of `text`, cut to `int`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, atoi(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn atoi(text: *const c_char) -> c_int {
    // SAFETY: `text` is a string.
    unsafe { narrow_signed(text, core::ptr::null_mut(), 10) as c_int }
}

/// A decimal number at the start of `text`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, atol(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn atol(text: *const c_char) -> c_long {
    // SAFETY: `text` is a string.
    unsafe { narrow_signed(text, core::ptr::null_mut(), 10) }
}

/// A decimal number at the start of `text`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, atoll(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn atoll(text: *const c_char) -> c_longlong {
    // SAFETY: `text` is a string.
    unsafe { narrow_signed(text, core::ptr::null_mut(), 10) }
}
