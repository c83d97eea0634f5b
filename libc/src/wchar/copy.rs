//! Copies of wide characters.

use tidal_mem::copy::memcpy;
use tidal_rt::Errno;

use super::Wide;
use super::strings::{wcslen, wcsnlen};
use crate::errno::or_errno;
use crate::heap;

/// Copies `n` wide characters, which may overlap, and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wmemmove(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wmemmove(dst: *mut Wide, src: *const Wide, n: usize) -> *mut Wide {
    // SAFETY: both are valid for `n` characters; `memcpy` takes overlapping operands.
    unsafe { memcpy(dst.cast(), src.cast(), n * 4).cast() }
}

/// Copies `n` wide characters and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wmemcpy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wmemcpy(dst: *mut Wide, src: *const Wide, n: usize) -> *mut Wide {
    // SAFETY: the same contract.
    unsafe { wmemmove(dst, src, n) }
}

/// Copies `n` wide characters and returns `dst + n`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: wmempcpy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wmempcpy(dst: *mut Wide, src: *const Wide, n: usize) -> *mut Wide {
    // SAFETY: the same contract.
    unsafe { wmemmove(dst, src, n).add(n) }
}

/// Fills `n` wide characters with `c` and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wmemset(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wmemset(dst: *mut Wide, c: Wide, n: usize) -> *mut Wide {
    // SAFETY: `dst` is valid for `n` characters.
    (0..n).for_each(|i| unsafe { dst.add(i).write(c) });
    dst
}

/// Copies a string with its terminator and returns the end of the copy.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcpcpy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcpcpy(dst: *mut Wide, src: *const Wide) -> *mut Wide {
    // SAFETY: `src` is a string and `dst` has room.
    unsafe {
        let n = wcslen(src);
        wmemmove(dst, src, n + 1).add(n)
    }
}

/// Copies a string with its terminator and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcscpy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscpy(dst: *mut Wide, src: *const Wide) -> *mut Wide {
    // SAFETY: the same contract.
    unsafe { wcpcpy(dst, src) };
    dst
}

/// Copies at most `n` characters, fills up with zeros, and returns the first of these or `dst + n`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcpncpy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcpncpy(dst: *mut Wide, src: *const Wide, n: usize) -> *mut Wide {
    // SAFETY: `src` is readable up to its terminator or for `n` characters, `dst` is valid for `n`.
    unsafe {
        let length = wcsnlen(src, n);
        wmemmove(dst, src, length);
        wmemset(dst.add(length), 0, n - length)
    }
}

/// Copies at most `n` characters, fills up with zeros, and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsncpy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsncpy(dst: *mut Wide, src: *const Wide, n: usize) -> *mut Wide {
    // SAFETY: the same contract.
    unsafe { wcpncpy(dst, src, n) };
    dst
}

/// Appends a string and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcscat(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscat(dst: *mut Wide, src: *const Wide) -> *mut Wide {
    // SAFETY: both are strings, and `dst` has room.
    unsafe { wcpcpy(dst.add(wcslen(dst)), src) };
    dst
}

/// Appends at most `n` characters and a terminator, and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsncat(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsncat(dst: *mut Wide, src: *const Wide, n: usize) -> *mut Wide {
    // SAFETY: `dst` is a string with room, `src` readable up to its terminator or for `n` characters.
    unsafe {
        let end = dst.add(wcslen(dst));
        let length = wcsnlen(src, n);
        wmemmove(end, src, length);
        *end.add(length) = 0;
    }
    dst
}

/// A copy on the heap.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, wcsdup(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsdup(s: *const Wide) -> *mut Wide {
    // SAFETY: `s` is a string.
    let characters = unsafe { wcslen(s) } + 1;
    or_errno(heap::allocate(characters * 4).ok_or(Errno::ENOMEM).map(|copy| {
        // SAFETY: the copy has room.
        unsafe { wmemmove(copy.as_ptr().cast(), s, characters) }
    }))
}
