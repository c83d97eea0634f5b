//! `asprintf` and `vasprintf`: into memory of just the right size.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use tidal_rt::Errno;

use super::memory::vsnprintf;
use crate::variadic;
use crate::variadic::VaList;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
}

/// Prints to memory from `malloc`.
///
/// # Errors
/// -1, and `*into` is null: `ENOMEM`, and those of `vsnprintf`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vasprintf(
    into: *mut *mut c_char,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    // SAFETY: by the caller's contract; the list is read twice through two copies.
    unsafe {
        *into = ptr::null_mut();
        let mut measure = *list;
        let length = vsnprintf(ptr::null_mut(), 0, format, &raw mut measure);
        let Ok(length) = usize::try_from(length) else { return -1 };
        let memory = malloc(length + 1).cast::<c_char>();
        if memory.is_null() {
            Errno::ENOMEM.set();
            return -1;
        }
        *into = memory;
        vsnprintf(memory, length + 1, format, list)
    }
}

variadic! {
    /// [`vasprintf`] of its arguments.
    pub fn asprintf(into: *mut *mut c_char, format: *const c_char, ...) -> c_int => vasprintf;
    /// glibc's other name of [`asprintf`].
    pub fn __asprintf(into: *mut *mut c_char, format: *const c_char, ...) -> c_int => vasprintf;
}
