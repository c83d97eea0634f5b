//! What `_FORTIFY_SOURCE` makes of the copying functions: the compiler passes the destination's size, and a write past it
//! ends the program before it happens.

use core::ffi::{c_int, c_void};

use tidal_mem::{copy, copy_str, fill, find};

/// Says so in one line and aborts.
///
/// Signal-safe: yes. Vfork-safe: yes (ends the child alone).
#[cold]
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn __chk_fail() -> ! {
    tidal_rt::message::line(&[b"*** buffer overflow detected ***: terminated"]);
    tidal_rt::signal::abort()
}

/// Aborts unless `n` bytes fit into `room`.
#[inline(always)]
fn check(n: usize, room: usize) {
    if n > room {
        __chk_fail();
    }
}

/// Defines `__NAME_chk` as a check of `$n` against the last argument, then `$call`.
macro_rules! checked {
    ($($name:ident($($arg:ident: $type:ty),*) -> $ret:ty { $n:expr => $call:path })*) => { $(
        #[doc = concat!("`", stringify!($call), "` into a destination of `room` bytes.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $type,)* room: usize) -> $ret {
            // SAFETY: the function's own contract; the check only reads what it reads.
            unsafe {
                check($n, room);
                $call($($arg),*)
            }
        }
    )* };
}

checked! {
    __memcpy_chk(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 { n => copy::memcpy }
    __memmove_chk(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 { n => copy::memcpy }
    __mempcpy_chk(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 { n => copy::mempcpy }
    __memset_chk(dst: *mut u8, byte: c_int, n: usize) -> *mut u8 { n => fill::memset }
    __strcpy_chk(dst: *mut u8, src: *const u8) -> *mut u8 { find::strlen(src) + 1 => copy_str::strcpy }
    __stpcpy_chk(dst: *mut u8, src: *const u8) -> *mut u8 { find::strlen(src) + 1 => copy_str::stpcpy }
    __strncpy_chk(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 { n => copy_str::strncpy }
    __stpncpy_chk(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 { n => copy_str::stpncpy }
    __strcat_chk(dst: *mut u8, src: *const u8) -> *mut u8 {
        find::strlen(dst) + find::strlen(src) + 1 => copy_str::strcat
    }
    __strncat_chk(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
        find::strlen(dst) + find::strnlen(src, n) + 1 => copy_str::strncat
    }
}

/// `explicit_bzero` of a destination of `room` bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __explicit_bzero_chk(dst: *mut c_void, n: usize, room: usize) {
    check(n, room);
    // SAFETY: the function's own contract.
    unsafe { fill::explicit_bzero(dst.cast(), n) };
}
