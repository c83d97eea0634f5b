//! [`Once`]: a closure that runs once.

use core::sync::atomic::AtomicU32;

use crate::fork;
use crate::once::{self, Runner, Turn};

/// Runs one closure, whoever comes first; the others wait for it.
pub struct Once(AtomicU32);

impl Once {
    /// Nothing has run.
    pub const fn new() -> Once {
        Once(AtomicU32::new(0))
    }

    /// Whether the closure has run to its end.
    #[inline]
    pub fn is_completed(&self) -> bool {
        once::is_done(&self.0)
    }

    /// Runs `f` unless a closure has run already. What it did is visible afterwards.
    #[inline]
    pub fn call_once(&self, f: impl FnOnce()) {
        if !self.is_completed() {
            self.call_slow(f);
        }
    }

    #[cold]
    fn call_slow(&self, f: impl FnOnce()) {
        let me = Runner::thread(fork::generation());
        if once::begin(&self.0, me, me) == Turn::Run {
            f();
            once::finish(&self.0, true);
        }
    }
}

impl Default for Once {
    fn default() -> Self {
        Once::new()
    }
}
