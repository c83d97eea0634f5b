//! `<ctype.h>`: classes and cases of bytes.
//!
//! Both locales that exist, C and C.UTF-8, class ASCII alone: a byte of a longer UTF-8 sequence is no character by itself.
//! Programs read the tables through the headers' macros, at indices -128 to 255.

use core::ffi::{c_int, c_ushort, c_void};

/// A pointer that threads may share: it points to constant data.
#[repr(transparent)]
struct Table<T>(*const T);

// SAFETY: the tables are constant.
unsafe impl<T> Sync for Table<T> {}

/// Entries before index 0.
const BEFORE: usize = 128;

/// The headers' `_ISbit`, for little-endian machines.
const fn is_bit(bit: u16) -> c_ushort {
    if bit < 8 { (1 << bit) << 8 } else { (1 << bit) >> 8 }
}

const UPPER: c_ushort = is_bit(0);
const LOWER: c_ushort = is_bit(1);
const ALPHA: c_ushort = is_bit(2);
const DIGIT: c_ushort = is_bit(3);
const XDIGIT: c_ushort = is_bit(4);
const SPACE: c_ushort = is_bit(5);
const PRINT: c_ushort = is_bit(6);
const GRAPH: c_ushort = is_bit(7);
const BLANK: c_ushort = is_bit(8);
const CNTRL: c_ushort = is_bit(9);
const PUNCT: c_ushort = is_bit(10);
const ALNUM: c_ushort = is_bit(11);

const fn class(c: u8) -> c_ushort {
    let mut class = 0;
    let when = [
        (c.is_ascii_uppercase(), UPPER),
        (c.is_ascii_lowercase(), LOWER),
        (c.is_ascii_alphabetic(), ALPHA),
        (c.is_ascii_digit(), DIGIT),
        (c.is_ascii_hexdigit(), XDIGIT),
        (c == b' ' || (c >= 9 && c <= 13), SPACE),
        (c >= 32 && c < 127, PRINT),
        (c.is_ascii_graphic(), GRAPH),
        (c == b' ' || c == b'\t', BLANK),
        (c.is_ascii_control(), CNTRL),
        (c.is_ascii_punctuation(), PUNCT),
        (c.is_ascii_alphanumeric(), ALNUM),
    ];
    let mut i = 0;
    while i < when.len() {
        if when[i].0 {
            class |= when[i].1;
        }
        i += 1;
    }
    class
}

static CLASSES: [c_ushort; BEFORE + 256] = {
    let mut table = [0; BEFORE + 256];
    let mut c = 0;
    while c < 128 {
        table[BEFORE + c] = class(c as u8);
        c += 1;
    }
    table
};

/// The case table: ASCII through `$map`, other bytes and EOF as they are.
macro_rules! case_table {
    ($map:ident) => {{
        let mut table = [0; BEFORE + 256];
        let mut i = 0;
        while i < BEFORE + 256 {
            // Indices -128 to -2 speak of the bytes that a signed char shows as negative; -1 is EOF.
            table[i] = if i == BEFORE - 1 { -1 } else { (((i + 256 - BEFORE) % 256) as u8).$map() as c_int };
            i += 1;
        }
        table
    }};
}

static LOWERCASE: [c_int; BEFORE + 256] = case_table!(to_ascii_lowercase);
static UPPERCASE: [c_int; BEFORE + 256] = case_table!(to_ascii_uppercase);

// SAFETY: index 0 of each table is inside it.
static CLASSES_AT_0: Table<c_ushort> = Table(unsafe { (&raw const CLASSES).cast::<c_ushort>().add(BEFORE) });
// SAFETY: the same.
static LOWERCASE_AT_0: Table<c_int> = Table(unsafe { (&raw const LOWERCASE).cast::<c_int>().add(BEFORE) });
// SAFETY: the same.
static UPPERCASE_AT_0: Table<c_int> = Table(unsafe { (&raw const UPPERCASE).cast::<c_int>().add(BEFORE) });

