//! Checked forms of stdio's input.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

use crate::stdio::file::Stream;
use crate::stdio::input::{fgets_unlocked, fread, fread_unlocked};
use crate::stdio::lock::with;
use crate::stdio::standard;
use crate::stdio::write::EOF;
use crate::string::fortify::__chk_fail;

/// Reads a line into `room` bytes; ends the program if the line has more than fits and `size` would have let it.
unsafe fn line(stream: *mut Stream, into: *mut c_char, room: usize, size: c_int) -> *mut c_char {
    let within = room.min(size.max(0) as usize);
    if within == 0 && size > 0 {
        __chk_fail();
    }
    // SAFETY: by the callers' contracts; `within` bytes are there.
    unsafe {
        let read = fgets_unlocked(into, within as c_int, stream);
        if !read.is_null() && within < size as usize {
            let text = CStr::from_ptr(read).to_bytes();
            let cut = text.len() == within - 1 && text.last() != Some(&b'\n');
            if cut && (*stream).peek() != EOF {
                __chk_fail();
            }
        }
        read
    }
}

/// `fgets` into a buffer of `room` bytes.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fgets_chk(
    into: *mut c_char,
    room: usize,
    size: c_int,
    stream: *mut Stream,
) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { with(stream, |s| line(s, into, room, size)) }
}

/// `fgets_unlocked` into a buffer of `room` bytes.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fgets_unlocked_chk(
    into: *mut c_char,
    room: usize,
    size: c_int,
    stream: *mut Stream,
) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { line(stream, into, room, size) }
}

/// `gets` into a buffer of `room` bytes.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __gets_chk(into: *mut c_char, room: usize) -> *mut c_char {
    // SAFETY: the same contract; a line that was read ends with a newline, or at the end of the file.
    unsafe {
        let read = with(standard::input(), |s| line(s, into, room, c_int::MAX));
        if !read.is_null() {
            let length = CStr::from_ptr(read).count_bytes();
            if let Some(last) = length.checked_sub(1)
                && *read.add(last) == b'\n' as c_char
            {
                ptr::write(read.add(last), 0);
            }
        }
        read
    }
}

/// Ends the program if the items do not fit.
fn items(size: usize, count: usize, room: usize) {
    if size.checked_mul(count).is_none_or(|length| length > room) {
        __chk_fail();
    }
}

/// `fread` into a buffer of `room` bytes.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fread_chk(
    into: *mut c_void,
    room: usize,
    size: usize,
    count: usize,
    stream: *mut Stream,
) -> usize {
    items(size, count, room);
    // SAFETY: the same contract.
    unsafe { fread(into, size, count, stream) }
}

/// `fread_unlocked` into a buffer of `room` bytes.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fread_unlocked_chk(
    into: *mut c_void,
    room: usize,
    size: usize,
    count: usize,
    stream: *mut Stream,
) -> usize {
    items(size, count, room);
    // SAFETY: the same contract.
    unsafe { fread_unlocked(into, size, count, stream) }
}
