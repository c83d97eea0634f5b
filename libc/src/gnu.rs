//! `<gnu/libc-version.h>`, `<resolv.h>`, and names of glibc's own that libstdc++ and Rust's `std` call.

use core::arch::naked_asm;
use core::ffi::{c_char, c_int};

/// The version of glibc whose ABI this is, because callers ask what they may rely on.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gnu_get_libc_version() -> *const c_char {
    c"2.36".as_ptr()
}

/// `stable`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gnu_get_libc_release() -> *const c_char {
    c"stable".as_ptr()
}

/// Has the resolver read its configuration again, which it does for each question: 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __res_init() -> c_int {
    0
}

/// Second names, for whatever arguments.
macro_rules! second_names {
    ($($alias:ident = $name:ident;)*) => {
        unsafe extern "C" {
            $(fn $name();)*
        }
        $(
            #[doc = concat!("The same function as `", stringify!($name), "`.")]
            #[unsafe(no_mangle)]
            #[unsafe(naked)]
            pub unsafe extern "C" fn $alias() {
                naked_asm!("jmp {}", sym $name)
            }
        )*
    };
}

second_names! {
    __strcoll_l = strcoll_l;
    __strxfrm_l = strxfrm_l;
    __strtod_l = strtod_l;
    __strtof_l = strtof_l;
    __strtold_l = strtold_l;
}
