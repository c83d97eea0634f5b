//! `<locale.h>`: the locales C (POSIX) and C.UTF-8, which differ in how bytes make characters and in nothing else.

pub mod conventions;
pub mod object;

use core::ffi::{CStr, c_char, c_int};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use tidal_rt::block;

use crate::cstr::bytes;
use crate::stdlib::environment::getenv;

/// Categories, `LC_ALL` (6) among them.
pub(crate) const CATEGORIES: usize = 13;
pub(crate) const LC_CTYPE: usize = 0;
pub(crate) const LC_ALL: usize = 6;

/// The categories' names, by number.
static CATEGORY_NAMES: [&CStr; CATEGORIES] = [
    c"LC_CTYPE",
    c"LC_NUMERIC",
    c"LC_TIME",
    c"LC_COLLATE",
    c"LC_MONETARY",
    c"LC_MESSAGES",
    c"LC_ALL",
    c"LC_PAPER",
    c"LC_NAME",
    c"LC_ADDRESS",
    c"LC_TELEPHONE",
    c"LC_MEASUREMENT",
    c"LC_IDENTIFICATION",
];

/// A locale that exists, under a name that it answers to.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Name {
    C,
    Utf8,
    Utf8Small,
}

impl Name {
    pub(crate) fn text(self) -> &'static CStr {
        match self {
            Name::C => c"C",
            Name::Utf8 => c"C.UTF-8",
            Name::Utf8Small => c"C.utf8",
        }
    }

    pub(crate) fn is_utf8(self) -> bool {
        self != Name::C
    }

    fn from_number(number: u8) -> Name {
        [Name::C, Name::Utf8, Name::Utf8Small][usize::from(number)]
    }

    /// The locale of that name, if it exists.
    pub(crate) fn parse(name: &[u8]) -> Option<Name> {
        match name {
            b"C" | b"POSIX" => Some(Name::C),
            b"C.UTF-8" => Some(Name::Utf8),
            b"C.utf8" => Some(Name::Utf8Small),
            _ => None,
        }
    }

    /// The locale that the environment names for a category. A language with UTF-8, such as `de_DE.UTF-8`, is no locale
    /// here; C.UTF-8 stands in for it, and says its own name.
    fn from_environment(category: usize) -> Option<Name> {
        for variable in [c"LC_ALL", CATEGORY_NAMES[category], c"LANG"] {
            // SAFETY: what `getenv` gives is a string.
            let value = unsafe {
                let value = getenv(variable.as_ptr());
                if value.is_null() { &[] } else { bytes(value) }
            };
            if !value.is_empty() {
                let codeset =
                    value.iter().position(|c| *c == b'.').map_or(&value[..0], |dot| &value[dot + 1..]);
                let codeset = codeset.split(|c| *c == b'@').next().unwrap_or(codeset);
                let utf8 = codeset.eq_ignore_ascii_case(b"UTF-8") || codeset.eq_ignore_ascii_case(b"utf8");
                return Name::parse(value).or(utf8.then_some(Name::Utf8));
            }
        }
        Some(Name::C)
    }

    /// What `setlocale` and `newlocale` were asked for: a name, or an empty one for the environment's.
    pub(crate) fn requested(name: &[u8], category: usize) -> Option<Name> {
        if name.is_empty() { Name::from_environment(category) } else { Name::parse(name) }
    }
}

/// The process's locale, by category.
static GLOBAL: [AtomicU8; CATEGORIES] = [const { AtomicU8::new(0) }; CATEGORIES];

/// The process's locale in a category.
pub(crate) fn global(category: usize) -> Name {
    Name::from_number(GLOBAL[category].load(Relaxed))
}

/// The calling thread's locale in a category.
fn current(category: usize) -> Name {
    let own: *const object::Locale = block::current().runtime.locale.load(Relaxed).cast();
    // SAFETY: `uselocale` stored it, and it may not be freed while in use.
    if own.is_null() { global(category) } else { unsafe { (*own).name(category) } }
}

/// Whether bytes are UTF-8 in the calling thread's locale; otherwise they are ASCII.
///
/// Signal-safe: yes. Vfork-safe: yes.
pub fn is_utf8() -> bool {
    current(LC_CTYPE).is_utf8()
}

/// The most bytes of a character: what `MB_CUR_MAX` is.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: `<stdlib.h>` of glibc 2.36.
#[unsafe(no_mangle)]
pub extern "C" fn __ctype_get_mb_cur_max() -> usize {
    if is_utf8() { 6 } else { 1 }
}

/// All categories but `LC_ALL`.
fn each() -> impl Iterator<Item = usize> {
    (0..CATEGORIES).filter(|c| *c != LC_ALL)
}

/// The parts of a name of all categories, `LC_CTYPE=…;LC_NUMERIC=…;…`, which must name each.
fn parse_composite(name: &[u8]) -> Option<[Name; CATEGORIES]> {
    let mut names = [None; CATEGORIES];
    for part in name.split(|c| *c == b';') {
        let equals = part.iter().position(|c| *c == b'=')?;
        let category = each().find(|c| CATEGORY_NAMES[*c].to_bytes() == &part[..equals])?;
        names[category] = Name::parse(&part[equals + 1..]);
    }
    names[LC_ALL] = Some(Name::C);
    let mut all = [Name::C; CATEGORIES];
    for (to, from) in all.iter_mut().zip(names) {
        *to = from?;
    }
    Some(all)
}

/// The name of all categories: one if they agree, else a list.
fn composite() -> *mut c_char {
    /// Longer than any list: twelve times the longest category and locale.
    static mut TEXT: [u8; 400] = [0; 400];
    let first = global(LC_CTYPE);
    if each().all(|c| global(c) == first) {
        return first.text().as_ptr().cast_mut();
    }
    let mut length = 0;
    let mut text = [0u8; 400];
    for category in each() {
        let separator: &[u8] = if length == 0 { b"" } else { b";" };
        for piece in
            [separator, CATEGORY_NAMES[category].to_bytes(), b"=", global(category).text().to_bytes()]
        {
            text[length..length + piece.len()].copy_from_slice(piece);
            length += piece.len();
        }
    }
    // SAFETY: POSIX lets no other thread call setlocale meanwhile.
    unsafe {
        TEXT = text;
        (&raw mut TEXT).cast()
    }
}

/// Sets the process's locale in a category, or in all (6), and returns its name; a null name only asks.
///
/// # Errors
/// Null, and nothing changes, for a locale that does not exist: there are `C`, `POSIX` and `C.UTF-8`.
///
/// Signal-safe: no. Vfork-safe: no (the parent's locale changes).
/// Source: ISO C, setlocale(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setlocale(category: c_int, name: *const c_char) -> *mut c_char {
    let Some(category) = usize::try_from(category).ok().filter(|c| *c < CATEGORIES) else {
        return null_mut();
    };
    if !name.is_null() {
        // SAFETY: `name` is a string.
        let name = unsafe { bytes(name) };
        let mut names: [Name; CATEGORIES] = core::array::from_fn(global);
        if category != LC_ALL {
            let Some(name) = Name::requested(name, category) else { return null_mut() };
            names[category] = name;
        } else if name.contains(&b';') {
            let Some(all) = parse_composite(name) else { return null_mut() };
            names = all;
        } else {
            for category in each() {
                let Some(name) = Name::requested(name, category) else { return null_mut() };
                names[category] = name;
            }
        }
        GLOBAL.iter().zip(names).for_each(|(word, name)| word.store(name as u8, Relaxed));
    }
    if category == LC_ALL { composite() } else { global(category).text().as_ptr().cast_mut() }
}
