//! `<wctype.h>`: classes and cases of wide characters. In the locale C only ASCII has any; in C.UTF-8 they are Unicode's.

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

use crate::cstr::bytes;
use crate::locale::is_utf8;
use crate::locale::object::{Locale, is_utf8_in};

/// The classes, as `wctype` numbers them.
#[derive(Clone, Copy, PartialEq)]
#[repr(u8)]
enum Class {
    Alnum = 1,
    Alpha,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    Space,
    Upper,
    Xdigit,
}

const CLASSES: [(Class, &[u8]); 12] = [
    (Class::Alnum, b"alnum"),
    (Class::Alpha, b"alpha"),
    (Class::Blank, b"blank"),
    (Class::Cntrl, b"cntrl"),
    (Class::Digit, b"digit"),
    (Class::Graph, b"graph"),
    (Class::Lower, b"lower"),
    (Class::Print, b"print"),
    (Class::Punct, b"punct"),
    (Class::Space, b"space"),
    (Class::Upper, b"upper"),
    (Class::Xdigit, b"xdigit"),
];

fn in_ascii(c: u8, class: Class) -> bool {
    match class {
        Class::Alnum => c.is_ascii_alphanumeric(),
        Class::Alpha => c.is_ascii_alphabetic(),
        Class::Blank => c == b' ' || c == b'\t',
        Class::Cntrl => c.is_ascii_control(),
        Class::Digit => c.is_ascii_digit(),
        Class::Graph => c.is_ascii_graphic(),
        Class::Lower => c.is_ascii_lowercase(),
        Class::Print => c.is_ascii_graphic() || c == b' ',
        Class::Punct => c.is_ascii_punctuation(),
        Class::Space => c == b' ' || (9..=13).contains(&c),
        Class::Upper => c.is_ascii_uppercase(),
        Class::Xdigit => c.is_ascii_hexdigit(),
    }
}

/// Beyond ASCII. Other scripts' digits are letters, as in glibc: `isdigit` is for the ten that `strtol` reads.
fn in_unicode(c: char, class: Class) -> bool {
    // A no-break space does not separate words.
    let space = |c| !matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}');
    match class {
        Class::Alnum | Class::Alpha => c.is_alphabetic() || c.general_category() == Category::DecimalNumber,
        Class::Blank => c.general_category() == Category::SpaceSeparator && space(c),
        Class::Cntrl => c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
        Class::Digit | Class::Xdigit => false,
        // A title-case letter is both.
        Class::Lower => c.is_lowercase() || upper(c.into(), true) != c.into(),
        Class::Upper => c.is_uppercase() || lower(c.into(), true) != c.into(),
        Class::Space => in_unicode(c, Class::Blank) || matches!(c, '\u{2028}' | '\u{2029}'),
        Class::Print => !matches!(
            c.general_category(),
            Category::Control | Category::Unassigned | Category::LineSeparator | Category::ParagraphSeparator
        ),
        Class::Graph => in_unicode(c, Class::Print) && !in_unicode(c, Class::Space),
        Class::Punct => in_unicode(c, Class::Graph) && !in_unicode(c, Class::Alpha),
    }
}

fn belongs(c: c_uint, class: Class, utf8: bool) -> c_int {
    match u8::try_from(c) {
        Ok(ascii @ ..128) => in_ascii(ascii, class).into(),
        _ => (utf8 && char::from_u32(c).is_some_and(|c| in_unicode(c, class))).into(),
    }
}

/// Whether a character can be printed: what `wcwidth` needs to know.
pub(crate) fn is_printable(c: c_uint) -> bool {
    belongs(c, Class::Print, is_utf8()) != 0
}

macro_rules! classes {
    ($($name:ident $name_l:ident $class:ident;)*) => { $(
        #[doc = concat!("Whether `c` is in the class `", stringify!($class), "` in the thread's locale.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C, iswctype(3).
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(c: c_uint) -> c_int {
            belongs(c, Class::$class, is_utf8())
        }

        #[doc = concat!("Whether `c` is in the class `", stringify!($class), "` in `locale`.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: POSIX.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name_l(c: c_uint, locale: *mut Locale) -> c_int {
            // SAFETY: `locale` is an object.
            belongs(c, Class::$class, unsafe { is_utf8_in(locale) })
        }
    )* };
}

classes! {
    iswalnum iswalnum_l Alnum;
    iswalpha iswalpha_l Alpha;
    iswblank iswblank_l Blank;
    iswcntrl iswcntrl_l Cntrl;
    iswdigit iswdigit_l Digit;
    iswgraph iswgraph_l Graph;
    iswlower iswlower_l Lower;
    iswprint iswprint_l Print;
    iswpunct iswpunct_l Punct;
    iswspace iswspace_l Space;
    iswupper iswupper_l Upper;
    iswxdigit iswxdigit_l Xdigit;
}

