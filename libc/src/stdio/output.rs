//! Unformatted output: `putc` and `puts`, `fwrite`, and what `putc`'s macro calls.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::slice;

use super::file::Stream;
use super::lock::with;
use super::standard;
use super::write::EOF;

/// Writes a byte. Locks the stream.
///
/// # Errors
/// `EOF`, the error flag and the `errno` of `write(2)`; `EBADF` on a stream not open for writing.
///
/// Signal-safe: no. Vfork-safe: yes (the parent's buffer fills).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputc(byte: c_int, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| s.put(byte as u8)) }
}

/// As [`fputc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putc(byte: c_int, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| s.put(byte as u8)) }
}

/// glibc's name of [`putc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _IO_putc(byte: c_int, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { putc(byte, stream) }
}

/// [`fputc`] to `stdout`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putchar(byte: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fputc(byte, standard::output()) }
}

/// [`fputc`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputc_unlocked(byte: c_int, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).put(byte as u8) }
}

/// [`putc`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putc_unlocked(byte: c_int, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).put(byte as u8) }
}

/// [`putchar`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putchar_unlocked(byte: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*standard::output()).put(byte as u8) }
}

/// What the header's `putc` calls when the write pointers leave no room: stores the byte, flushing as the mode asks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __overflow(stream: *mut Stream, byte: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).overflow(byte as u8) }
}

/// Writes a string without its NUL.
///
/// # Errors
/// As [`fputc`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputs(string: *const c_char, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| put_string(s, string)) }
}

/// [`fputs`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputs_unlocked(string: *const c_char, stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { put_string(&mut *stream, string) }
}

/// # Safety
/// `string` is a C string.
unsafe fn put_string(stream: &mut Stream, string: *const c_char) -> c_int {
    // SAFETY: by the caller's contract.
    let bytes = unsafe { CStr::from_ptr(string) }.to_bytes();
    if stream.write(bytes) == bytes.len() { 1 } else { EOF }
}

/// Writes a string and a newline to `stdout`.
///
/// # Errors
/// As [`fputc`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn puts(string: *const c_char) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        with(standard::output(), |s| {
            if put_string(s, string) == EOF || s.put(b'\n') == EOF {
                return EOF;
            }
            1
        })
    }
}

/// Writes items of a size; gives how many whole ones were accepted.
///
/// # Errors
/// Fewer than `count`, the error flag and `errno`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fwrite(
    items: *const c_void,
    size: usize,
    count: usize,
    stream: *mut Stream,
) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| write_items(s, items, size, count)) }
}

/// [`fwrite`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fwrite_unlocked(
    items: *const c_void,
    size: usize,
    count: usize,
    stream: *mut Stream,
) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { write_items(&mut *stream, items, size, count) }
}

/// # Safety
/// `items` are readable.
unsafe fn write_items(stream: &mut Stream, items: *const c_void, size: usize, count: usize) -> usize {
    let length = size.wrapping_mul(count);
    if length == 0 {
        return 0;
    }
    // SAFETY: by the caller's contract.
    let done = stream.write(unsafe { slice::from_raw_parts(items.cast(), length) });
    if done == length { count } else { done / size }
}

/// Writes an `int` as it lies in memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putw(word: c_int, stream: *mut Stream) -> c_int {
    let bytes = word.to_ne_bytes();
    // SAFETY: by the caller's contract.
    if unsafe { with(stream, |s| s.write(&bytes)) } == bytes.len() { 0 } else { EOF }
}
