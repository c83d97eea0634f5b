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
use crate::stdio::scanf::source::Source;
use crate::stdio::standard;
use crate::stdio::write::EOF;
use crate::variadic;
use crate::variadic::VaList;

/// Wide characters from somewhere, one of them held as UTF-8.
struct Text<N> {
    /// Gives the next character, 0 at the end.
    next: N,
    bytes: [u8; 4],
    at: usize,
    length: usize,
}

impl<N: FnMut() -> Wide> Text<N> {
    fn new(next: N) -> Self {
        Text { next, bytes: [0; 4], at: 0, length: 0 }
    }

    /// The character that was looked at and not taken, if there is one.
    fn held(&self) -> Option<Wide> {
        let bytes = self.bytes.get(..self.length).filter(|_| self.at < self.length)?;
        core::str::from_utf8(bytes).ok()?.chars().next().map(Wide::from)
    }

    /// The source that reads it.
    fn source(&mut self) -> Source {
        // SAFETY: the callers keep the text as long as the source.
        unsafe { Source::new(Self::peek, Self::take, ptr::from_mut(self).cast(), true) }
    }

    unsafe fn peek(target: *mut c_void) -> c_int {
        // SAFETY: `source` gives a `Text`.
        let text = unsafe { &mut *target.cast::<Self>() };
        if text.at == text.length {
            let Some(c) = char::from_u32((text.next)()).filter(|&c| c != '\0') else { return EOF };
            text.length = c.encode_utf8(&mut text.bytes).len();
            text.at = 0;
        }
        c_int::from(text.bytes[text.at])
    }

    unsafe fn take(target: *mut c_void) {
        // SAFETY: `source` gives a `Text`.
        unsafe { (*target.cast::<Self>()).at += 1 };
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
                let mut text = Text::new(|| s.get_wide());
                let stored = engine::scan(&mut text.source(), format, list);
                if let Some(c) = text.held() {
                    s.unget_wide(c);
                }
                stored
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
    let mut at = string;
    let mut text = Text::new(|| {
        // SAFETY: within a wide string: past its NUL nothing is asked for.
        let c = unsafe { *at };
        at = if c == 0 { at } else { at.wrapping_add(1) };
        c
    });
    // SAFETY: wide strings, and a list that holds what the format says.
    let result = unsafe { as_utf8(format, |format| engine::scan(&mut text.source(), format, list)) };
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
