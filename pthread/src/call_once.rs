//! Running an initialisation routine by the state machine of [`crate::once`], whatever way the routine ends.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::AtomicU32;

use crate::once::{self, Turn};
use crate::{fork, unwind};

/// Runs `routine` unless it has run. If the running thread is cancelled or exits in it, the next caller runs it.
#[inline]
pub fn call(word: &AtomicU32, routine: extern "C" fn()) {
    if !once::is_done(word) {
        call_slow(word, routine);
    }
}

#[cold]
#[inline(never)]
fn call_slow(word: &AtomicU32, routine: extern "C" fn()) {
    if once::begin(word, fork::generation()) == Turn::Done {
        return;
    }
    unwind::with_cleanup(not_completed, ptr::from_ref(word).cast_mut().cast(), || routine());
    once::finish(word, true);
}

extern "C" fn not_completed(word: *mut c_void) {
    // SAFETY: the word that `call_slow` gave.
    once::finish(unsafe { &*word.cast::<AtomicU32>() }, false);
}
