//! C strings as slices: where raw pointers stop.

use core::ffi::c_char;

use tidal_mem::find::strlen;

/// The bytes of a C string without its terminator.
///
/// # Safety
/// `s` is a string, and nobody writes it while the slice lives.
#[inline]
pub unsafe fn bytes<'a>(s: *const c_char) -> &'a [u8] {
    // SAFETY: by the caller's contract the bytes up to the terminator can be read.
    unsafe { core::slice::from_raw_parts(s.cast(), strlen(s.cast())) }
}

/// The bytes of a C string with its terminator.
///
/// # Safety
/// As for [`bytes`].
#[inline]
pub unsafe fn bytes_with_nul<'a>(s: *const c_char) -> &'a [u8] {
    // SAFETY: by the caller's contract the bytes up to the terminator can be read.
    unsafe { core::slice::from_raw_parts(s.cast(), strlen(s.cast()) + 1) }
}

/// Writes `text` and a terminator into `size` bytes at `buffer`, cut off where it does not fit; nothing if `size` is 0.
///
/// # Safety
/// `buffer` is writable for `size` bytes.
pub unsafe fn write_truncated(text: &[u8], buffer: *mut c_char, size: usize) {
    let Some(room) = size.checked_sub(1) else { return };
    let n = text.len().min(room);
    // SAFETY: `n < size` bytes and the terminator fit.
    unsafe {
        buffer.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), n);
        *buffer.add(n) = 0;
    }
}
