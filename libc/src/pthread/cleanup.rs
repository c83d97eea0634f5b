//! What the macros `pthread_cleanup_push` and `pthread_cleanup_pop` become.

use core::ffi::{c_int, c_void};

use tidal_pthread::unwind::{self, CleanupBuffer, UnwindBuffer};

type Routine = Option<extern "C" fn(*mut c_void)>;

/// Registers a jump buffer that `__sigsetjmp` filled: the thread's end jumps there.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_register_cancel(buffer: *mut UnwindBuffer) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::register(buffer) }
}

/// Takes a jump buffer back.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_unregister_cancel(buffer: *mut UnwindBuffer) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::unregister(buffer) }
}

/// As `__pthread_register_cancel`, and makes cancellation deferred.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_register_cancel_defer(buffer: *mut UnwindBuffer) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::register_deferred(buffer) }
}

/// As `__pthread_unregister_cancel`, and puts the cancellation type back.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_unregister_cancel_restore(buffer: *mut UnwindBuffer) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::unregister_restore(buffer) }
}

/// Goes on with the thread's end after a jump buffer's handler.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_unwind_next(buffer: *mut UnwindBuffer) -> ! {
    // SAFETY: the macro's buffer.
    unsafe { unwind::continue_from(buffer) }
}

/// Registers a routine: the thread's end calls it.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _pthread_cleanup_push(
    buffer: *mut CleanupBuffer,
    routine: Routine,
    argument: *mut c_void,
) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::push(buffer, routine, argument) }
}

/// Takes a routine back, and calls it if told to.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _pthread_cleanup_pop(buffer: *mut CleanupBuffer, execute: c_int) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::pop(buffer, execute != 0) }
}

/// As `_pthread_cleanup_push`, and makes cancellation deferred.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _pthread_cleanup_push_defer(
    buffer: *mut CleanupBuffer,
    routine: Routine,
    argument: *mut c_void,
) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::push_deferred(buffer, routine, argument) }
}

/// As `_pthread_cleanup_pop`, and puts the cancellation type back.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _pthread_cleanup_pop_restore(buffer: *mut CleanupBuffer, execute: c_int) {
    // SAFETY: the macro's buffer.
    unsafe { unwind::pop_restore(buffer, execute != 0) }
}

/// `struct __pthread_cleanup_frame` of `<pthread.h>`.
#[repr(C)]
pub struct CleanupFrame {
    routine: Routine,
    argument: *mut c_void,
    do_it: c_int,
    cancel_type: c_int,
}

/// What gcc calls when it leaves a frame that pushed a handler, in C code with exceptions.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_cleanup_routine(frame: *mut CleanupFrame) {
    // SAFETY: the macro's frame.
    let frame = unsafe { &*frame };
    if frame.do_it != 0
        && let Some(routine) = frame.routine
    {
        routine(frame.argument);
    }
}
