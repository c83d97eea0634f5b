//! `fopencookie(3)`: a stream on functions of the program's.

use core::ffi::{CStr, c_char, c_int, c_void};

use tidal_rt::Errno;

use super::file::{BUFFER, Ops, Stream};
use super::open::{create, parse_mode};
use crate::errno::or_errno;

/// `cookie_io_functions_t`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Functions {
    read: Option<unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> isize>,
    write: Option<unsafe extern "C" fn(*mut c_void, *const u8, usize) -> isize>,
    seek: Option<unsafe extern "C" fn(*mut c_void, *mut i64, c_int) -> c_int>,
    close: Option<unsafe extern "C" fn(*mut c_void) -> c_int>,
}

const _: () = assert!(size_of::<Functions>() == 32);

struct State {
    cookie: *mut c_void,
    functions: Functions,
}

static COOKIE: Ops = Ops { read, write, seek, close };

fn state(stream: &Stream) -> &State {
    // SAFETY: `fopencookie` put it there, aligned, and it is the stream's own.
    unsafe { &*stream.cookie.cast() }
}

/// The failure that a function of the program's has left in `errno`.
fn failure() -> Errno {
    Errno(tidal_rt::errno::get())
}

unsafe fn read(stream: &mut Stream, into: *mut u8, length: usize) -> Result<usize, Errno> {
    let state = state(stream);
    let Some(read) = state.functions.read else { return Ok(0) };
    // SAFETY: the program's function with the program's cookie.
    usize::try_from(unsafe { read(state.cookie, into, length) }).map_err(|_| failure())
}

unsafe fn write(stream: &mut Stream, from: *const u8, length: usize) -> Result<usize, Errno> {
    let state = state(stream);
    let Some(write) = state.functions.write else { return Ok(length) };
    // SAFETY: the program's function with the program's cookie. It says 0 for a failure, and old ones a negative number.
    match usize::try_from(unsafe { write(state.cookie, from, length) }) {
        Ok(n @ 1..) => Ok(n.min(length)),
        _ => Err(failure()),
    }
}

fn seek(stream: &mut Stream, offset: i64, whence: c_int) -> Result<i64, Errno> {
    let state = state(stream);
    let seek = state.functions.seek.ok_or(Errno::ESPIPE)?;
    let mut at = offset;
    // SAFETY: the program's function with the program's cookie.
    match unsafe { seek(state.cookie, &raw mut at, whence) } {
        0 => Ok(at),
        _ => Err(failure()),
    }
}

fn close(stream: &mut Stream) -> Result<(), Errno> {
    let state = state(stream);
    let Some(close) = state.functions.close else { return Ok(()) };
    // SAFETY: the program's function with the program's cookie.
    match unsafe { close(state.cookie) } {
        0 => Ok(()),
        _ => Err(failure()),
    }
}

/// Opens a stream whose reads, writes, seeks and close are the program's functions.
///
/// # Errors
/// Null: `EINVAL` (mode), `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fopencookie(
    cookie: *mut c_void,
    mode: *const c_char,
    functions: Functions,
) -> *mut Stream {
    // SAFETY: by the function's contract.
    or_errno(parse_mode(unsafe { CStr::from_ptr(mode) }).and_then(|mode| {
        let stream = create(-1, mode.stream, &COOKIE, BUFFER, size_of::<State>())?;
        // SAFETY: a fresh stream, with room for the state behind its buffer.
        unsafe { (*stream).cookie.cast::<State>().write(State { cookie, functions }) };
        Ok(stream)
    }))
}
