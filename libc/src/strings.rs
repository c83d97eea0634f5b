//! `<strings.h>`: comparison without case, and the lowest set bit. (`bzero`, `bcmp`, `index` are in `tidal-mem`.)
#![allow(clippy::missing_safety_doc)]

use core::ffi::{c_char, c_int, c_long, c_longlong, c_void};

/// Compares at most `n` bytes of two strings, capital ASCII letters taken for small ones.
///
/// # Safety
/// Both are readable up to their terminator or for `n` bytes.
#[inline(always)]
unsafe fn compare(a: *const c_char, b: *const c_char, n: usize) -> c_int {
    for i in 0..n {
        // SAFETY: the walk ends at the first terminator.
        let (x, y) =
            unsafe { ((*a.add(i) as u8).to_ascii_lowercase(), (*b.add(i) as u8).to_ascii_lowercase()) };
        if x != y || x == 0 {
            return c_int::from(x) - c_int::from(y);
        }
    }
    0
}

/// Compares two strings without regard to the case of ASCII letters, the only ones in the locales there are.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strcasecmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcasecmp(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: both are strings.
    unsafe { compare(a, b, usize::MAX) }
}

/// [`strcasecmp`] of at most `n` bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strncasecmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strncasecmp(a: *const c_char, b: *const c_char, n: usize) -> c_int {
    // SAFETY: both are readable up to their terminator or for `n` bytes.
    unsafe { compare(a, b, n) }
}

/// [`strcasecmp`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strcasecmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcasecmp_l(a: *const c_char, b: *const c_char, _locale: *mut c_void) -> c_int {
    // SAFETY: both are strings.
    unsafe { compare(a, b, usize::MAX) }
}

/// [`strncasecmp`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strncasecmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strncasecmp_l(
    a: *const c_char,
    b: *const c_char,
    n: usize,
    _locale: *mut c_void,
) -> c_int {
    // SAFETY: both are readable up to their terminator or for `n` bytes.
    unsafe { compare(a, b, n) }
}

/// The number of the lowest set bit, from 1; 0 when none is set.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, ffs(3).
#[unsafe(no_mangle)]
pub extern "C" fn ffs(value: c_int) -> c_int {
    if value == 0 { 0 } else { value.trailing_zeros() as c_int + 1 }
}

/// [`ffs`] of a `long`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ffsl(3).
#[unsafe(no_mangle)]
pub extern "C" fn ffsl(value: c_long) -> c_int {
    if value == 0 { 0 } else { value.trailing_zeros() as c_int + 1 }
}

/// [`ffs`] of a `long long`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ffsll(3).
#[unsafe(no_mangle)]
pub extern "C" fn ffsll(value: c_longlong) -> c_int {
    if value == 0 { 0 } else { value.trailing_zeros() as c_int + 1 }
}
