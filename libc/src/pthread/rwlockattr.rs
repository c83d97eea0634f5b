//! Read-write lock attributes: `pthread_rwlockattr_*`. Signal-safe and vfork-safe: they touch their arguments alone.

use core::ffi::c_int;

use tidal_pthread::rwlock::attributes::Attributes;

use super::{PROCESS_PRIVATE, PROCESS_SHARED, is_shared};
use crate::errno::zero_or_number;

/// Makes default attributes: private, readers preferred.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlockattr_init(attributes: *mut Attributes) -> c_int {
    // SAFETY: memory of the caller's.
    unsafe { attributes.write(Attributes::DEFAULT) };
    0
}

/// Ends attributes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlockattr_destroy(_attributes: *mut Attributes) -> c_int {
    0
}

/// Reads whether other processes may use the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlockattr_getpshared(
    attributes: *const Attributes,
    shared: *mut c_int,
) -> c_int {
    // SAFETY: initialised and writable.
    unsafe { *shared = if (*attributes).is_shared() { PROCESS_SHARED } else { PROCESS_PRIVATE } };
    0
}

/// Sets whether other processes may use the lock.
///
/// # Errors
/// `EINVAL` for what is neither `PTHREAD_PROCESS_PRIVATE` nor `_SHARED`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlockattr_setpshared(attributes: *mut Attributes, shared: c_int) -> c_int {
    // SAFETY: initialised.
    zero_or_number(is_shared(shared).map(|shared| unsafe { &mut *attributes }.set_shared(shared)))
}

/// Reads who goes first when readers and writers wait.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlockattr_getkind_np(
    attributes: *const Attributes,
    preference: *mut c_int,
) -> c_int {
    // SAFETY: initialised and writable.
    unsafe { *preference = (*attributes).preference() as c_int };
    0
}

/// Sets who goes first: `PTHREAD_RWLOCK_PREFER_READER_NP`, `_WRITER_NP` (which is the same, as in glibc) or
/// `_WRITER_NONRECURSIVE_NP`.
///
/// # Errors
/// `EINVAL` for another number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_rwlockattr_setkind_np(
    attributes: *mut Attributes,
    preference: c_int,
) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &mut *attributes }.set_preference_number(preference))
}
