//! `localeconv`: how numbers and money are written.

use core::ffi::{CStr, c_char};

/// `struct lconv` of `<locale.h>`.
#[repr(C)]
pub struct Conventions {
    decimal_point: *const c_char,
    thousands_sep: *const c_char,
    grouping: *const c_char,
    int_curr_symbol: *const c_char,
    currency_symbol: *const c_char,
    mon_decimal_point: *const c_char,
    mon_thousands_sep: *const c_char,
    mon_grouping: *const c_char,
    positive_sign: *const c_char,
    negative_sign: *const c_char,
    /// The fourteen numbers from `int_frac_digits` on, none of which is available.
    numbers: [c_char; 14],
}

const _: () = assert!(size_of::<Conventions>() == 96);

// SAFETY: the strings are constant.
unsafe impl Sync for Conventions {}

const EMPTY: *const c_char = c"".as_ptr();
const POINT: &CStr = c".";

static CONVENTIONS: Conventions = Conventions {
    decimal_point: POINT.as_ptr(),
    thousands_sep: EMPTY,
    grouping: EMPTY,
    int_curr_symbol: EMPTY,
    currency_symbol: EMPTY,
    mon_decimal_point: EMPTY,
    mon_thousands_sep: EMPTY,
    mon_grouping: EMPTY,
    positive_sign: EMPTY,
    negative_sign: EMPTY,
    numbers: [c_char::MAX; 14],
};

/// The conventions of the locale, the same in all there are. Not to be written to.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, localeconv(3).
#[unsafe(no_mangle)]
pub extern "C" fn localeconv() -> *mut Conventions {
    (&raw const CONVENTIONS).cast_mut()
}
