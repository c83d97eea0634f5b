//! `<errno.h>`, and the one way from a [`Result`] to C's return values.

use core::ffi::c_int;

use tidal_rt::Errno;

/// Where the thread's `errno` lives: in its KTLS block.
///
/// Signal-safe: yes. Vfork-safe: yes (parent and child share it; the parent's value comes back with `vfork`).
#[unsafe(no_mangle)]
pub extern "C" fn __errno_location() -> *mut c_int {
    tidal_rt::errno::location()
}

// The program's name; rt keeps it.
core::arch::global_asm!(
    ".globl program_invocation_name, __progname_full, program_invocation_short_name, __progname",
    ".set program_invocation_name, {name}",
    ".set __progname_full, {name}",
    ".set program_invocation_short_name, {short}",
    ".set __progname, {short}",
    name = sym tidal_rt::startup::PROGRAM,
    short = sym tidal_rt::startup::PROGRAM_SHORT,
);

/// A C return type that has a value for failure.
pub trait Failure: Sized {
    /// -1, or a null pointer.
    const FAILURE: Self;
}

macro_rules! minus_one {
    ($($t:ty)*) => { $(impl Failure for $t {
        const FAILURE: Self = -1 as _;
    })* };
}
minus_one!(i32 i64 isize u32 u64 usize);

impl<T> Failure for *mut T {
    const FAILURE: Self = core::ptr::null_mut();
}

/// The value, or `errno` set and the failure value of the C function: `-1`, or null.
#[inline]
pub fn or_errno<T: Failure>(result: Result<T, Errno>) -> T {
    result.unwrap_or_else(|e| {
        e.set();
        T::FAILURE
    })
}

/// For functions that return 0 or -1.
#[inline]
pub fn zero_or_errno<T>(result: Result<T, Errno>) -> c_int {
    or_errno(result.map(|_| 0))
}

/// For functions that return 0 or an error number and leave `errno` alone.
#[inline]
pub fn zero_or_number<T>(result: Result<T, Errno>) -> c_int {
    result.map_or_else(|e| e.0, |_| 0)
}
