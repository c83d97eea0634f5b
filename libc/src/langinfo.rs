//! `<langinfo.h>`: the locale's words and formats. An item is a category and an index.

use core::ffi::{c_char, c_int};

use crate::locale::object::{Locale, is_utf8_in};
use crate::locale::{LC_CTYPE, is_utf8};

/// Indices 0 to 47 of `LC_TIME`, from `ABDAY_1` on, each ended by a NUL.
static TIME: &[u8] = b"Sun\0Mon\0Tue\0Wed\0Thu\0Fri\0Sat\0\
    Sunday\0Monday\0Tuesday\0Wednesday\0Thursday\0Friday\0Saturday\0\
    Jan\0Feb\0Mar\0Apr\0May\0Jun\0Jul\0Aug\0Sep\0Oct\0Nov\0Dec\0\
    January\0February\0March\0April\0May\0June\0July\0August\0September\0October\0November\0December\0\
    AM\0PM\0%a %b %e %H:%M:%S %Y\0%m/%d/%y\0%H:%M:%S\0%I:%M:%S %p\0\0\0\0\0\0\0";

const CODESET: c_int = 14;
const RADIX: c_int = 1 << 16;
const TIME_CATEGORY: c_int = 2;
const CURRENCY: c_int = 4 << 16 | 15;
const YES_EXPRESSION: c_int = 5 << 16;
const NO_EXPRESSION: c_int = 5 << 16 | 1;

fn item_text(item: c_int, utf8: bool) -> *mut c_char {
    let text = match item {
        CODESET if utf8 => c"UTF-8",
        CODESET => c"ANSI_X3.4-1968",
        RADIX => c".",
        CURRENCY => c"-",
        YES_EXPRESSION => c"^[yY]",
        NO_EXPRESSION => c"^[nN]",
        _ if item >> 16 == TIME_CATEGORY => {
            let entry = crate::string::error::nth(TIME, (item & 0xffff) as usize);
            entry.unwrap_or(c"")
        }
        _ => c"",
    };
    text.as_ptr().cast_mut()
}

/// The text of an item in the thread's locale; empty for an item that does not exist. Not to be written to.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, nl_langinfo(3).
#[unsafe(no_mangle)]
pub extern "C" fn nl_langinfo(item: c_int) -> *mut c_char {
    item_text(item, is_utf8())
}

/// [`nl_langinfo`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, nl_langinfo(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nl_langinfo_l(item: c_int, locale: *mut Locale) -> *mut c_char {
    // SAFETY: `locale` is an object.
    item_text(item, item >> 16 == LC_CTYPE as c_int && unsafe { is_utf8_in(locale) })
}

crate::macros::aliases! {
    fn __nl_langinfo_l(item: c_int, locale: *mut Locale) -> *mut c_char = nl_langinfo_l;
}
