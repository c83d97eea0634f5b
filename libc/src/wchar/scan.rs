//! `wscanf`, `fwscanf`, `swscanf` and their `v` forms: the scanf engine over format and input as UTF-8, counting
//! characters.

use core::ffi::{c_int, c_void};
use core::ptr;

use super::Wide;
use super::format::as_utf8;
use crate::macros::aliases;
use crate::stdio::file::Stream;
use crate::stdio::lock::with;
use crate::stdio::scanf::engine;
use crate::stdio::scanf::entry::{peek_stream, take_stream};
use crate::stdio::scanf::source::Source;
use crate::stdio::standard;
use crate::stdio::write::EOF;
use crate::variadic;
use crate::variadic::VaList;

/// A wide string, one character of it as UTF-8.
struct Text {
    at: *const Wide,
    bytes: [u8; 4],
    next: usize,
    length: usize,
}

unsafe fn peek(target: *mut c_void) -> c_int {
    // SAFETY: a `Text`, not past its NUL.
    let (text, c) = unsafe {
        let text = &mut *target.cast::<Text>();
        let c = *text.at;
        (text, c)
    };
    if text.next == text.length {
        let Some(c) = char::from_u32(c).filter(|&c| c != '\0') else { return EOF };
        text.length = c.encode_utf8(&mut text.bytes).len();
        text.next = 0;
    }
    c_int::from(text.bytes[text.next])
}

unsafe fn take(target: *mut c_void) {
    // SAFETY: a `Text` that `peek` has looked at.
    let text = unsafe { &mut *target.cast::<Text>() };
    text.next += 1;
    if text.next == text.length {
        text.at = text.at.wrapping_add(1);
        (text.next, text.length) = (0, 0);
    }
}

/// Scans a stream.
///
/// # Errors
/// As `vfscanf`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vfwscanf(stream: *mut Stream, format: *const Wide, list: *mut VaList) -> c_int {
    // SAFETY: an open stream, a wide string, and a list that holds what it says.
    let result = unsafe {
        as_utf8(format, |format| {
            with(stream, |s| {
                if s.file.mode == 0 {
                    s.file.mode = 1;
                }
                let mut source = Source::new(peek_stream, take_stream, ptr::from_mut(s).cast(), true);
                engine::scan(&mut source, format, list)
            })
        })
    };
    crate::errno::or_errno(result)
}

/// [`vfwscanf`] of `stdin`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vwscanf(format: *const Wide, list: *mut VaList) -> c_int {
    // SAFETY: the same contract.
    unsafe { vfwscanf(standard::input(), format, list) }
}

/// Scans a wide string.
///
/// # Errors
/// As `vsscanf`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vswscanf(string: *const Wide, format: *const Wide, list: *mut VaList) -> c_int {
    let mut text = Text { at: string, bytes: [0; 4], next: 0, length: 0 };
    // SAFETY: wide strings, and a list that holds what the format says.
    let result = unsafe {
        as_utf8(format, |format| {
            let mut source = Source::new(peek, take, ptr::from_mut(&mut text).cast(), true);
            engine::scan(&mut source, format, list)
        })
    };
    crate::errno::or_errno(result)
}

aliases! {
    fn __isoc99_vfwscanf(stream: *mut Stream, format: *const Wide, list: *mut VaList) -> c_int = vfwscanf;
    fn __isoc99_vwscanf(format: *const Wide, list: *mut VaList) -> c_int = vwscanf;
    fn __isoc99_vswscanf(string: *const Wide, format: *const Wide, list: *mut VaList) -> c_int = vswscanf;
}

variadic! {
    /// [`vwscanf`] of its arguments.
    pub fn wscanf(format: *const Wide, ...) -> c_int => vwscanf;
    /// [`vfwscanf`] of its arguments.
    pub fn fwscanf(stream: *mut Stream, format: *const Wide, ...) -> c_int => vfwscanf;
    /// [`vswscanf`] of its arguments.
    pub fn swscanf(string: *const Wide, format: *const Wide, ...) -> c_int => vswscanf;
    /// The same function as [`wscanf`].
    pub fn __isoc99_wscanf(format: *const Wide, ...) -> c_int => vwscanf;
    /// The same function as [`fwscanf`].
    pub fn __isoc99_fwscanf(stream: *mut Stream, format: *const Wide, ...) -> c_int => vfwscanf;
    /// The same function as [`swscanf`].
    pub fn __isoc99_swscanf(string: *const Wide, format: *const Wide, ...) -> c_int => vswscanf;
}