/// Where the headers' macros find the table of classes.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: `<ctype.h>` of glibc 2.36.
#[unsafe(no_mangle)]
pub extern "C" fn __ctype_b_loc() -> *mut *const c_ushort {
    (&raw const CLASSES_AT_0.0).cast_mut()
}

/// Where the headers' macros find the table of small letters.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: `<ctype.h>` of glibc 2.36.
#[unsafe(no_mangle)]
pub extern "C" fn __ctype_tolower_loc() -> *mut *const c_int {
    (&raw const LOWERCASE_AT_0.0).cast_mut()
}

/// Where the headers' macros find the table of capital letters.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: `<ctype.h>` of glibc 2.36.
#[unsafe(no_mangle)]
pub extern "C" fn __ctype_toupper_loc() -> *mut *const c_int {
    (&raw const UPPERCASE_AT_0.0).cast_mut()
}

/// The tables as a `locale_t` carries them: classes, small and capital letters.
pub(crate) fn locale_tables() -> (*const c_ushort, *const c_int, *const c_int) {
    (CLASSES_AT_0.0, LOWERCASE_AT_0.0, UPPERCASE_AT_0.0)
}

/// The entry of `table` for `c`, `none` outside -128 to 255.
#[inline(always)]
fn entry<T: Copy>(table: &[T; BEFORE + 256], c: c_int, none: T) -> T {
    c.checked_add(BEFORE as c_int).and_then(|i| table.get(usize::try_from(i).ok()?)).copied().unwrap_or(none)
}

/// Defines `isNAME` and `isNAME_l`.
macro_rules! classes {
    ($($name:ident $name_l:ident $bit:ident $what:literal;)*) => { $(
        #[doc = concat!("Nonzero if `c` is ", $what, ".")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(c: c_int) -> c_int {
            c_int::from(entry(&CLASSES, c, 0) & $bit)
        }

        #[doc = concat!("Nonzero if `c` is ", $what, " in the locale.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: POSIX.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name_l(c: c_int, _locale: *mut c_void) -> c_int {
            $name(c)
        }
    )* };
}

classes! {
    isalnum isalnum_l ALNUM "a letter or a digit";
    isalpha isalpha_l ALPHA "a letter";
    isblank isblank_l BLANK "a space or a tab";
    iscntrl iscntrl_l CNTRL "a control character";
    isdigit isdigit_l DIGIT "a digit";
    isgraph isgraph_l GRAPH "printable and not a space";
    islower islower_l LOWER "a small letter";
    isprint isprint_l PRINT "printable";
    ispunct ispunct_l PUNCT "printable, not a space, a letter or a digit";
    isspace isspace_l SPACE "white space";
    isupper isupper_l UPPER "a capital letter";
    isxdigit isxdigit_l XDIGIT "a hexadecimal digit";
}

/// The small letter of a capital one, else `c`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C.
#[unsafe(no_mangle)]
pub extern "C" fn tolower(c: c_int) -> c_int {
    entry(&LOWERCASE, c, c)
}

/// The capital letter of a small one, else `c`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C.
#[unsafe(no_mangle)]
pub extern "C" fn toupper(c: c_int) -> c_int {
    entry(&UPPERCASE, c, c)
}

/// [`tolower`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX.
#[unsafe(no_mangle)]
pub extern "C" fn tolower_l(c: c_int, _locale: *mut c_void) -> c_int {
    tolower(c)
}

/// [`toupper`] in a given locale.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX.
#[unsafe(no_mangle)]
pub extern "C" fn toupper_l(c: c_int, _locale: *mut c_void) -> c_int {
    toupper(c)
}

/// Whether `c` is in ASCII.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, isascii(3).
#[unsafe(no_mangle)]
pub extern "C" fn isascii(c: c_int) -> c_int {
    (c & !0x7f == 0).into()
}

/// The low seven bits of `c`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, toascii(3).
#[unsafe(no_mangle)]
pub extern "C" fn toascii(c: c_int) -> c_int {
    c & 0x7f
}
