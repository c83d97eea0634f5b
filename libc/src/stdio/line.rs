//! `getdelim(3)` and `getline(3)`: lines of any length into memory that grows.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use tidal_rt::Errno;

use super::file::{Stream, flag};
use super::input::up_to;
use super::lock::with;
use super::write::EOF;

unsafe extern "C" {
    fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
}

/// Size of the first allocation, in bytes; POSIX leaves it open.
const FIRST: usize = 120;

/// A caller's `char **` and `size_t *`.
struct Growing {
    line: *mut *mut c_char,
    size: *mut usize,
}

impl Growing {
    /// Makes room for `length` bytes and gives the memory.
    ///
    /// # Safety
    /// The caller's pointers are as `getline` asks.
    unsafe fn reserve(&self, length: usize) -> Result<*mut u8, Errno> {
        // SAFETY: by the caller's contract.
        unsafe {
            if !(*self.line).is_null() && *self.size >= length {
                return Ok((*self.line).cast());
            }
            let size = length.max(FIRST).max(self.size.read().saturating_mul(2).min(length * 2));
            let grown = realloc((*self.line).cast(), size).cast::<u8>();
            if grown.is_null() {
                return Err(Errno::ENOMEM);
            }
            *self.line = grown.cast();
            *self.size = size;
            Ok(grown)
        }
    }
}

/// Reads up to and with a delimiter; gives the length without the NUL.
///
/// # Errors
/// -1: the end of the file with nothing read; `EINVAL` (a null pointer), `ENOMEM`, `EOVERFLOW`, as `fgetc`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getdelim(
    line: *mut *mut c_char,
    size: *mut usize,
    delimiter: c_int,
    stream: *mut Stream,
) -> isize {
    if line.is_null() || size.is_null() {
        Errno::EINVAL.set();
        return -1;
    }
    // SAFETY: by the caller's contract.
    unsafe {
        if (*line).is_null() {
            *size = 0;
        }
        let into = Growing { line, size };
        with(stream, |s| collect(s, &into, delimiter as u8)).unwrap_or_else(|e| {
            e.set();
            -1
        })
    }
}

/// # Safety
/// As for [`getdelim`].
unsafe fn collect(stream: &mut Stream, into: &Growing, delimiter: u8) -> Result<isize, Errno> {
    let mut done = 0;
    let failed_before = stream.file.flags & flag::ERR;
    stream.file.flags &= !flag::ERR;
    loop {
        if stream.peek() == EOF {
            break;
        }
        let (n, found) = up_to(stream.readable(), delimiter);
        if done + n >= isize::MAX as usize {
            return Err(Errno::EOVERFLOW);
        }
        // SAFETY: room for `done + n` bytes and the NUL is reserved first.
        unsafe {
            let memory = into.reserve(done + n + 1)?;
            ptr::copy_nonoverlapping(stream.readable().as_ptr(), memory.add(done), n);
            *memory.add(done + n) = 0;
        }
        stream.consume(n);
        done += n;
        if found {
            break;
        }
    }
    let failed = stream.has(flag::ERR);
    stream.file.flags |= failed_before;
    if done == 0 || (failed && tidal_rt::errno::get() != Errno::EAGAIN.0) {
        return Ok(-1);
    }
    Ok(done as isize)
}

/// glibc's name of [`getdelim`], which its header's inline `getline` calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __getdelim(
    line: *mut *mut c_char,
    size: *mut usize,
    delimiter: c_int,
    stream: *mut Stream,
) -> isize {
    // SAFETY: by the caller's contract.
    unsafe { getdelim(line, size, delimiter, stream) }
}

/// [`getdelim`] with a newline.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getline(line: *mut *mut c_char, size: *mut usize, stream: *mut Stream) -> isize {
    // SAFETY: by the caller's contract.
    unsafe { getdelim(line, size, c_int::from(b'\n'), stream) }
}
