//! Checked forms of the printf family. `flag` is positive from `_FORTIFY_SOURCE=2` on.

use core::ffi::{c_char, c_int};

use super::{fits, percent_n};
use crate::stdio::file::Stream;
use crate::stdio::printf::allocated::vasprintf;
use crate::stdio::printf::memory::vsnprintf;
use crate::stdio::printf::stream::{vdprintf, vfprintf};
use crate::stdio::standard;
use crate::string::fortify::__chk_fail;
use crate::variadic;
use crate::variadic::VaList;

/// `vfprintf` with checks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vfprintf_chk(
    stream: *mut Stream,
    flag: c_int,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    percent_n::check(flag, format);
    // SAFETY: the same contract.
    unsafe { vfprintf(stream, format, list) }
}

/// `vprintf` with checks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vprintf_chk(flag: c_int, format: *const c_char, list: *mut VaList) -> c_int {
    // SAFETY: the same contract.
    unsafe { __vfprintf_chk(standard::output(), flag, format, list) }
}

/// `vdprintf` with checks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vdprintf_chk(
    fileno: c_int,
    flag: c_int,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    percent_n::check(flag, format);
    // SAFETY: the same contract.
    unsafe { vdprintf(fileno, format, list) }
}

/// `vasprintf` with checks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vasprintf_chk(
    into: *mut *mut c_char,
    flag: c_int,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    percent_n::check(flag, format);
    // SAFETY: the same contract.
    unsafe { vasprintf(into, format, list) }
}

/// `vsnprintf` into a buffer of `room` bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vsnprintf_chk(
    into: *mut c_char,
    size: usize,
    flag: c_int,
    room: usize,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    fits(size, room);
    percent_n::check(flag, format);
    // SAFETY: the same contract.
    unsafe { vsnprintf(into, size, format, list) }
}

/// `vsprintf` into a buffer of `room` bytes: what does not fit ends the program, with nothing written past it.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vsprintf_chk(
    into: *mut c_char,
    flag: c_int,
    room: usize,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    fits(1, room);
    percent_n::check(flag, format);
    // SAFETY: the same contract.
    let length = unsafe { vsnprintf(into, room, format, list) };
    if usize::try_from(length).is_ok_and(|length| length >= room) {
        __chk_fail();
    }
    length
}

variadic! {
    /// [`__vprintf_chk`] of its arguments.
    pub fn __printf_chk(flag: c_int, format: *const c_char, ...) -> c_int => __vprintf_chk;
    /// [`__vfprintf_chk`] of its arguments.
    pub fn __fprintf_chk(stream: *mut Stream, flag: c_int, format: *const c_char, ...) -> c_int => __vfprintf_chk;
    /// [`__vdprintf_chk`] of its arguments.
    pub fn __dprintf_chk(fileno: c_int, flag: c_int, format: *const c_char, ...) -> c_int => __vdprintf_chk;
    /// [`__vasprintf_chk`] of its arguments.
    pub fn __asprintf_chk(into: *mut *mut c_char, flag: c_int, format: *const c_char, ...) -> c_int
        => __vasprintf_chk;
    /// [`__vsnprintf_chk`] of its arguments.
    pub fn __snprintf_chk(into: *mut c_char, size: usize, flag: c_int, room: usize, format: *const c_char, ...) -> c_int
        => __vsnprintf_chk;
    /// [`__vsprintf_chk`] of its arguments.
    pub fn __sprintf_chk(into: *mut c_char, flag: c_int, room: usize, format: *const c_char, ...) -> c_int
        => __vsprintf_chk;
}
