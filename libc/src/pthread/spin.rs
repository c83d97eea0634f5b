//! Spin locks. They work between processes whatever they were initialised with. What was destroyed, or is none, gives `EINVAL`.

use core::ffi::c_int;
use core::sync::atomic::AtomicI32;

use tidal_pthread::spin;

use crate::errno::zero_or_number;

/// Makes a free lock.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_init(lock: *mut c_int, _pshared: c_int) -> c_int {
    // SAFETY: the caller's memory.
    unsafe { lock.write(0) };
    0
}

/// The lock is not used any more.
///
/// # Errors
/// `EBUSY` if it is held, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_destroy(lock: *mut c_int) -> c_int {
    // SAFETY: the caller's lock.
    zero_or_number(spin::destroy(unsafe { AtomicI32::from_ptr(lock) }))
}

/// Takes the lock, spinning.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_lock(lock: *mut c_int) -> c_int {
    // SAFETY: the caller's lock.
    zero_or_number(spin::lock(unsafe { AtomicI32::from_ptr(lock) }))
}

/// Takes the lock if it is free.
///
/// # Errors
/// `EBUSY`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_trylock(lock: *mut c_int) -> c_int {
    // SAFETY: the caller's lock.
    zero_or_number(spin::try_lock(unsafe { AtomicI32::from_ptr(lock) }))
}

/// Releases the lock.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_unlock(lock: *mut c_int) -> c_int {
    // SAFETY: the caller's lock.
    spin::unlock(unsafe { AtomicI32::from_ptr(lock) });
    0
}
