//! Mutex attributes: `pthread_mutexattr_*`. All of them are signal-safe and vfork-safe: they touch their arguments alone.

use core::ffi::c_int;

use tidal_pthread::mutex::attributes::Attributes;
use tidal_rt::Errno;

use super::{PROCESS_PRIVATE, PROCESS_SHARED, is_shared};
use crate::errno::zero_or_number;

/// Makes default attributes: normal, private, stalled, no protocol.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` points to memory for them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_init(attributes: *mut Attributes) -> c_int {
    // SAFETY: memory of the caller's.
    unsafe { attributes.write(Attributes::DEFAULT) };
    0
}

/// Ends attributes.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// They are initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_destroy(_attributes: *mut Attributes) -> c_int {
    0
}

/// Reads one attribute.
///
/// # Safety
/// `attributes` is initialised, `out` writable.
unsafe fn read(
    attributes: *const Attributes,
    out: *mut c_int,
    get: impl FnOnce(&Attributes) -> c_int,
) -> c_int {
    // SAFETY: the caller's word.
    unsafe { *out = get(&*attributes) };
    0
}

/// Reads the type.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised, `kind` writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_gettype(attributes: *const Attributes, kind: *mut c_int) -> c_int {
    // SAFETY: the caller's word.
    unsafe { read(attributes, kind, Attributes::kind_number) }
}

/// Sets the type: `PTHREAD_MUTEX_NORMAL`, `_RECURSIVE`, `_ERRORCHECK` or `_ADAPTIVE_NP`.
///
/// # Errors
/// `EINVAL` for another number.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_settype(attributes: *mut Attributes, kind: c_int) -> c_int {
    // SAFETY: the caller's word.
    zero_or_number(unsafe { &mut *attributes }.set_kind_number(kind))
}

/// Reads whether other processes may use the mutex.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised, `shared` writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_getpshared(
    attributes: *const Attributes,
    shared: *mut c_int,
) -> c_int {
    let number = |a: &Attributes| if a.is_shared() { PROCESS_SHARED } else { PROCESS_PRIVATE };
    // SAFETY: the caller's word.
    unsafe { read(attributes, shared, number) }
}

/// Sets whether other processes may use the mutex.
///
/// # Errors
/// `EINVAL` for what is neither `PTHREAD_PROCESS_PRIVATE` nor `_SHARED`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_setpshared(attributes: *mut Attributes, shared: c_int) -> c_int {
    // SAFETY: the caller's word.
    zero_or_number(is_shared(shared).map(|shared| unsafe { &mut *attributes }.set_shared(shared)))
}

/// Reads the protocol.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised, `protocol` writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_getprotocol(
    attributes: *const Attributes,
    protocol: *mut c_int,
) -> c_int {
    // SAFETY: the caller's word.
    unsafe { read(attributes, protocol, Attributes::protocol_number) }
}

/// Sets the protocol: `PTHREAD_PRIO_NONE`, `_INHERIT` or `_PROTECT`.
///
/// # Errors
/// `EINVAL` for another number.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_setprotocol(
    attributes: *mut Attributes,
    protocol: c_int,
) -> c_int {
    // SAFETY: the caller's word.
    zero_or_number(unsafe { &mut *attributes }.set_protocol_number(protocol))
}

/// Reads the priority ceiling.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised, `ceiling` writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_getprioceiling(
    attributes: *const Attributes,
    ceiling: *mut c_int,
) -> c_int {
    // SAFETY: the caller's word.
    unsafe { read(attributes, ceiling, Attributes::ceiling) }
}

/// Sets the priority ceiling.
///
/// # Errors
/// `EINVAL` for what is no priority of `SCHED_FIFO`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_setprioceiling(
    attributes: *mut Attributes,
    ceiling: c_int,
) -> c_int {
    // SAFETY: the caller's word.
    zero_or_number(unsafe { &mut *attributes }.set_ceiling(ceiling))
}

/// Reads whether the next locker learns of its owner's death: `PTHREAD_MUTEX_STALLED` or `_ROBUST`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised, `robust` writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_getrobust(
    attributes: *const Attributes,
    robust: *mut c_int,
) -> c_int {
    // SAFETY: the caller's word.
    unsafe { read(attributes, robust, |a| c_int::from(a.is_robust())) }
}

/// Sets whether the next locker learns of its owner's death.
///
/// # Errors
/// `EINVAL` for what is neither `PTHREAD_MUTEX_STALLED` nor `_ROBUST`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `attributes` is initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_setrobust(attributes: *mut Attributes, robust: c_int) -> c_int {
    if !(0..=1).contains(&robust) {
        return Errno::EINVAL.0;
    }
    // SAFETY: the caller's word.
    unsafe { &mut *attributes }.set_robust(robust == 1);
    0
}

/// The name of [`pthread_mutexattr_getrobust`] before POSIX took it up.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutexattr_getrobust`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_getrobust_np(
    attributes: *const Attributes,
    robust: *mut c_int,
) -> c_int {
    // SAFETY: the same function.
    unsafe { pthread_mutexattr_getrobust(attributes, robust) }
}

/// The name of [`pthread_mutexattr_setrobust`] before POSIX took it up.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutexattr_setrobust`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutexattr_setrobust_np(attributes: *mut Attributes, robust: c_int) -> c_int {
    // SAFETY: the same function.
    unsafe { pthread_mutexattr_setrobust(attributes, robust) }
}
