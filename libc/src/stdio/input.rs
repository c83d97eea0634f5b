//! Unformatted input: `getc`, `fgets`, `fread`, `ungetc`, and what `getc`'s macro calls.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use super::file::Stream;
use super::lock::with;
use super::standard;
use super::write::EOF;

unsafe extern "C" {
    fn memchr(s: *const c_void, byte: c_int, length: usize) -> *mut c_void;
}

/// Reads a byte. Locks the stream.
///
/// # Errors
/// `EOF` at the end of the file, or with the error flag and the `errno` of `read(2)`; `EBADF` on a stream not open for
/// reading.
///
/// Signal-safe: no. Vfork-safe: yes (the parent's position moves).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetc(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, Stream::get) }
}

/// As [`fgetc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getc(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, Stream::get) }
}

/// glibc's name of [`getc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _IO_getc(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { getc(stream) }
}

/// [`fgetc`] from `stdin`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getchar() -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fgetc(standard::input()) }
}

/// [`fgetc`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetc_unlocked(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).get() }
}

/// [`getc`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getc_unlocked(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).get() }
}

/// [`getchar`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getchar_unlocked() -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*standard::input()).get() }
}

/// What the header's `getc` calls when the read pointers meet: fills the buffer and takes a byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __uflow(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).get() }
}

/// As [`__uflow`], but the byte stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __underflow(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).peek() }
}

/// Pushes a byte back; any number of them, memory permitting.
///
/// # Errors
/// `EOF`: `ENOMEM`, `EBADF`; `EOF` itself cannot be pushed back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ungetc(byte: c_int, stream: *mut Stream) -> c_int {
    if byte == EOF {
        return EOF;
    }
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| s.unget(byte as u8)) }
}

/// Reads a line with its newline, at most `size - 1` bytes, and ends it with a NUL.
///
/// # Errors
/// Null at the end of the file with nothing read, or on failure, as [`fgetc`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgets(into: *mut c_char, size: c_int, stream: *mut Stream) -> *mut c_char {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| get_line(s, into, size)) }
}

/// [`fgets`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgets_unlocked(into: *mut c_char, size: c_int, stream: *mut Stream) -> *mut c_char {
    // SAFETY: by the caller's contract.
    unsafe { get_line(&mut *stream, into, size) }
}

/// Length of what can be taken up to and with `delimiter`, and whether that is in it.
pub(super) fn up_to(bytes: &[u8], delimiter: u8) -> (usize, bool) {
    // SAFETY: searches the slice.
    let found = unsafe { memchr(bytes.as_ptr().cast(), c_int::from(delimiter), bytes.len()) };
    if found.is_null() { (bytes.len(), false) } else { (found as usize - bytes.as_ptr() as usize + 1, true) }
}

/// # Safety
/// `into` has room for `size` bytes.
unsafe fn get_line(stream: &mut Stream, into: *mut c_char, size: c_int) -> *mut c_char {
    if size <= 0 {
        return ptr::null_mut();
    }
    let room = size as usize - 1;
    let mut done = 0;
    let failed_before = stream.has(super::file::flag::ERR);
    stream.file.flags &= !super::file::flag::ERR;
    let mut complete = room == 0;
    while !complete {
        if stream.peek() == EOF {
            break;
        }
        let available = stream.readable();
        let (n, found) = up_to(&available[..available.len().min(room - done)], b'\n');
        // SAFETY: `done + n` is at most `room`.
        unsafe { ptr::copy_nonoverlapping(available.as_ptr(), into.add(done).cast(), n) };
        stream.consume(n);
        done += n;
        complete = found || done == room;
    }
    // A non-blocking descriptor may give part of a line; that part is the caller's.
    let failed = stream.has(super::file::flag::ERR);
    let would_block = failed && tidal_rt::errno::get() == tidal_rt::Errno::EAGAIN.0;
    if failed_before {
        stream.file.flags |= super::file::flag::ERR;
    }
    if !complete && (done == 0 || failed && !would_block) {
        return ptr::null_mut();
    }
    // SAFETY: `done` is at most `size - 1`.
    unsafe { *into.add(done) = 0 };
    into
}

/// Reads a line from `stdin` without its newline, however long. Kept for old programs; no header declares it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gets(into: *mut c_char) -> *mut c_char {
    // SAFETY: by the caller's contract.
    unsafe {
        with(standard::input(), |s| {
            let mut at = into;
            loop {
                match s.get() {
                    EOF if at == into || s.has(super::file::flag::ERR) => return ptr::null_mut(),
                    EOF => break,
                    byte if byte == c_int::from(b'\n') => break,
                    byte => {
                        *at = byte as c_char;
                        at = at.add(1);
                    }
                }
            }
            *at = 0;
            into
        })
    }
}

/// Reads items of a size; gives how many whole ones arrived.
///
/// # Errors
/// Fewer than `count`: the end of the file, or a failure as [`fgetc`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fread(into: *mut c_void, size: usize, count: usize, stream: *mut Stream) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| read_items(s, into, size, count)) }
}

/// [`fread`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fread_unlocked(
    into: *mut c_void,
    size: usize,
    count: usize,
    stream: *mut Stream,
) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { read_items(&mut *stream, into, size, count) }
}

/// # Safety
/// `into` has room for the items.
unsafe fn read_items(stream: &mut Stream, into: *mut c_void, size: usize, count: usize) -> usize {
    let length = size.wrapping_mul(count);
    if length == 0 {
        return 0;
    }
    // SAFETY: by the caller's contract.
    let done = unsafe { stream.read(into.cast(), length) };
    if done == length { count } else { done / size }
}

/// Reads an `int` as it lies in memory, or [`EOF`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getw(stream: *mut Stream) -> c_int {
    let mut bytes = [0; 4];
    // SAFETY: by the caller's contract, and the array has room.
    let done = unsafe { with(stream, |s| s.read(bytes.as_mut_ptr(), bytes.len())) };
    if done == bytes.len() { c_int::from_ne_bytes(bytes) } else { EOF }
}
