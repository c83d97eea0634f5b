//! Cleanup handlers, and the way from a thread's innermost frame to its end.
//!
//! C code registers cleanup in three ways, in lists whose heads are here:
//! - a jump buffer (`pthread_cleanup_push` without exceptions): jump there; the code runs its handler and calls
//!   [`continue_from`];
//! - a routine with an argument (`_pthread_cleanup_push`, and our own);
//! - a frame's own cleanup (C++ destructors, `__attribute__((cleanup))`): run by the unwinder of libgcc_eh, if the
//!   program links it. It calls [`stop`] for each frame, which takes care of the two lists in the frames just left.
//!
//! Without an unwinder there are no such frames, and the lists say everything: a jump buffer remembers the head of the
//! other list when it was registered.

use core::arch::asm;
use core::ffi::{c_int, c_void};
use core::ptr;

use tidal_rt::{jump, message};

use crate::thread::{self, Thread};
use crate::{cancel, exit};

/// `struct _pthread_cleanup_buffer` of `<bits/cancel.h>`'s old interface.
#[repr(C)]
pub struct CleanupBuffer {
    routine: Option<extern "C" fn(*mut c_void)>,
    argument: *mut c_void,
    cancel_type: c_int,
    previous: *mut CleanupBuffer,
}

/// `__pthread_unwind_buf_t` of `<pthread.h>`.
#[repr(C, align(16))]
pub struct UnwindBuffer {
    registers: jump::Registers,
    mask_was_saved: c_int,
    previous: *mut UnwindBuffer,
    cleanup: *mut CleanupBuffer,
    cancel_type: usize,
    reserved: usize,
}

const _: () = assert!(size_of::<UnwindBuffer>() == 112 && size_of::<CleanupBuffer>() == 32);

/// `struct _Unwind_Exception` (Itanium C++ ABI, Base ABI 1.2.1).
#[repr(C, align(16))]
pub(crate) struct Exception {
    class: u64,
    cleanup: Option<extern "C" fn(c_int, *mut Exception)>,
    private: [usize; 2],
}

/// A thread's lists.
#[repr(C)]
pub struct Unwinding {
    jumps: *mut UnwindBuffer,
    cleanups: *mut CleanupBuffer,
    exception: Exception,
}

type Stop = extern "C" fn(c_int, c_int, u64, *mut Exception, *mut c_void, *mut c_void) -> c_int;
type ForcedUnwind = extern "C" fn(*mut Exception, Stop, *mut c_void) -> c_int;
type GetCfa = extern "C" fn(*mut c_void) -> usize;

/// `_UA_END_OF_STACK`.
const END_OF_STACK: c_int = 16;
/// `_URC_NO_REASON`.
const NO_REASON: c_int = 0;

/// The address of a function that the program may lack; 0 then.
macro_rules! weak {
    ($name:literal) => {{
        let address: usize;
        asm!(concat!(".weak ", $name), concat!("mov {}, [rip + ", $name, "@GOTPCREL]"),
            out(reg) address, options(pure, readonly, nostack, preserves_flags));
        address
    }};
}

fn unwinder() -> Option<ForcedUnwind> {
    // SAFETY: loads an entry of the global offset table, which the linker makes in programs of every kind: 0 or the
    // function of that name.
    unsafe { core::mem::transmute::<usize, Option<ForcedUnwind>>(weak!("_Unwind_ForcedUnwind")) }
}

/// The stack pointer in the frame that an unwinder's context stands for, at the call that it is in.
pub(crate) fn stack_pointer(context: *mut c_void) -> usize {
    // SAFETY: as above; who has such a context links it.
    let get = unsafe { core::mem::transmute::<usize, Option<GetCfa>>(weak!("_Unwind_GetCFA")) };
    get.map_or(usize::MAX, |get| get(context))
}

/// The running thread's lists. Only it uses them.
fn mine(me: &Thread) -> *mut Unwinding {
    me.unwinding.get()
}

/// Runs all cleanup, then ends the thread.
pub(crate) fn run(me: &'static Thread) -> ! {
    if let Some(unwind) = unwinder() {
        // SAFETY: the running thread's own.
        let exception = unsafe {
            (*mine(me)).exception = Exception { class: 0, cleanup: Some(caught), private: [0; 2] };
            &raw mut (*mine(me)).exception
        };
        unwind(exception, stop, ptr::null_mut());
        // It met a frame that it cannot describe; what the lists know is done all the same.
    }
    leave_frames_below(me, usize::MAX);
    exit::finish(me)
}

extern "C" fn caught(_reason: c_int, _exception: *mut Exception) {
    message::fatal("a thread's cancellation or exit was caught and not passed on");
}

/// Called for each frame before it is left.
extern "C" fn stop(
    _version: c_int,
    actions: c_int,
    _class: u64,
    _exception: *mut Exception,
    context: *mut c_void,
    _argument: *mut c_void,
) -> c_int {
    let me = thread::current();
    if actions & END_OF_STACK != 0 {
        leave_frames_below(me, usize::MAX);
        exit::finish(me);
    }
    leave_frames_below(me, stack_pointer(context));
    NO_REASON
}

