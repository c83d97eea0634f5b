//! `fmemopen(3)`: a stream on memory of a fixed size.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;

use linux_raw_sys::general as linux;
use tidal_rt::Errno;

use super::file::{BUFFER, Ops, Stream, flag};
use super::open::{create, parse_mode};
use crate::errno::or_errno;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
    fn strnlen(s: *const u8, most: usize) -> usize;
}

/// The memory and where the stream is in it.
struct Memory {
    start: *mut u8,
    size: usize,
    /// What the file's end is: bytes that were there or have been written.
    end: usize,
    at: usize,
    append: bool,
    owned: bool,
}

static MEMORY: Ops = Ops { read, write, seek, close };

fn state(stream: &mut Stream) -> &mut Memory {
    // SAFETY: `fmemopen` put it there, aligned, and it is the stream's own.
    unsafe { &mut *stream.cookie.cast() }
}

unsafe fn read(stream: &mut Stream, into: *mut u8, length: usize) -> Result<usize, Errno> {
    let memory = state(stream);
    let n = length.min(memory.end.saturating_sub(memory.at));
    // SAFETY: both have that many bytes.
    unsafe { ptr::copy_nonoverlapping(memory.start.wrapping_add(memory.at), into, n) };
    memory.at += n;
    Ok(n)
}

/// A NUL follows what was written where there is room for it, and takes the last byte's place in a stream that does not
/// append; so the last byte is not for text.
unsafe fn write(stream: &mut Stream, from: *const u8, length: usize) -> Result<usize, Errno> {
    let memory = state(stream);
    if memory.append {
        memory.at = memory.end;
    }
    // SAFETY: there is at least one byte.
    let nul = length == 0 || unsafe { *from.add(length - 1) } != 0;
    let mut n = length;
    if memory.at + n > memory.size {
        if memory.at + usize::from(nul) >= memory.size {
            return Err(Errno::ENOSPC);
        }
        n = memory.size - memory.at;
    }
    // SAFETY: both have that many bytes.
    unsafe { ptr::copy_nonoverlapping(from, memory.start.add(memory.at), n) };
    memory.at += n;
    if memory.at > memory.end {
        memory.end = memory.at;
        if nul && memory.end < memory.size {
            // SAFETY: within the memory.
            unsafe { *memory.start.add(memory.end) = 0 };
        } else if nul && !memory.append {
            // SAFETY: the memory has a last byte, for something was written.
            unsafe { *memory.start.add(memory.size - 1) = 0 };
        }
    }
    Ok(n)
}

fn seek(stream: &mut Stream, offset: i64, whence: c_int) -> Result<i64, Errno> {
    let memory = state(stream);
    let base = match whence as u32 {
        linux::SEEK_SET => 0,
        linux::SEEK_CUR => memory.at,
        _ => memory.end,
    };
    let at = (base as i64).checked_add(offset).filter(|&at| at >= 0 && at as usize <= memory.size);
    memory.at = at.ok_or(Errno::EINVAL)? as usize;
    Ok(memory.at as i64)
}

fn close(stream: &mut Stream) -> Result<(), Errno> {
    let memory = state(stream);
    if memory.owned {
        // SAFETY: from malloc, and the stream's own.
        unsafe { free(memory.start.cast()) };
    }
    Ok(())
}

/// Opens memory as a stream; null memory means `size` bytes of the stream's own.
///
/// # Errors
/// Null: `EINVAL` (mode), `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fmemopen(memory: *mut c_void, size: usize, mode: *const c_char) -> *mut Stream {
    // SAFETY: by the function's contract.
    or_errno(unsafe { open(memory.cast(), size, CStr::from_ptr(mode)) })
}

unsafe fn open(memory: *mut u8, size: usize, mode: &CStr) -> Result<*mut Stream, Errno> {
    let flags = parse_mode(mode)?.stream;
    let letter = mode.to_bytes().first().copied();
    let stream = create(-1, flags & !flag::APPENDING, &MEMORY, BUFFER, size_of::<Memory>())?;
    let owned = memory.is_null();
    // SAFETY: malloc has no precondition; the stream is fresh.
    let start = if owned { unsafe { malloc(size.max(1)) }.cast() } else { memory };
    if start.is_null() {
        // SAFETY: just created, known to nobody.
        unsafe { free(stream.cast()) };
        return Err(Errno::ENOMEM);
    }
    let append = letter == Some(b'a');
    // SAFETY: `size` bytes, by contract or just allocated; room for the state lies behind the stream's buffer.
    unsafe {
        if size > 0 && (owned || letter == Some(b'w')) {
            *start = 0;
        }
        let end = match letter {
            Some(b'r') => size,
            Some(b'a') => strnlen(start, size),
            _ => 0,
        };
        let at = if append { end } else { 0 };
        (*stream).cookie.cast::<Memory>().write(Memory { start, size, end, at, append, owned });
    }
    Ok(stream)
}
