//! Thread-specific data.

use core::ffi::{c_int, c_uint, c_void};

use tidal_pthread::keys::{self, Destructor};
use tidal_pthread::{destructors, thread};

use crate::errno::{zero_or_errno, zero_or_number};

/// Makes a key, null in every thread; `destructor` runs at a thread's end with a value that is not null.
///
/// # Errors
/// `EAGAIN` (1024 keys exist).
///
/// Signal-safe: no. Vfork-safe: yes (makes the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_key_create(key: *mut c_uint, destructor: Option<Destructor>) -> c_int {
    zero_or_number(keys::create(destructor).map(|number| {
        // SAFETY: the caller's variable.
        unsafe { key.write(number) }
    }))
}

/// The same function as `pthread_key_create`; libstdc++ looks for it to tell whether there are threads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __pthread_key_create(key: *mut c_uint, destructor: Option<Destructor>) -> c_int {
    // SAFETY: the same contract.
    unsafe { pthread_key_create(key, destructor) }
}

/// Deletes a key; its destructor does not run.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: yes (deletes the parent's).
#[unsafe(no_mangle)]
pub extern "C" fn pthread_key_delete(key: c_uint) -> c_int {
    zero_or_number(keys::delete(key))
}

/// The calling thread's value of a key, null if none was set.
///
/// Signal-safe: yes, but for the first call in a program. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub extern "C" fn pthread_getspecific(key: c_uint) -> *mut c_void {
    keys::get(key)
}

/// Sets the calling thread's value of a key.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes, but for the first call in a program. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setspecific(key: c_uint, value: *const c_void) -> c_int {
    zero_or_number(keys::set(key, value))
}

/// Registers the destructor of a thread-local object of the calling thread (glibc's side of Itanium C++ ABI 3.3.7). A
/// static program has one module, so `_module` distinguishes nothing.
///
/// # Errors
/// -1 and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes (registers with the parent).
#[unsafe(no_mangle)]
pub extern "C" fn __cxa_thread_atexit_impl(
    function: destructors::Function,
    object: *mut c_void,
    _module: *mut c_void,
) -> c_int {
    tidal_crt::exit::set_before_handlers(run_destructors);
    zero_or_errno(destructors::register(function, object))
}

extern "C" fn run_destructors() {
    let _ = thread::current();
    destructors::run();
}
