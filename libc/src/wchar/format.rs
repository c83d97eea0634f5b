//! `wprintf`, `fwprintf`, `swprintf` and their `v` forms: the printf engine over the format as UTF-8, with output that
//! counts characters.

use core::ffi::{c_int, c_void};
use core::ptr;

use tidal_rt::Errno;

use super::Wide;
use super::charset::Charset;
use super::stream::WEOF;
use crate::heap;
use crate::locale::is_utf8;
use crate::stdio::file::Stream;
use crate::stdio::lock::with;
use crate::stdio::multibyte::string_to_wide;
use crate::stdio::printf::engine;
use crate::stdio::printf::sink::Sink;
use crate::stdio::printf::stream::print_to;
use crate::stdio::standard;
use crate::variadic;
use crate::variadic::VaList;

/// Bytes of a format that need no allocation.
const SHORT: usize = 512;

/// Runs `f` on a wide format as UTF-8, ended by a NUL.
///
/// # Errors
/// `EILSEQ`: no character. `ENOMEM`.
///
/// # Safety
/// `format` is a wide string.
pub(super) unsafe fn as_utf8<R>(format: *const Wide, f: impl FnOnce(*const u8) -> R) -> Result<R, Errno> {
    let mut short = [0; SHORT];
    // SAFETY: by the caller's contract.
    let needed = 4 * unsafe { super::strings::wcslen(format) } + 1;
    if needed <= SHORT {
        // SAFETY: large enough.
        unsafe { encode(format, short.as_mut_ptr()) }?;
        return Ok(f(short.as_ptr()));
    }
    let memory = heap::allocate(needed).ok_or(Errno::ENOMEM)?.as_ptr().cast::<u8>();
    // SAFETY: large enough, and released when `f` is done with it.
    unsafe {
        let result = encode(format, memory).map(|()| f(memory));
        heap::release(memory);
        result
    }
}

/// # Safety
/// `into` has room for four bytes a character and a NUL.
unsafe fn encode(format: *const Wide, into: *mut u8) -> Result<(), Errno> {
    let (mut from, mut to) = (format, into);
    // SAFETY: by the caller's contract, up to the NUL.
    unsafe {
        while *from != 0 {
            let c = char::from_u32(*from).ok_or(Errno::EILSEQ)?;
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).as_bytes();
            ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            to = to.add(bytes.len());
            from = from.add(1);
        }
        *to = 0;
    }
    Ok(())
}

/// Puts UTF-8 to a stream in the stream's charset.
unsafe fn put_stream(target: *mut c_void, bytes: &[u8]) -> bool {
    // SAFETY: a stream that nobody else uses.
    let stream = unsafe { &mut *target.cast::<Stream>() };
    if stream.charset() == Charset::Locale && is_utf8() {
        return stream.write(bytes) == bytes.len();
    }
    // Every piece that the engine puts is whole characters.
    let text = core::str::from_utf8(bytes).unwrap_or_default();
    text.chars().all(|c| stream.put_wide(c.into()) != WEOF)
}

fn or_minus_one(result: Result<c_int, Errno>) -> c_int {
    crate::errno::or_errno(result)
}

/// Prints to a stream.
///
/// # Errors
/// -1: as `vfprintf`, and `EILSEQ` for what is no character of the locale's.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vfwprintf(stream: *mut Stream, format: *const Wide, list: *mut VaList) -> c_int {
    // SAFETY: an open stream, a wide string, and a list that holds what it says.
    unsafe {
        or_minus_one(as_utf8(format, |format| {
            with(stream, |s| {
                if s.file.mode == 0 {
                    s.file.mode = 1;
                }
                print_to(s, put_stream, Some(string_to_wide), format.cast(), list)
            })
        }))
    }
}

/// [`vfwprintf`] to `stdout`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vwprintf(format: *const Wide, list: *mut VaList) -> c_int {
    // SAFETY: the same contract.
    unsafe { vfwprintf(standard::output(), format, list) }
}

/// Memory for wide characters.
struct Room {
    at: *mut Wide,
    left: usize,
}

unsafe fn put_memory(target: *mut c_void, bytes: &[u8]) -> bool {
    // SAFETY: a `Room`.
    let room = unsafe { &mut *target.cast::<Room>() };
    // Every piece that the engine puts is whole characters.
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    for c in text.chars() {
        if room.left == 0 {
            Errno::EOVERFLOW.set();
            return false;
        }
        // SAFETY: there is room.
        unsafe { *room.at = c.into() };
        room.at = room.at.wrapping_add(1);
        room.left -= 1;
    }
    true
}

/// Prints to memory, at most `size` characters with the NUL.
///
/// # Errors
/// -1: as [`vfwprintf`]; `EOVERFLOW`: not all of it fits.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vswprintf(
    into: *mut Wide,
    size: usize,
    format: *const Wide,
    list: *mut VaList,
) -> c_int {
    let Some(left) = size.checked_sub(1) else { return -1 };
    let mut room = Room { at: into, left };
    // SAFETY: room for `size` characters, a wide string, and a list that holds what it says.
    unsafe {
        or_minus_one(as_utf8(format, |format| {
            let mut sink = Sink::new(put_memory, ptr::from_mut(&mut room).cast(), Some(string_to_wide));
            let result = engine::format(&mut sink, format, list);
            *room.at = 0;
            result
        }))
    }
}

variadic! {
    /// [`vwprintf`] of its arguments.
    pub fn wprintf(format: *const Wide, ...) -> c_int => vwprintf;
    /// [`vfwprintf`] of its arguments.
    pub fn fwprintf(stream: *mut Stream, format: *const Wide, ...) -> c_int => vfwprintf;
    /// [`vswprintf`] of its arguments.
    pub fn swprintf(into: *mut Wide, size: usize, format: *const Wide, ...) -> c_int => vswprintf;
}
