//! Barriers and their attributes. What was destroyed, or is none, gives `EINVAL`.

use core::ffi::{c_int, c_uint};

use tidal_pthread::barrier::{Barrier, COUNT_MOST};
use tidal_rt::Errno;
use tidal_rt::futex::Scope;

use super::is_shared;
use crate::errno::zero_or_number;

/// `PTHREAD_BARRIER_SERIAL_THREAD`.
const SERIAL_THREAD: c_int = -1;

const _: () = assert!(size_of::<Barrier>() <= 32 && align_of::<Barrier>() <= 8);

/// Makes a barrier for `count` threads.
///
/// # Errors
/// `EINVAL` (no thread, or more than 2^31 - 1; what are no attributes).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_barrier_init(
    barrier: *mut Barrier,
    attributes: *const c_int,
    count: c_uint,
) -> c_int {
    // SAFETY: null or the caller's object, which is one int.
    let shared = is_shared(unsafe { attributes.as_ref() }.copied().unwrap_or_default());
    let (Ok(shared), 1..=COUNT_MOST) = (shared, count) else { return Errno::EINVAL.0 };
    let scope = if shared { Scope::Shared } else { Scope::Private };
    // SAFETY: the caller's memory, as large as `pthread_barrier_t`.
    unsafe { barrier.write(Barrier::new(count, scope)) };
    0
}

/// Waits until all released threads have left the barrier; its memory may then be used for something else.
///
/// # Errors
/// `EBUSY` (threads wait for others to come), `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_barrier_destroy(barrier: *mut Barrier) -> c_int {
    // SAFETY: the caller's barrier.
    let barrier = unsafe { &*barrier };
    if !barrier.is_valid() {
        return Errno::EINVAL.0;
    }
    zero_or_number(barrier.destroy().map_err(|_| Errno::EBUSY))
}

/// Waits until as many threads wait as the barrier is for. `PTHREAD_BARRIER_SERIAL_THREAD` in one of them, else 0.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_barrier_wait(barrier: *mut Barrier) -> c_int {
    // SAFETY: the caller's barrier.
    let barrier = unsafe { &*barrier };
    match barrier.is_valid() {
        false => Errno::EINVAL.0,
        true if barrier.wait() => SERIAL_THREAD,
        true => 0,
    }
}

/// Makes a default attribute object: private to the process.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_barrierattr_init(attributes: *mut c_int) -> c_int {
    // SAFETY: the caller's memory, one int.
    unsafe { attributes.write(0) };
    0
}

/// The attribute object is not used any more.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_barrierattr_destroy(_attributes: *mut c_int) -> c_int {
    0
}

/// Whether barriers may be used by several processes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_barrierattr_getpshared(
    attributes: *const c_int,
    pshared: *mut c_int,
) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { pshared.write(*attributes) };
    0
}

/// Sets whether barriers may be used by several processes.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_barrierattr_setpshared(attributes: *mut c_int, pshared: c_int) -> c_int {
    zero_or_number(is_shared(pshared).map(|_| {
        // SAFETY: the caller's object.
        unsafe { attributes.write(pshared) }
    }))
}
