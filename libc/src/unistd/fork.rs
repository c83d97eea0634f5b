//! The fork family: `vfork`, `fork`, `_Fork`.

use core::arch::naked_asm;
use core::ffi::c_int;

use tidal_pthread::fork as threads;
use tidal_rt::process;

use crate::errno::or_errno;

/// Makes a child that borrows the caller's memory and stack until it execs or ends; see `docs/vfork.md`.
///
/// # Errors
/// -1 and `EAGAIN` (too many processes, or vfork children nested 16 deep), `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// The child ends by `_exit` or an exec function, and does not return from the function that called this.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vfork() -> c_int {
    naked_asm!("jmp {}", sym process::vfork)
}

/// Makes a copy of the process with the calling thread alone, without running any `pthread_atfork` handler.
///
/// # Errors
/// -1 and `EAGAIN`, `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes (the copy is an ordinary process).
#[unsafe(no_mangle)]
pub extern "C" fn _Fork() -> c_int {
    or_errno(process::fork(threads::only_thread).map(|pid| pid as c_int))
}

/// Makes a copy of the process with the calling thread alone, and runs the `pthread_atfork` handlers.
///
/// # Errors
/// -1 and `EAGAIN`, `ENOMEM`.
///
/// Signal-safe: as far as the handlers are. Vfork-safe: yes (the copy is an ordinary process).
#[unsafe(no_mangle)]
pub extern "C" fn fork() -> c_int {
    crate::stdio::list::lock_around_fork();
    or_errno(threads::fork().map(|pid| pid as c_int))
}

/// The same function as `fork`.
#[unsafe(no_mangle)]
pub extern "C" fn __fork() -> c_int {
    fork()
}

/// The same function as `fork`.
#[unsafe(no_mangle)]
pub extern "C" fn __libc_fork() -> c_int {
    fork()
}
