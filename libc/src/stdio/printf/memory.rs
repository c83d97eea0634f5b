//! `sprintf`, `snprintf` and their `v` forms.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use super::engine;
use super::sink::Sink;
use crate::variadic;
use crate::variadic::VaList;

/// Memory that output goes to, as far as it has room.
struct Room {
    at: *mut u8,
    left: usize,
}

/// # Safety
/// `target` is a [`Room`].
unsafe fn put(target: *mut c_void, bytes: &[u8]) -> bool {
    // SAFETY: by the caller's contract; no more is stored than there is room.
    unsafe {
        let room = &mut *target.cast::<Room>();
        let n = bytes.len().min(room.left);
        ptr::copy_nonoverlapping(bytes.as_ptr(), room.at, n);
        room.at = room.at.wrapping_add(n);
        room.left -= n;
    }
    true
}

/// Prints to memory, at most `size` bytes with the NUL; gives how many there would be without it.
///
/// # Errors
/// -1: `EINVAL`, `EOVERFLOW`, `EILSEQ`.
///
/// Signal-safe: yes, without `%ls`, positions beyond 24, `%m`. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vsnprintf(
    into: *mut c_char,
    size: usize,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    let mut room = Room { at: into.cast(), left: size.saturating_sub(1) };
    // SAFETY: by the caller's contract; the last byte is kept for the NUL.
    unsafe {
        let mut sink = Sink::new(put, ptr::from_mut(&mut room).cast(), None);
        let result = engine::format(&mut sink, format.cast(), list);
        if size > 0 {
            *room.at = 0;
        }
        result
    }
}

/// Prints to memory, however much.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vsprintf(into: *mut c_char, format: *const c_char, list: *mut VaList) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { vsnprintf(into, usize::MAX, format, list) }
}

variadic! {
    /// [`vsnprintf`] of its arguments.
    pub fn snprintf(into: *mut c_char, size: usize, format: *const c_char, ...) -> c_int => vsnprintf;
    /// [`vsprintf`] of its arguments.
    pub fn sprintf(into: *mut c_char, format: *const c_char, ...) -> c_int => vsprintf;
}
