//! The exit family: `exit`, `_Exit`, `quick_exit`, `abort`, `atexit`, `on_exit`, and the names that compilers use.

use core::ffi::{c_int, c_void};

use tidal_crt::exit::{self, Handler};
use tidal_rt::{signal, sys::process};

use crate::errno::zero_or_errno;

/// Ends the process: handlers, `.fini_array`, stdio, then the kernel.
///
/// Signal-safe: no. Vfork-safe: no (it runs the parent's handlers); a child calls `_exit`.
#[unsafe(no_mangle)]
pub extern "C" fn exit(status: c_int) -> ! {
    exit::exit(status)
}

/// Ends the process at once.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn _exit(status: c_int) -> ! {
    process::exit_group(status)
}

/// Ends the process at once.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn _Exit(status: c_int) -> ! {
    process::exit_group(status)
}

/// Runs the `at_quick_exit` handlers and ends the process.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn quick_exit(status: c_int) -> ! {
    exit::quick_exit(status)
}

/// Ends the process by SIGABRT.
///
/// Signal-safe: yes. Vfork-safe: yes (ends the child alone).
#[unsafe(no_mangle)]
pub extern "C" fn abort() -> ! {
    signal::abort()
}

/// Registers a function for `exit`.
///
/// # Errors
/// -1 and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes (registers with the parent).
#[unsafe(no_mangle)]
pub extern "C" fn atexit(f: extern "C" fn()) -> c_int {
    zero_or_errno(exit::at_exit(Handler::Plain(f)))
}

/// Registers a function for `exit` that gets the status and an argument.
///
/// # Errors
/// -1 and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes (registers with the parent).
#[unsafe(no_mangle)]
pub extern "C" fn on_exit(f: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int {
    zero_or_errno(exit::at_exit(Handler::Status(f, argument)))
}

/// Registers a function for `quick_exit`.
///
/// # Errors
/// -1 and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes (registers with the parent).
#[unsafe(no_mangle)]
pub extern "C" fn at_quick_exit(f: extern "C" fn()) -> c_int {
    zero_or_errno(exit::at_quick_exit(Handler::Plain(f)))
}

/// Registers the destructor of an object with static storage (Itanium C++ ABI 3.3.6.3). A static program has one module,
/// so `_module` distinguishes nothing.
///
/// # Errors
/// -1 and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes (registers with the parent).
#[unsafe(no_mangle)]
pub extern "C" fn __cxa_atexit(
    f: extern "C" fn(*mut c_void),
    object: *mut c_void,
    _module: *mut c_void,
) -> c_int {
    zero_or_errno(exit::at_exit(Handler::Object(f, object)))
}

/// What `crtend.o` calls when its module is unloaded. The one module of a static program is unloaded at exit, when the
/// handlers have run.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __cxa_finalize(_module: *mut c_void) {}
