//! What the state machines stand on: atomics and the futex calls. The loom models compile the same machines against
//! loom's atomics and a model of the futex, so these are the only names that a machine may use.

pub(crate) use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tidal_rt::Errno;
use tidal_rt::futex::{self, Clock};
use tidal_rt::sys::time::Timespec;

pub(crate) use tidal_rt::futex::Scope;

/// Until when to sleep.
pub(crate) type Deadline<'a> = Option<(Clock, &'a Timespec)>;

/// The half of a 64-bit word that a futex call looks at.
#[derive(Clone, Copy)]
pub(crate) enum Half {
    /// Bits 0 to 31.
    Low,
    /// Bits 32 to 63.
    High,
}

pub(crate) fn wait(word: &AtomicU32, expected: u32, scope: Scope) {
    let _ = futex::wait(word, expected, scope);
}

/// The word is named by address alone: its memory may be gone.
pub(crate) fn wake(word: *const AtomicU32, count: i32, scope: Scope) {
    futex::wake(word, count, scope);
}

/// The half's address, without a reference to it: its owner may be gone.
fn half(word: *const AtomicU64, which: Half) -> *const core::sync::atomic::AtomicU32 {
    word.cast::<core::sync::atomic::AtomicU32>().wrapping_add(match which {
        Half::Low => 0,
        Half::High => 1,
    })
}

pub(crate) fn wait_half(word: &AtomicU64, which: Half, expected: u32, scope: Scope) {
    // SAFETY: half of a live word, which the kernel alone reads with that size.
    let _ = futex::wait(unsafe { &*half(word, which) }, expected, scope);
}

/// A cancellation point: see [`futex::wait_or_canceled`].
pub(crate) fn wait_half_or_canceled(
    word: &AtomicU64,
    which: Half,
    expected: u32,
    scope: Scope,
    deadline: Deadline<'_>,
) -> Result<(), Errno> {
    // SAFETY: as in `wait_half`.
    futex::wait_or_canceled(unsafe { &*half(word, which) }, expected, scope, deadline)
}

/// As [`wake`].
pub(crate) fn wake_half(word: *const AtomicU64, which: Half, count: i32, scope: Scope) {
    futex::wake(half(word, which), count, scope);
}
