//! Integers from wide strings. (Floating-point ones are beside `strtod`.)

use core::ffi::{c_int, c_long, c_longlong, c_ulong, c_ulonglong};

use super::Wide;
use crate::stdlib::integer::{signed, unsigned};

macro_rules! conversions {
    ($($core:ident -> $ret:ty: $($name:ident($($extra:ty)?))*;)*) => { $($(
        /// A number in base 2 to 36, or 0 for C's prefixes, at the start of `text`; `end` is set behind it.
        ///
        /// # Errors
        /// `ERANGE` and the nearest value when the type cannot hold it; 0 and `EINVAL` for a bad base.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C, wcstol(3), wcstoul(3).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(text: *const Wide, end: *mut *mut Wide, base: c_int $(, _: $extra)?) -> $ret {
            // SAFETY: `text` is a string, and `end` null or writable.
            unsafe { $core(text, end, base) }
        }
    )*)* };
}

conversions! {
    signed -> c_long: wcstol() wcstoimax() wcstoq() __wcstol_internal(c_int);
    signed -> c_longlong: wcstoll() __wcstoll_internal(c_int);
    unsigned -> c_ulong: wcstoul() wcstoumax() wcstouq() __wcstoul_internal(c_int);
    unsigned -> c_ulonglong: wcstoull() __wcstoull_internal(c_int);
}
