//! The parsers of `libc` as ordinary modules of a host program, to be compared with the host's own.
#![no_std]
#![allow(missing_docs, dead_code)]

pub mod locale {
    //! The host runs in the C locale.

    pub fn is_utf8() -> bool {
        false
    }
}

pub mod stdio;
pub mod stdlib;
#[path = "../../libc/src/variadic.rs"]
pub mod variadic;

use core::ffi::c_void;

/// A `va_list` of words of our choice: integers from `words`, doubles from `floats`.
pub fn with_list<R>(words: &[u64], floats: &[u64; 16], f: impl FnOnce(*mut variadic::VaList) -> R) -> R {
    #[repr(C)]
    struct List {
        gp_offset: u32,
        fp_offset: u32,
        overflow: *const c_void,
        save: *const c_void,
    }
    // All integers come from the stack, whose words the caller chose; doubles from the registers' save area.
    let mut save = [0u64; 22];
    save[6..].copy_from_slice(floats);
    let mut list =
        List { gp_offset: 48, fp_offset: 48, overflow: words.as_ptr().cast(), save: save.as_ptr().cast() };
    f((&raw mut list).cast())
}
