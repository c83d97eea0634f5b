//! Initialisation that runs once.

use core::arch::naked_asm;
use core::ffi::c_int;

use tidal_pthread::call_once;

/// Runs `routine` unless it has run; returns when it has. Where the routine does not return (its thread is cancelled or
/// ends, a C++ exception passes), the next caller runs it. A jump and not a call, so that exceptions meet one frame only.
///
/// # Errors
/// `EINVAL` for a word that is no such object.
///
/// Signal-safe: no. Vfork-safe: yes (of a child that dies in the routine, too, the next caller runs it).
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_once(once: *mut c_int, routine: extern "C" fn()) -> c_int {
    naked_asm!("jmp {call}", call = sym call_once::call)
}