/// The number of the class of that name, or 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wctype(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wctype(name: *const c_char) -> c_ulong {
    // SAFETY: `name` is a string.
    let name = unsafe { bytes(name) };
    CLASSES.iter().find(|(_, text)| *text == name).map_or(0, |(class, _)| *class as c_ulong)
}

fn by_number(number: c_ulong) -> Option<Class> {
    CLASSES.iter().map(|(class, _)| *class).find(|class| *class as c_ulong == number)
}

/// Whether `c` is in a class of [`wctype`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, iswctype(3).
#[unsafe(no_mangle)]
pub extern "C" fn iswctype(c: c_uint, class: c_ulong) -> c_int {
    by_number(class).map_or(0, |class| belongs(c, class, is_utf8()))
}

/// [`iswctype`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, iswctype(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn iswctype_l(c: c_uint, class: c_ulong, locale: *mut Locale) -> c_int {
    // SAFETY: `locale` is an object.
    by_number(class).map_or(0, |class| belongs(c, class, unsafe { is_utf8_in(locale) }))
}

/// The one character that a case mapping gives. Where it gives several, Unicode's simple mapping is in `simple`.
fn single(c: char, mut mapped: impl Iterator<Item = char>, simple: impl Fn(c_uint) -> c_uint) -> c_uint {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one.into(),
        _ => simple(c.into()),
    }
}

fn lower(c: c_uint, utf8: bool) -> c_uint {
    match char::from_u32(c) {
        Some(c) if c.is_ascii() => c.to_ascii_lowercase().into(),
        Some(c) if utf8 => single(c, c.to_lowercase(), |c| if c == 0x130 { 0x69 } else { c }),
        _ => c,
    }
}

fn upper(c: c_uint, utf8: bool) -> c_uint {
    match char::from_u32(c) {
        Some(c) if c.is_ascii() => c.to_ascii_uppercase().into(),
        Some(c) if utf8 => single(c, c.to_uppercase(), |c| match c {
            // Greek with iota subscript: the capital has its own character.
            0x1f80..=0x1faf => c | 8,
            0x1fb3 | 0x1fc3 | 0x1ff3 => c + 9,
            _ => c,
        }),
        _ => c,
    }
}

/// The small letter of a capital one, else `c`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, towlower(3).
#[unsafe(no_mangle)]
pub extern "C" fn towlower(c: c_uint) -> c_uint {
    lower(c, is_utf8())
}

/// The capital letter of a small one, else `c`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, towupper(3).
#[unsafe(no_mangle)]
pub extern "C" fn towupper(c: c_uint) -> c_uint {
    upper(c, is_utf8())
}

/// [`towlower`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, towlower(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn towlower_l(c: c_uint, locale: *mut Locale) -> c_uint {
    // SAFETY: `locale` is an object.
    lower(c, unsafe { is_utf8_in(locale) })
}

/// [`towupper`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, towupper(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn towupper_l(c: c_uint, locale: *mut Locale) -> c_uint {
    // SAFETY: `locale` is an object.
    upper(c, unsafe { is_utf8_in(locale) })
}

/// What `wctrans` returns: 1 for `tolower`, 2 for `toupper`.
type Mapping = *const c_int;

/// The mapping of that name, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wctrans(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wctrans(name: *const c_char) -> Mapping {
    // SAFETY: `name` is a string.
    core::ptr::without_provenance(match unsafe { bytes(name) } {
        b"tolower" => 1,
        b"toupper" => 2,
        _ => 0,
    })
}

/// `c` after a mapping of [`wctrans`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, towctrans(3).
#[unsafe(no_mangle)]
pub extern "C" fn towctrans(c: c_uint, mapping: Mapping) -> c_uint {
    match mapping.addr() {
        1 => towlower(c),
        2 => towupper(c),
        _ => c,
    }
}

/// [`wctype`] in a given locale; all have the same classes.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wctype(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wctype_l(name: *const c_char, _locale: *mut c_void) -> c_ulong {
    // SAFETY: the same contract.
    unsafe { wctype(name) }
}

crate::macros::aliases! {
    fn __wctype_l(name: *const c_char, locale: *mut c_void) -> c_ulong = wctype_l;
    fn __iswctype_l(c: c_uint, class: c_ulong, locale: *mut Locale) -> c_int = iswctype_l;
    fn __towlower_l(c: c_uint, locale: *mut Locale) -> c_uint = towlower_l;
    fn __towupper_l(c: c_uint, locale: *mut Locale) -> c_uint = towupper_l;
}
