//! `scanf`, `fscanf`, `sscanf`, their `v` forms, and the names that headers give them since C99.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use super::engine;
use super::source::Source;
use crate::stdio::file::Stream;
use crate::stdio::lock::with;
use crate::stdio::standard;
use crate::stdio::write::EOF;
use crate::variadic;
use crate::variadic::VaList;

/// The next byte of a stream, which stays.
///
/// # Safety
/// `target` is a stream that nobody else uses.
pub unsafe fn peek_stream(target: *mut c_void) -> c_int {
    // SAFETY: a stream that nobody else uses.
    unsafe { (*target.cast::<Stream>()).peek() }
}

/// Takes the byte that [`peek_stream`] showed.
///
/// # Safety
/// As for [`peek_stream`].
pub unsafe fn take_stream(target: *mut c_void) {
    // SAFETY: a stream that nobody else uses.
    unsafe { (*target.cast::<Stream>()).consume(1) }
}

unsafe fn peek_string(target: *mut c_void) -> c_int {
    // SAFETY: a pointer into a C string, not past its NUL.
    match unsafe { **target.cast::<*const u8>() } {
        0 => EOF,
        byte => c_int::from(byte),
    }
}

unsafe fn take_string(target: *mut c_void) {
    // SAFETY: a pointer into a C string, before its NUL.
    unsafe { *target.cast::<*const u8>() = (*target.cast::<*const u8>()).add(1) }
}

/// Scans a stream.
///
/// # Errors
/// `EOF`: the input ended, or a read failed, before the first conversion; `ENOMEM`, `EILSEQ`. `ERANGE` is set for a
/// number out of range, which is stored as the nearest limit.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vfscanf(stream: *mut Stream, format: *const c_char, list: *mut VaList) -> c_int {
    // SAFETY: the stream is open, and outlives the source; the rest is the program's.
    unsafe {
        with(stream, |s| {
            let mut source = Source::new(peek_stream, take_stream, ptr::from_mut(s).cast(), false);
            engine::scan(&mut source, format.cast(), list)
        })
    }
}

/// [`vfscanf`] of `stdin`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vscanf(format: *const c_char, list: *mut VaList) -> c_int {
    // SAFETY: as for `vfscanf`.
    unsafe { vfscanf(standard::input(), format, list) }
}

/// Scans a string; looks at no more of it than it needs.
///
/// # Errors
/// As [`vfscanf`].
///
/// Signal-safe: without `m` and numbers of more than a hundred digits. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vsscanf(string: *const c_char, format: *const c_char, list: *mut VaList) -> c_int {
    let mut at = string;
    // SAFETY: the pointer outlives the source; the rest is the program's.
    unsafe {
        let mut source = Source::new(peek_string, take_string, ptr::from_mut(&mut at).cast(), false);
        engine::scan(&mut source, format.cast(), list)
    }
}

macro_rules! same {
    ($($alias:ident($($arg:ident: $type:ty),*) = $name:ident;)*) => { $(
        #[doc = concat!("The same function as [`", stringify!($name), "`].")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $alias($($arg: $type),*) -> c_int {
            // SAFETY: the same function.
            unsafe { $name($($arg),*) }
        }
    )* };
}

same! {
    __isoc99_vfscanf(stream: *mut Stream, format: *const c_char, list: *mut VaList) = vfscanf;
    __isoc99_vscanf(format: *const c_char, list: *mut VaList) = vscanf;
    __isoc99_vsscanf(string: *const c_char, format: *const c_char, list: *mut VaList) = vsscanf;
}

variadic! {
    /// [`vscanf`] of its arguments.
    pub fn scanf(format: *const c_char, ...) -> c_int => vscanf;
    /// [`vfscanf`] of its arguments.
    pub fn fscanf(stream: *mut Stream, format: *const c_char, ...) -> c_int => vfscanf;
    /// [`vsscanf`] of its arguments.
    pub fn sscanf(string: *const c_char, format: *const c_char, ...) -> c_int => vsscanf;
    /// The same function as [`scanf`].
    pub fn __isoc99_scanf(format: *const c_char, ...) -> c_int => vscanf;
    /// The same function as [`fscanf`].
    pub fn __isoc99_fscanf(stream: *mut Stream, format: *const c_char, ...) -> c_int => vfscanf;
    /// The same function as [`sscanf`].
    pub fn __isoc99_sscanf(string: *const c_char, format: *const c_char, ...) -> c_int => vsscanf;
}
