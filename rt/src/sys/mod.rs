//! System calls: [`raw`] instructions, the [`crate::syscall`] macro, and typed wrappers by subject.
//!
//! Errors are values ([`Errno`]); the C boundary alone turns them into `errno` and -1.

pub mod memory;
pub mod process;
pub mod raw;
pub mod time;

use crate::errno::Errno;

/// Splits the kernel's return value into a result: -4095 to -1 are errors.
#[inline(always)]
pub fn check(value: usize) -> Result<usize, Errno> {
    if value > -4096_isize as usize { Err(Errno(-(value as isize) as i32)) } else { Ok(value) }
}

/// A value that travels in a system-call register.
pub trait Arg {
    /// The register's contents.
    fn arg(self) -> usize;
}

macro_rules! integer_args {
    ($($t:ty)*) => { $(impl Arg for $t {
        #[inline(always)]
        fn arg(self) -> usize {
            // Signed types extend their sign, as C's promotion to long does.
            self as isize as usize
        }
    })* };
}
integer_args!(usize isize u64 i64 u32 i32 u16 i16 u8);

impl<T> Arg for *const T {
    #[inline(always)]
    fn arg(self) -> usize {
        self as usize
    }
}

impl<T> Arg for *mut T {
    #[inline(always)]
    fn arg(self) -> usize {
        self as usize
    }
}

/// `syscall!(__NR_name, args…)`: makes a system call (up to six arguments) and gives `Result<usize, Errno>`.
///
/// The number is a name from `linux_raw_sys::general`. Must stand in an `unsafe` block that says why its pointers hold.
#[macro_export]
macro_rules! syscall {
    ($nr:ident) => { $crate::sys::check($crate::sys::raw::syscall0($crate::sys::numbers::$nr as usize)) };
    ($nr:ident, $a:expr $(,)?) => {
        $crate::sys::check($crate::sys::raw::syscall1($crate::sys::numbers::$nr as usize, $crate::sys::Arg::arg($a)))
    };
    ($nr:ident, $a:expr, $b:expr $(,)?) => {
        $crate::sys::check($crate::sys::raw::syscall2(
            $crate::sys::numbers::$nr as usize, $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b)))
    };
    ($nr:ident, $a:expr, $b:expr, $c:expr $(,)?) => {
        $crate::sys::check($crate::sys::raw::syscall3(
            $crate::sys::numbers::$nr as usize, $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b),
            $crate::sys::Arg::arg($c)))
    };
    ($nr:ident, $a:expr, $b:expr, $c:expr, $d:expr $(,)?) => {
        $crate::sys::check($crate::sys::raw::syscall4(
            $crate::sys::numbers::$nr as usize, $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b),
            $crate::sys::Arg::arg($c), $crate::sys::Arg::arg($d)))
    };
    ($nr:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr $(,)?) => {
        $crate::sys::check($crate::sys::raw::syscall5(
            $crate::sys::numbers::$nr as usize, $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b),
            $crate::sys::Arg::arg($c), $crate::sys::Arg::arg($d), $crate::sys::Arg::arg($e)))
    };
    ($nr:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr $(,)?) => {
        $crate::sys::check($crate::sys::raw::syscall6(
            $crate::sys::numbers::$nr as usize, $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b),
            $crate::sys::Arg::arg($c), $crate::sys::Arg::arg($d), $crate::sys::Arg::arg($e), $crate::sys::Arg::arg($f)))
    };
}

/// The numbers that [`crate::syscall`] takes.
pub use linux_raw_sys::general as numbers;