/// Runs the routines and takes the jumps of frames below an address, innermost first.
fn leave_frames_below(me: &Thread, address: usize) {
    let lists = mine(me);
    loop {
        // SAFETY: the lists are the thread's own; what they name lies in frames that are not yet left.
        unsafe {
            let jump = (*lists).jumps;
            let until = if jump.is_null() { ptr::null_mut() } else { (*jump).cleanup };
            let cleanup = (*lists).cleanups;
            if cleanup != until && !cleanup.is_null() {
                if cleanup as usize >= address {
                    return;
                }
                (*lists).cleanups = (*cleanup).previous;
                if let Some(routine) = (*cleanup).routine {
                    routine((*cleanup).argument);
                }
                continue;
            }
            if jump.is_null() || jump::stack_pointer(&(*jump).registers) > address {
                return;
            }
            jump::long(&(*jump).registers, 1);
        }
    }
}

/// `__pthread_register_cancel`.
///
/// # Safety
/// The buffer was filled by `__sigsetjmp` in a frame that unregisters it before it returns.
pub unsafe fn register(buffer: *mut UnwindBuffer) {
    let lists = mine(thread::current());
    // SAFETY: by the caller's contract; the lists are the thread's own.
    unsafe {
        (*buffer).previous = (*lists).jumps;
        (*buffer).cleanup = (*lists).cleanups;
        (*lists).jumps = buffer;
    }
}

/// `__pthread_unregister_cancel`.
///
/// # Safety
/// The buffer is registered.
pub unsafe fn unregister(buffer: *mut UnwindBuffer) {
    // SAFETY: by the caller's contract; the list is the thread's own.
    unsafe { (*mine(thread::current())).jumps = (*buffer).previous };
}

/// `__pthread_register_cancel_defer`: as [`register`], and deferred cancellation until unregistered.
///
/// # Safety
/// As [`register`].
pub unsafe fn register_deferred(buffer: *mut UnwindBuffer) {
    // SAFETY: by the caller's contract.
    unsafe {
        register(buffer);
        (*buffer).cancel_type = usize::from(cancel::replace_type(false));
    }
}

/// `__pthread_unregister_cancel_restore`.
///
/// # Safety
/// The buffer was registered by [`register_deferred`].
pub unsafe fn unregister_restore(buffer: *mut UnwindBuffer) {
    // SAFETY: by the caller's contract.
    let asynchronous = unsafe {
        unregister(buffer);
        (*buffer).cancel_type != 0
    };
    if asynchronous {
        cancel::set_asynchronous(true);
    }
}

/// `__pthread_unwind_next`: goes on after a jump buffer's handler has run.
///
/// # Safety
/// The thread is ending, and the buffer is the one that it jumped to.
pub unsafe fn continue_from(buffer: *mut UnwindBuffer) -> ! {
    let me = thread::current();
    // SAFETY: by the caller's contract.
    unsafe { (*mine(me)).jumps = (*buffer).previous };
    run(me)
}

/// `_pthread_cleanup_push`.
///
/// # Safety
/// The buffer stays until it is popped, in a frame of the running thread.
pub unsafe fn push(
    buffer: *mut CleanupBuffer,
    routine: Option<extern "C" fn(*mut c_void)>,
    argument: *mut c_void,
) {
    let lists = mine(thread::current());
    // SAFETY: by the caller's contract.
    unsafe {
        (&raw mut (*buffer).routine).write(routine);
        (*buffer).argument = argument;
        (*buffer).previous = (*lists).cleanups;
        (*lists).cleanups = buffer;
    }
}

/// `_pthread_cleanup_pop`.
///
/// # Safety
/// The buffer is the newest that was pushed.
pub unsafe fn pop(buffer: *mut CleanupBuffer, execute: bool) {
    // SAFETY: by the caller's contract.
    unsafe {
        (*mine(thread::current())).cleanups = (*buffer).previous;
        if execute && let Some(routine) = (*buffer).routine {
            routine((*buffer).argument);
        }
    }
}

/// `_pthread_cleanup_push_defer`.
///
/// # Safety
/// As [`push`].
pub unsafe fn push_deferred(
    buffer: *mut CleanupBuffer,
    routine: Option<extern "C" fn(*mut c_void)>,
    argument: *mut c_void,
) {
    // SAFETY: by the caller's contract.
    unsafe {
        push(buffer, routine, argument);
        (*buffer).cancel_type = c_int::from(cancel::replace_type(false));
    }
}

/// `_pthread_cleanup_pop_restore`.
///
/// # Safety
/// As [`pop`], after [`push_deferred`].
pub unsafe fn pop_restore(buffer: *mut CleanupBuffer, execute: bool) {
    // SAFETY: by the caller's contract.
    let asynchronous = unsafe { (*buffer).cancel_type } != 0;
    // Deferred still, so that the pop itself is not cancelled half-way.
    // SAFETY: by the caller's contract.
    unsafe { pop(buffer, execute) };
    if asynchronous {
        cancel::set_asynchronous(true);
    }
}
