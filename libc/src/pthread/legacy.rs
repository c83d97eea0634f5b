//! `pthread_atfork`, and calls whose subject does not exist here.

use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};

use tidal_pthread::fork::{self, Handler, Handlers};
use tidal_rt::Errno;

use crate::errno::zero_or_number;

/// Registers functions that `fork` calls: before it, and after it in the parent and in the child. Null ones are left out.
///
/// # Errors
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: registers with the parent.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> c_int {
    zero_or_number(fork::add(Handlers { prepare, parent, child }))
}

/// As `pthread_atfork`: the name that glibc's headers and older objects use. A static program has one module.
///
/// # Errors
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: registers with the parent.
#[unsafe(no_mangle)]
pub extern "C" fn __register_atfork(
    prepare: Handler,
    parent: Handler,
    child: Handler,
    _module: *mut c_void,
) -> c_int {
    pthread_atfork(prepare, parent, child)
}

static CONCURRENCY: AtomicI32 = AtomicI32::new(0);

/// Remembers a level of concurrency, which has no effect: every thread is a task of the kernel.
///
/// # Errors
/// `EINVAL` (negative).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_setconcurrency(level: c_int) -> c_int {
    if level < 0 {
        return Errno::EINVAL.0;
    }
    CONCURRENCY.store(level, Relaxed);
    0
}

/// What `pthread_setconcurrency` remembered.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_getconcurrency() -> c_int {
    CONCURRENCY.load(Relaxed)
}
