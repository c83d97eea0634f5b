//! `lfind`, `lsearch`: arrays in no order.

use core::ffi::c_void;
use core::ptr::null_mut;

use tidal_mem::copy::memcpy;

use super::Compare;

/// The first of `*n` elements that is equal to `key`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, lfind(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lfind(
    key: *const c_void,
    base: *const c_void,
    n: *mut usize,
    size: usize,
    compare: Compare,
) -> *mut c_void {
    // SAFETY: `n` is valid, and the program's function gets its key and one of its elements.
    unsafe {
        let mut elements = (0..*n).map(|i| base.wrapping_byte_add(i * size));
        elements.find(|element| compare(key, *element) == 0).map_or(null_mut(), <*const c_void>::cast_mut)
    }
}

/// [`lfind`], and the key appended when it is not there.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, lsearch(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lsearch(
    key: *const c_void,
    base: *mut c_void,
    n: *mut usize,
    size: usize,
    compare: Compare,
) -> *mut c_void {
    // SAFETY: as for `lfind`; the array has room for an element more.
    unsafe {
        let found = lfind(key, base, n, size, compare);
        if !found.is_null() {
            return found;
        }
        let end = base.byte_add(*n * size);
        *n += 1;
        memcpy(end.cast(), key.cast(), size).cast()
    }
}
