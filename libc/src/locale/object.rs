//! Locale objects: `newlocale`, `duplocale`, `freelocale`, `uselocale`.

use core::ffi::{c_char, c_int, c_ushort};
use core::mem::offset_of;
use core::ptr::{null_mut, without_provenance_mut};
use core::sync::atomic::Ordering::Relaxed;

use tidal_rt::{Errno, block};

use super::{CATEGORIES, LC_ALL, LC_CTYPE, Name, global};
use crate::cstr::bytes;
use crate::ctype::locale_tables;
use crate::errno::or_errno;
use crate::heap;

/// `struct __locale_struct` of `<bits/types/__locale_t.h>`: C++'s library reads the tables.
#[repr(C)]
pub struct Locale {
    /// Opaque to programs; here the names once more, as numbers.
    data: [usize; CATEGORIES],
    classes: *const c_ushort,
    lowercase: *const c_int,
    uppercase: *const c_int,
    names: [*const c_char; CATEGORIES],
}

const _: () = assert!(size_of::<Locale>() == 29 * 8 && offset_of!(Locale, classes) == 13 * 8);

impl Locale {
    fn new(names: [Name; CATEGORIES]) -> Locale {
        let (classes, lowercase, uppercase) = locale_tables();
        let texts = names.map(|name| name.text().as_ptr());
        Locale { data: names.map(|name| name as usize), classes, lowercase, uppercase, names: texts }
    }

    pub(super) fn name(&self, category: usize) -> Name {
        Name::from_number(self.data[category] as u8)
    }

    fn allocate(self) -> *mut Locale {
        or_errno(heap::allocate(size_of::<Locale>()).ok_or(Errno::ENOMEM).map(|memory| {
            let locale: *mut Locale = memory.as_ptr().cast();
            // SAFETY: fresh memory of that size; malloc aligns it.
            unsafe { locale.write(self) };
            locale
        }))
    }
}

/// `LC_GLOBAL_LOCALE`: the process's locale.
const GLOBAL_LOCALE: *mut Locale = without_provenance_mut(usize::MAX);

/// The names in an object, or in the process's locale.
///
/// # Safety
/// `locale` is `LC_GLOBAL_LOCALE` or an object.
unsafe fn names_of(locale: *const Locale) -> [Name; CATEGORIES] {
    if locale == GLOBAL_LOCALE {
        core::array::from_fn(global)
    } else {
        // SAFETY: by the caller's contract.
        core::array::from_fn(|category| unsafe { (*locale).name(category) })
    }
}

/// Whether bytes are UTF-8 in a locale object.
///
/// # Safety
/// `locale` is `LC_GLOBAL_LOCALE` or an object.
pub(crate) unsafe fn is_utf8_in(locale: *const Locale) -> bool {
    // SAFETY: by the caller's contract.
    unsafe { names_of(locale)[LC_CTYPE].is_utf8() }
}

/// A locale object like `base` (or C, when null) with the categories of `mask` from `name`. `base` is taken over.
///
/// # Errors
/// Null with `EINVAL` for a bad mask, `ENOENT` for a locale that does not exist, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, newlocale(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn newlocale(mask: c_int, name: *const c_char, base: *mut Locale) -> *mut Locale {
    const ALL: c_int = ((1 << CATEGORIES) - 1) & !(1 << LC_ALL);
    // glibc's LC_ALL_MASK leaves LC_ALL out; a mask with that bit means all.
    let mask = if mask == 1 << LC_ALL { ALL } else { mask };
    if mask & !ALL != 0 || name.is_null() {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: `name` is a string, `base` null or an object.
    unsafe {
        let name = bytes(name);
        let mut names = if base.is_null() { [Name::C; CATEGORIES] } else { names_of(base) };
        for category in (0..CATEGORIES).filter(|c| mask & 1 << c != 0) {
            match Name::requested(name, category) {
                Some(name) => names[category] = name,
                None => return or_errno(Err(Errno::ENOENT)),
            }
        }
        if base.is_null() {
            return Locale::new(names).allocate();
        }
        *base = Locale::new(names);
        base
    }
}

/// A copy of a locale object, or of the process's locale.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, duplocale(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn duplocale(locale: *mut Locale) -> *mut Locale {
    // SAFETY: `locale` is LC_GLOBAL_LOCALE or an object.
    Locale::new(unsafe { names_of(locale) }).allocate()
}

/// Gives a locale object back; no thread may use it.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, freelocale(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freelocale(locale: *mut Locale) {
    // SAFETY: the object is from the heap and not used any more.
    unsafe { heap::release(locale) };
}

/// Makes an object, or the process's locale, the thread's; null only asks. Returns what it was.
///
/// Signal-safe: yes. Vfork-safe: no (the parent's locale changes).
/// Source: POSIX, uselocale(3).
#[unsafe(no_mangle)]
pub extern "C" fn uselocale(locale: *mut Locale) -> *mut Locale {
    let word = &block::current().runtime.locale;
    let old: *mut Locale = word.load(Relaxed).cast();
    if locale == GLOBAL_LOCALE {
        word.store(null_mut(), Relaxed);
    } else if !locale.is_null() {
        word.store(locale.cast(), Relaxed);
    }
    if old.is_null() { GLOBAL_LOCALE } else { old }
}

crate::macros::aliases! {
    fn __newlocale(mask: c_int, name: *const c_char, base: *mut Locale) -> *mut Locale = newlocale;
    fn __duplocale(locale: *mut Locale) -> *mut Locale = duplocale;
    fn __freelocale(locale: *mut Locale) = freelocale;
}

/// [`uselocale`] under the name that C++'s library uses.
///
/// Signal-safe: yes. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn __uselocale(locale: *mut Locale) -> *mut Locale {
    uselocale(locale)
}
