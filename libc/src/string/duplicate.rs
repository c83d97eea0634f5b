//! Copies on the heap: `strdup`, `strndup`.

use core::ffi::c_char;

use tidal_mem::copy::memcpy;
use tidal_mem::find::{strlen, strnlen};
use tidal_rt::Errno;

use crate::errno::or_errno;
use crate::heap;

/// A string of `length` bytes copied from `s`.
///
/// # Safety
/// `s` is readable for `length` bytes.
unsafe fn copied(s: *const c_char, length: usize) -> *mut c_char {
    or_errno(heap::allocate(length + 1).ok_or(Errno::ENOMEM).map(|copy| {
        let copy: *mut c_char = copy.as_ptr().cast();
        // SAFETY: the copy has room for the bytes and a terminator.
        unsafe {
            memcpy(copy.cast(), s.cast(), length);
            *copy.add(length) = 0;
        }
        copy
    }))
}

/// A copy of the string `s` on the heap.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, strdup(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strdup(s: *const c_char) -> *mut c_char {
    // SAFETY: `s` is a string.
    unsafe { copied(s, strlen(s.cast())) }
}

/// A copy of at most `n` bytes of the string `s` on the heap.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, strndup(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strndup(s: *const c_char, n: usize) -> *mut c_char {
    // SAFETY: `s` is readable up to its terminator or for `n` bytes.
    unsafe { copied(s, strnlen(s.cast(), n)) }
}

/// [`strdup`] under the name that headers of old compilers use.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: strdup(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __strdup(s: *const c_char) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { strdup(s) }
}

/// [`strndup`] under the name that headers of old compilers use.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: strndup(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __strndup(s: *const c_char, n: usize) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { strndup(s, n) }
}
