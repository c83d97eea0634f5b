//! Running an initialisation routine by the state machine of [`crate::once`], whatever way the routine ends.
//!
//! It may return, end its thread (cancelled, `pthread_exit`), die with a vfork child, or throw a C++ exception. In all but
//! the first case the next caller runs it. A thread's end finds the cleanup handler that [`begin`] registers. An
//! exception does not look there; unwinders ask each frame's *personality routine* on their way. So [`call`] is a
//! frame with one of its own, [`personality`], and there is nothing else of ours between the routine and the caller.

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};
use core::mem::{offset_of, size_of};
use core::ptr;
use core::sync::atomic::AtomicU32;

use tidal_rt::futex::{self, Scope};
use tidal_rt::lock::held;
use tidal_rt::{Errno, identity};

use crate::fork;
use crate::once::{self, Runner, Turn};
use crate::unwind::{self, CleanupBuffer, Exception};

/// What [`call`] keeps on its stack while the routine runs.
#[repr(C)]
struct Call {
    cleanup: CleanupBuffer,
    word: *const AtomicU32,
    routine: extern "C" fn(),
    /// Keeps the frame's size a multiple of 16, less the return address.
    _pad: usize,
}

/// The frame's size without the return address.
const FRAME: usize = size_of::<Call>();
const _: () = assert!(FRAME % 16 == 8, "the stack is aligned where the routine is called");

/// Runs `routine` unless it has run, and gives 0. If it does not return, the next caller runs it.
///
/// # Errors
/// `EINVAL`, as its value, for a word that is no such object.
///
/// # Safety
/// `word` is an initialised object, which only these functions use, and stays.
#[unsafe(naked)]
pub unsafe extern "C" fn call(word: *const AtomicU32, routine: extern "C" fn()) -> c_int {
    naked_asm!(
        ".cfi_startproc",
        // 0x1b: an address relative to its own place, in four bytes.
        ".cfi_personality 0x1b, {personality}",
        "cmp dword ptr [rdi], {done}",
        "jne 2f",
        "xor eax, eax",
        "ret",
        "2: sub rsp, {frame}",
        ".cfi_adjust_cfa_offset {frame}",
        "mov [rsp + {word}], rdi",
        "mov [rsp + {routine}], rsi",
        "mov rdi, rsp",
        "call {begin}",
        "cmp eax, {run}",
        "jne 3f",
        "call qword ptr [rsp + {routine}]",
        "mov rdi, rsp",
        "call {completed}",
        "xor eax, eax",
        "3: add rsp, {frame}",
        ".cfi_adjust_cfa_offset -{frame}",
        "ret",
        ".cfi_endproc",
        done = const once::DONE,
        run = const RUN,
        frame = const FRAME,
        word = const offset_of!(Call, word),
        routine = const offset_of!(Call, routine),
        personality = sym personality,
        begin = sym begin,
        completed = sym completed,
    )
}

/// The routine is the caller's to run.
const RUN: c_int = -1;

/// [`RUN`], and then the thread's end will find the cleanup; else what [`call`] gives.
extern "C" fn begin(call: *mut Call) -> c_int {
    // SAFETY: the frame of `call`, which wrote the word.
    let word = unsafe { &*(*call).word };
    if !once::is_valid(word) {
        return Errno::EINVAL.0;
    }
    let peers = Runner::thread(fork::generation());
    let me = if identity::is_vfork_child() {
        held::note(ptr::from_ref(word) as usize, 0, abandon_dead_child);
        Runner::vfork_child(identity::tid())
    } else {
        peers
    };
    if once::begin(word, me, peers) == Turn::Done {
        forget(word);
        return 0;
    }
    // SAFETY: the buffer lies in a frame that is left by `completed` or with the cleanup run.
    unsafe {
        unwind::push(&raw mut (*call).cleanup, Some(not_completed), ptr::from_ref(word).cast_mut().cast())
    };
    RUN
}

extern "C" fn completed(call: *mut Call) {
    // SAFETY: pushed by `begin`, and the word is there until now.
    let word = unsafe {
        unwind::pop(&raw mut (*call).cleanup, false);
        &*(*call).word
    };
    once::finish(word, true);
    forget(word);
}

extern "C" fn not_completed(word: *mut c_void) {
    // SAFETY: the word that `begin` gave.
    let word = unsafe { &*word.cast::<AtomicU32>() };
    once::finish(word, false);
    forget(word);
}

fn forget(word: *const AtomicU32) {
    if identity::is_vfork_child() {
        held::forget(word as usize);
    }
}

/// A [`held::Recover`].
unsafe fn abandon_dead_child(word: usize, tid: u32, _: u32) {
    // SAFETY: the word that the child noted; it exists, being the program's.
    let word = unsafe { &*ptr::with_exposed_provenance::<AtomicU32>(word) };
    once::abandon(word, Runner::vfork_child(tid));
    // It may have died between the end of the routine and the wake.
    futex::wake(word, i32::MAX, Scope::Private);
}

/// `_UA_CLEANUP_PHASE`: the frame is being left.
const CLEANUP_PHASE: c_int = 2;
/// `_URC_CONTINUE_UNWIND`: no handler here.
const CONTINUE_UNWIND: c_int = 8;

/// What unwinders call for a frame of [`call`] (Itanium C++ ABI, Base ABI 1.6.3). Nothing is caught here and there is no
/// code to run in the frame, so it does its work at once. Only the routine can throw: the cleanup is registered then.
extern "C" fn personality(
    _version: c_int,
    actions: c_int,
    _class: u64,
    _exception: *mut Exception,
    context: *mut c_void,
) -> c_int {
    if actions & CLEANUP_PHASE != 0 {
        let call = ptr::with_exposed_provenance_mut::<Call>(unwind::stack_pointer(context));
        // SAFETY: a frame of `call` has its `Call` where its stack ends, and this one has a routine running.
        unsafe { unwind::pop(&raw mut (*call).cleanup, true) };
    }
    CONTINUE_UNWIND
}
