//! `open_memstream(3)` and `open_wmemstream(3)`: output into memory that grows.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use linux_raw_sys::general as linux;
use tidal_rt::Errno;

use super::file::{BUFFER, Ops, Stream, flag};
use super::open::create;
use crate::errno::or_errno;
use crate::wchar::Wide;
use crate::wchar::charset::Charset;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

/// The text, and where the program wants to find it.
struct Growing {
    place: *mut *mut u8,
    size: *mut usize,
    memory: *mut u8,
    capacity: usize,
    length: usize,
    at: usize,
    /// Bytes of a character.
    unit: usize,
}

impl Growing {
    /// Tells the program what there is: the text, and its length up to the position.
    fn publish(&self) {
        // SAFETY: the program keeps both places until it closes the stream.
        unsafe {
            *self.place = self.memory;
            *self.size = self.at.min(self.length) / self.unit;
        }
    }

    /// Makes room for `length` bytes and a NUL.
    fn reserve(&mut self, length: usize) -> Result<(), Errno> {
        let least = length.checked_add(self.unit).ok_or(Errno::ENOMEM)?;
        if least > self.capacity {
            let capacity = least.max(2 * self.capacity);
            // SAFETY: our own memory.
            let memory = unsafe { realloc(self.memory.cast(), capacity) }.cast::<u8>();
            if memory.is_null() {
                return Err(Errno::ENOMEM);
            }
            (self.memory, self.capacity) = (memory, capacity);
        }
        Ok(())
    }
}

static GROWING: Ops = Ops { read, write, seek, close };

fn state(stream: &mut Stream) -> &mut Growing {
    // SAFETY: `open_memstream` put it there, aligned, and it is the stream's own.
    unsafe { &mut *stream.cookie.cast() }
}

unsafe fn read(_: &mut Stream, _: *mut u8, _: usize) -> Result<usize, Errno> {
    Err(Errno::EBADF)
}

unsafe fn write(stream: &mut Stream, from: *const u8, length: usize) -> Result<usize, Errno> {
    let text = state(stream);
    let end = text.at.checked_add(length).ok_or(Errno::ENOMEM)?;
    text.reserve(end)?;
    // SAFETY: there is room for `end` bytes and a NUL; what a seek left out becomes zeros.
    unsafe {
        if text.at > text.length {
            ptr::write_bytes(text.memory.add(text.length), 0, text.at - text.length);
        }
        ptr::copy_nonoverlapping(from, text.memory.add(text.at), length);
        if end > text.length {
            text.length = end;
            ptr::write_bytes(text.memory.add(end), 0, text.unit);
        }
    }
    text.at = end;
    text.publish();
    Ok(length)
}

fn seek(stream: &mut Stream, offset: i64, whence: c_int) -> Result<i64, Errno> {
    let text = state(stream);
    let base = match whence as u32 {
        linux::SEEK_SET => 0,
        linux::SEEK_CUR => text.at,
        _ => text.length,
    };
    let at = (base as i64).checked_add(offset).filter(|&at| at >= 0).ok_or(Errno::EINVAL)?;
    text.at = at as usize;
    text.publish();
    Ok(at)
}

fn close(stream: &mut Stream) -> Result<(), Errno> {
    state(stream).publish();
    Ok(())
}

/// Opens a stream into memory from `malloc`. `*place` and `*size` say where it is and how long after each flush and
/// after the close; then the memory is the program's.
///
/// # Errors
/// Null: `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open_memstream(place: *mut *mut c_char, size: *mut usize) -> *mut Stream {
    or_errno(open(place.cast(), size, 1))
}

/// As [`open_memstream`], of wide characters; sizes are in characters.
///
/// # Errors
/// Null: `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open_wmemstream(place: *mut *mut Wide, size: *mut usize) -> *mut Stream {
    or_errno(open(place.cast(), size, size_of::<Wide>()).inspect(|&stream| {
        // SAFETY: just made.
        unsafe { (*stream).set_charset(Charset::Ucs4Le) };
    }))
}

/// Size of the first allocation, in bytes.
const FIRST: usize = 64;

fn open(place: *mut *mut u8, size: *mut usize, unit: usize) -> Result<*mut Stream, Errno> {
    let flags = flag::NO_READS | flag::BUFFERING_SET;
    let stream = create(-1, flags, &GROWING, BUFFER, size_of::<Growing>())?;
    // SAFETY: malloc has no precondition; the stream is fresh, and room for the state lies behind its buffer.
    unsafe {
        let memory = malloc(FIRST).cast::<u8>();
        if memory.is_null() {
            free(stream.cast());
            return Err(Errno::ENOMEM);
        }
        ptr::write_bytes(memory, 0, unit);
        let text = Growing { place, size, memory, capacity: FIRST, length: 0, at: 0, unit };
        text.publish();
        (*stream).cookie.cast::<Growing>().write(text);
    }
    Ok(stream)
}
