//! Attributes of running threads, and the default ones.

use core::ffi::c_int;

use tidal_pthread::attributes::Attributes;
use tidal_pthread::first_stack;

use super::Handle;
use crate::errno::zero_or_number;

/// Fills an attribute object, to be destroyed by the caller, with what a running thread is.
///
/// # Errors
/// `ESRCH`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getattr_np(handle: Handle, attributes: *mut Attributes) -> c_int {
    zero_or_number(first_stack::attributes_of(handle).map(|of| {
        // SAFETY: the caller's memory.
        unsafe { attributes.write(of) }
    }))
}

/// The attributes of threads that are made without an object.
///
/// # Errors
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getattr_default_np(attributes: *mut Attributes) -> c_int {
    zero_or_number(Attributes::get_default().map(|of| {
        // SAFETY: the caller's memory.
        unsafe { attributes.write(of) }
    }))
}

/// Sets the attributes of threads that are made without an object.
///
/// # Errors
/// `EINVAL` (a stack address, a bad priority or stack size), `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: sets the parent's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setattr_default_np(attributes: *const Attributes) -> c_int {
    // SAFETY: the caller's object.
    zero_or_number(unsafe { &*attributes }.set_default())
}
