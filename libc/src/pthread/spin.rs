//! Spin locks. They work between processes whatever they were initialised with.

use core::ffi::c_int;
use core::sync::atomic::AtomicI32;

use tidal_pthread::spin;
use tidal_rt::Errno;

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
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_spin_destroy(_lock: *mut c_int) -> c_int {
    0
}

/// Takes the lock, spinning.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_lock(lock: *mut c_int) -> c_int {
    // SAFETY: the caller's lock.
    spin::lock(unsafe { AtomicI32::from_ptr(lock) });
    0
}

/// Takes the lock if it is free.
///
/// # Errors
/// `EBUSY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_spin_trylock(lock: *mut c_int) -> c_int {
    // SAFETY: the caller's lock.
    if spin::try_lock(unsafe { AtomicI32::from_ptr(lock) }) { 0 } else { Errno::EBUSY.0 }
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
