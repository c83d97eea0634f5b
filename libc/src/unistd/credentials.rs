//! `<unistd.h>`, `<grp.h>`: changing users and groups.
//!
//! POSIX gives a process one identity; Linux gives each task its own. In a process with several threads each change
//! is made by all of them.

use core::ffi::{c_int, c_uint};

use linux_raw_sys::general as linux;
use tidal_pthread::credentials::change;

use crate::macros::returned;

macro_rules! credentials {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident),*) = $nr:ident($a:expr, $b:expr, $c:expr);)*) => { $(
        $(#[$meta])*
        ///
        /// # Errors
        /// `EPERM`, `EINVAL`, `EAGAIN`.
        ///
        /// Signal-safe: no. Vfork-safe: changes the child alone.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: c_uint),*) -> c_int {
            // SAFETY: no pointers.
            returned(unsafe { change(linux::$nr, [$a as usize, $b as usize, $c as usize]) })
        }
    )* };
}

const KEEP: c_uint = c_uint::MAX;

credentials! {
    /// Sets the effective user, or all three users of a privileged process.
    fn setuid(user) = __NR_setuid(user, 0u32, 0u32);
    /// Sets the effective group, or all three groups of a privileged process.
    fn setgid(group) = __NR_setgid(group, 0u32, 0u32);
    /// Sets the effective user alone.
    fn seteuid(user) = __NR_setresuid(KEEP, user, KEEP);
    /// Sets the effective group alone.
    fn setegid(group) = __NR_setresgid(KEEP, group, KEEP);
    /// Sets real and effective user; -1 keeps one.
    fn setreuid(real, effective) = __NR_setreuid(real, effective, 0u32);
    /// Sets real and effective group; -1 keeps one.
    fn setregid(real, effective) = __NR_setregid(real, effective, 0u32);
    /// Sets real, effective and saved user; -1 keeps one.
    fn setresuid(real, effective, saved) = __NR_setresuid(real, effective, saved);
    /// Sets real, effective and saved group; -1 keeps one.
    fn setresgid(real, effective, saved) = __NR_setresgid(real, effective, saved);
}

/// Sets the supplementary groups.
///
/// # Errors
/// `EPERM`, `EINVAL` (too many), `EFAULT`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: changes the child alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setgroups(count: usize, groups: *const c_uint) -> c_int {
    // SAFETY: the array is the caller's.
    returned(unsafe { change(linux::__NR_setgroups, [count, groups as usize, 0]) })
}
