//! `<signal.h>`.

pub mod action;
pub mod bsd;
pub mod message;
pub mod send;
pub mod set;
pub mod stack;
pub mod system_v;
pub mod wait;

use core::ffi::c_int;

use tidal_rt::signal::Mask;

/// First real-time signal that programs may use; the two below belong to the runtime.
pub(crate) const SIGRTMIN: c_int = 34;
/// Last real-time signal, and the last signal.
pub(crate) const SIGRTMAX: c_int = 64;

/// Signals of the runtime: cancellation (32) and changes of credentials (33). Programs neither see nor touch them.
pub(crate) const INTERNAL: Mask = Mask(0b11 << 31);

/// Whether a program may name the signal.
pub(crate) fn exists(signal: c_int) -> bool {
    (1..=SIGRTMAX).contains(&signal) && INTERNAL.0 & Mask::of(signal).0 == 0
}

/// `SIGRTMIN`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __libc_current_sigrtmin() -> c_int {
    SIGRTMIN
}

/// `SIGRTMAX`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __libc_current_sigrtmax() -> c_int {
    SIGRTMAX
}
