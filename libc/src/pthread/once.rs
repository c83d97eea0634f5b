//! Initialisation that runs once.

use core::ffi::c_int;
use core::sync::atomic::AtomicU32;

use tidal_pthread::call_once;

/// Runs `routine` unless it has run; returns when it has.
///
/// Signal-safe: no. Vfork-safe: no (a child that dies in the routine leaves it unfinished).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_once(once: *mut c_int, routine: extern "C" fn()) -> c_int {
    // SAFETY: the caller's object, an aligned word that only these functions use.
    call_once::call(unsafe { AtomicU32::from_ptr(once.cast()) }, routine);
    0
}
