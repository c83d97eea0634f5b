//! Running an initialisation routine by the state machine of [`crate::once`], whatever way the routine ends.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::AtomicU32;

use tidal_rt::identity;
use tidal_rt::lock::held;

use crate::once::{self, Runner, Turn};
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
    let peers = Runner::thread(fork::generation());
    if identity::is_vfork_child() {
        let address = ptr::from_ref(word) as usize;
        held::note(address, 0, abandon_dead_child);
        run(word, Runner::vfork_child(identity::tid()), peers, routine);
        held::forget(address);
    } else {
        run(word, peers, peers, routine);
    }
}

fn run(word: &AtomicU32, me: Runner, peers: Runner, routine: extern "C" fn()) {
    if once::begin(word, me, peers) == Turn::Done {
        return;
    }
    unwind::with_cleanup(not_completed, ptr::from_ref(word).cast_mut().cast(), || routine());
    once::finish(word, true);
}

/// A [`held::Recover`].
unsafe fn abandon_dead_child(word: usize, tid: u32, _: u32) {
    // SAFETY: the word that the child noted; it exists, being the program's.
    let word = unsafe { &*ptr::with_exposed_provenance::<AtomicU32>(word) };
    once::abandon(word, Runner::vfork_child(tid));
}

extern "C" fn not_completed(word: *mut c_void) {
    // SAFETY: the word that `call_slow` gave.
    once::finish(unsafe { &*word.cast::<AtomicU32>() }, false);
}
