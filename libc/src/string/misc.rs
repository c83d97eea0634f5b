//! `swab`, `memfrob`, the GNU `basename`, and the names with two underscores that headers and old objects use.

use core::ffi::{c_char, c_int, c_void};

use tidal_mem::{copy, copy_str, find, find_last};

/// Copies `n` bytes (less one if odd) and swaps each pair.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, swab(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn swab(from: *const c_void, to: *mut c_void, n: isize) {
    let (from, to): (*const u8, *mut u8) = (from.cast(), to.cast());
    for i in (0..(n & !1).max(0) as usize).step_by(2) {
        // SAFETY: both are valid for `n` bytes; both bytes are read before either is written.
        unsafe {
            let pair = (*from.add(i), *from.add(i + 1));
            (*to.add(i), *to.add(i + 1)) = (pair.1, pair.0);
        }
    }
}

/// Exclusive-ors `n` bytes with 42, and returns their start.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: memfrob(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memfrob(start: *mut c_void, n: usize) -> *mut c_void {
    for i in 0..n {
        // SAFETY: `n` bytes are valid.
        unsafe { *start.cast::<u8>().add(i) ^= 42 };
    }
    start
}

/// What follows the last slash of `path`; the path is not changed.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: basename(3), the GNU version, which `<string.h>` declares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn basename(path: *const c_char) -> *mut c_char {
    // SAFETY: `path` is a string.
    let slash = unsafe { find_last::strrchr(path.cast(), b'/'.into()) };
    if slash.is_null() { path.cast_mut() } else { slash.wrapping_add(1).cast() }
}

/// `mempcpy`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __mempcpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the same contract.
    unsafe { copy::mempcpy(dst, src, n) }
}

/// `stpcpy`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __stpcpy(dst: *mut u8, src: *const u8) -> *mut u8 {
    // SAFETY: the same contract.
    unsafe { copy_str::stpcpy(dst, src) }
}

/// `stpncpy`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __stpncpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the same contract.
    unsafe { copy_str::stpncpy(dst, src, n) }
}

/// `rawmemchr`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __rawmemchr(s: *const u8, c: c_int) -> *mut u8 {
    // SAFETY: the same contract.
    unsafe { find::rawmemchr(s, c) }
}
