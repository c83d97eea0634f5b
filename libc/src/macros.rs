//! How C functions that are one system call are written down.

use core::ffi::c_void;

use tidal_rt::Errno;

/// A C return type that carries what a system call returned.
pub trait FromSyscall {
    /// Makes the C value of a register's contents; all ones stand for failure.
    fn from_syscall(value: usize) -> Self;
}

macro_rules! from_syscall {
    ($($t:ty)*) => { $(impl FromSyscall for $t {
        #[inline(always)]
        fn from_syscall(value: usize) -> Self {
            value as Self
        }
    })* };
}
from_syscall!(i32 u32 i64 u64 isize usize *mut c_void);

/// The value, or -1 (as a pointer: `MAP_FAILED`) with `errno` set.
#[inline]
pub fn returned<T: FromSyscall>(result: Result<usize, Errno>) -> T {
    match result {
        Ok(value) => T::from_syscall(value),
        Err(e) => {
            set(e);
            T::from_syscall(usize::MAX)
        }
    }
}

#[cold]
#[inline(never)]
fn set(e: Errno) {
    e.set();
}

/// Defines C functions that are one system call each, with errors in `errno`.
///
/// `fn name(arg: type) -> result = __NR_number(arg);`, with `, as name64` before the semicolon for a second symbol of
/// the same function, which x86-64 has for every call with 64-bit offsets.
macro_rules! syscalls {
    ($($(#[$meta:meta])* fn $name:ident $args:tt -> $ret:ty = $nr:ident $call:tt $(, as $alias:ident)*;)*) => { $(
        crate::macros::syscall_fn! { [$(#[$meta])*] syscall $name $args $ret, $nr $call }
        $(crate::macros::syscall_fn! {
            [#[doc = concat!("The same function as `", stringify!($name), "`.")]] syscall $alias $args $ret, $nr $call
        })*
    )* };
}

/// As [`syscalls`], for calls that POSIX makes cancellation points.
macro_rules! cancellation_points {
    ($($(#[$meta:meta])* fn $name:ident $args:tt -> $ret:ty = $nr:ident $call:tt $(, as $alias:ident)*;)*) => { $(
        crate::macros::syscall_fn! { [$(#[$meta])*] syscall_cp $name $args $ret, $nr $call }
        $(crate::macros::syscall_fn! {
            [#[doc = concat!("The same function as `", stringify!($name), "`.")]] syscall_cp $alias $args $ret, $nr $call
        })*
    )* };
}

macro_rules! syscall_fn {
    ([$($meta:tt)*] $kind:ident $name:ident ($($arg:ident: $type:ty),* $(,)?) $ret:ty, $nr:ident ($($value:expr),* $(,)?)) => {
        $($meta)*
        ///
        /// # Errors
        /// Those of the system call, in `errno`; its manual page lists them.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $name($($arg: $type),*) -> $ret {
            // SAFETY: what the pointers must point to is the caller's part, as the manual page says.
            crate::macros::returned(unsafe { tidal_rt::$kind!($nr $(, $value)*) })
        }
    };
}

/// Defines second names of C functions: `fn alias(arg: type) -> result = name;`.
macro_rules! aliases {
    ($(fn $alias:ident($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? = $name:path;)*) => { $(
        #[doc = concat!("The same function as `", stringify!($name), "`.")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $alias($($arg: $type),*) $(-> $ret)? {
            // SAFETY: the contract is the same.
            unsafe { $name($($arg),*) }
        }
    )* };
}

pub(crate) use {aliases, cancellation_points, syscall_fn, syscalls};
