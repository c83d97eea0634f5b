//! `<libintl.h>`: messages in the programmer's language. No catalogue is ever found, as in the locale C.

use core::ffi::{CStr, c_char, c_int, c_ulong};
use core::ptr::null_mut;

use crate::cstr::bytes;

static DEFAULT_DOMAIN: &CStr = c"messages";

/// The message itself.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: gettext(3).
#[unsafe(no_mangle)]
pub extern "C" fn gettext(message: *const c_char) -> *mut c_char {
    message.cast_mut()
}

/// [`gettext`] from a domain.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: dgettext(3).
#[unsafe(no_mangle)]
pub extern "C" fn dgettext(_domain: *const c_char, message: *const c_char) -> *mut c_char {
    message.cast_mut()
}

/// [`gettext`] from a domain and category.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: dcgettext(3).
#[unsafe(no_mangle)]
pub extern "C" fn dcgettext(_domain: *const c_char, message: *const c_char, _category: c_int) -> *mut c_char {
    message.cast_mut()
}

/// The message for one or for `n` things, by the rule of English.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ngettext(3).
#[unsafe(no_mangle)]
pub extern "C" fn ngettext(one: *const c_char, many: *const c_char, n: c_ulong) -> *mut c_char {
    if n == 1 { one.cast_mut() } else { many.cast_mut() }
}

/// [`ngettext`] from a domain.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: dngettext(3).
#[unsafe(no_mangle)]
pub extern "C" fn dngettext(
    _domain: *const c_char,
    one: *const c_char,
    many: *const c_char,
    n: c_ulong,
) -> *mut c_char {
    ngettext(one, many, n)
}

/// [`ngettext`] from a domain and category.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: dcngettext(3).
#[unsafe(no_mangle)]
pub extern "C" fn dcngettext(
    _domain: *const c_char,
    one: *const c_char,
    many: *const c_char,
    n: c_ulong,
    _category: c_int,
) -> *mut c_char {
    ngettext(one, many, n)
}

/// The default domain. Setting another changes nothing that could be seen, since no domain has messages; its name is
/// given back.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: textdomain(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn textdomain(domain: *const c_char) -> *mut c_char {
    // SAFETY: null or a string.
    if domain.is_null() || unsafe { bytes(domain) }.is_empty() {
        return DEFAULT_DOMAIN.as_ptr().cast_mut();
    }
    domain.cast_mut()
}

/// The folder of a domain's catalogues, as given.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: bindtextdomain(3).
#[unsafe(no_mangle)]
pub extern "C" fn bindtextdomain(_domain: *const c_char, folder: *const c_char) -> *mut c_char {
    if folder.is_null() { c"/usr/share/locale".as_ptr().cast_mut() } else { folder.cast_mut() }
}

/// The encoding of a domain's messages, as given; null says the locale's.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: bind_textdomain_codeset(3).
#[unsafe(no_mangle)]
pub extern "C" fn bind_textdomain_codeset(_domain: *const c_char, codeset: *const c_char) -> *mut c_char {
    if codeset.is_null() { null_mut() } else { codeset.cast_mut() }
}
