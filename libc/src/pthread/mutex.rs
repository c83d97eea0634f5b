//! Mutexes: `pthread_mutex_*`.

use core::arch::naked_asm;
use core::ffi::c_int;

use tidal_pthread::mutex::attributes::Attributes;
use tidal_pthread::mutex::kind::Kind;
use tidal_pthread::mutex::{Mutex, biased, policy};
use tidal_pthread::{
    biased_lock_asm, biased_or_ordinary_asm, biased_unlock_asm, ordinary_lock_asm, ordinary_unlock_asm,
};
use tidal_rt::futex::Clock;
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, block, rseq, startup};

use super::clock_of;
use crate::errno::zero_or_number;

/// A C entry point that is a leaf: the biased sequence or the ordinary path, and the slow one where both say no.
macro_rules! leaf {
    ($(#[$meta:meta])* $name:ident, $sequence:ident, [$($tail:literal),*], $at:literal, $ordinary:ident, $slow:ident, $($operand:tt)*) => {
        $(#[$meta])*
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(mutex: *mut Mutex) -> c_int {
            naked_asm!(
                ".cfi_startproc",
                biased_or_ordinary_asm!($at),
                $sequence!("rdi", "eax", "rax", $($tail),*),
                $ordinary!(),
                // At the end, so that what is aligned is the section, and with it the entry.
                ".p2align 6",
                ".cfi_endproc",
                rseq_cs = const block::RSEQ_CS,
                gate = const block::GATE,
                sig = const rseq::SIGNATURE,
                single = sym startup::SINGLE_THREADED,
                last = const biased::LAST,
                kind = const Mutex::KIND,
                private = const Kind::LAST_PRIVATE,
                slow = sym $slow,
                $($operand)*
            )
        }
    };
    (lock $(#[$meta:meta])* $name:ident, $slow:ident, $earn:ident) => {
        leaf! {
            $(#[$meta])* $name, biased_lock_asm, ["xor eax, eax", "ret"], "65f", ordinary_lock_asm, $slow,
            lock_id = const block::LOCK_ID, streak = const biased::STREAK,
            few = const policy::STREAK - 1, level = const !policy::STREAK_COUNT as i32, earn = sym $earn
        }
    };
}

leaf! { lock
    /// Takes the mutex, waiting for it. Returns 0 or an error number; `errno` stays.
    ///
    /// # Errors
    /// `EDEADLK` (error-checking, held by the caller; or held by a suspended vfork ancestor), `EAGAIN` (recursion count),
    /// `EOWNERDEAD` (robust: held now, its owner died), `ENOTRECOVERABLE`, `EINVAL` (no mutex; ceiling too low).
    ///
    /// Signal-safe: no. Vfork-safe: yes.
    ///
    /// # Safety
    /// `mutex` points to an initialised mutex.
    pthread_mutex_lock, lock_slow, lock_earn
}

leaf! { lock
    /// Takes the mutex if it is free. Returns 0 or an error number.
    ///
    /// # Errors
    /// `EBUSY`, and as [`pthread_mutex_lock`] but `EDEADLK`.
    ///
    /// Signal-safe: no. Vfork-safe: yes.
    ///
    /// # Safety
    /// As [`pthread_mutex_lock`].
    pthread_mutex_trylock, try_lock_slow, try_lock_earn
}

leaf! {
    /// Releases the mutex and touches nothing of it afterwards. Returns 0 or an error number.
    ///
    /// # Errors
    /// `EPERM` (error-checking, recursive, robust, priority inheritance: not held by the caller), `EINVAL` (no mutex).
    ///
    /// Signal-safe: no. Vfork-safe: yes; what its parent took, the parent releases.
    ///
    /// # Safety
    /// As [`pthread_mutex_lock`].
    pthread_mutex_unlock, biased_unlock_asm, ["ret"], "67f", ordinary_unlock_asm, unlock_slow,
    unlock_id = const block::UNLOCK_ID, normal = const 0, wake = sym wake
}

unsafe extern "C" fn lock_earn(mutex: *mut Mutex) -> c_int {
    // SAFETY: just taken.
    unsafe { &*mutex }.earn_or_give_way();
    0
}

unsafe extern "C" fn try_lock_earn(mutex: *mut Mutex) -> c_int {
    // SAFETY: just taken.
    unsafe { &*mutex }.earn_if_due();
    0
}

/// The mutex is released and perhaps gone.
unsafe extern "C" fn wake(mutex: *mut Mutex) -> c_int {
    biased::wake_one(mutex.cast_const().cast());
    0
}

unsafe extern "C" fn lock_slow(mutex: *mut Mutex) -> c_int {
    // SAFETY: an initialised mutex, the caller says.
    zero_or_number(unsafe { &*mutex }.lock_slow(None))
}

unsafe extern "C" fn try_lock_slow(mutex: *mut Mutex) -> c_int {
    // SAFETY: an initialised mutex, the caller says.
    zero_or_number(unsafe { &*mutex }.try_lock_slow())
}

unsafe extern "C" fn unlock_slow(mutex: *mut Mutex) -> c_int {
    // SAFETY: an initialised mutex that the caller holds, or whose type checks that.
    zero_or_number(unsafe { (*mutex).unlock_slow() })
}

/// Makes a mutex, default attributes for null.
///
/// # Errors
/// `ENOTSUP` for robust with `PTHREAD_PRIO_PROTECT`.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `mutex` points to memory for one that nobody uses; `attributes` is null or initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_init(mutex: *mut Mutex, attributes: *const Attributes) -> c_int {
    // SAFETY: null or initialised.
    let attributes = unsafe { attributes.as_ref() }.copied().unwrap_or_default();
    match Mutex::with_attributes(&attributes) {
        Ok(made) => {
            // SAFETY: memory of the caller's.
            unsafe { mutex.write(made) };
            0
        }
        Err(e) => e.0,
    }
}

/// Ends a mutex; its memory may be used again.
///
/// # Errors
/// `EBUSY` while it is held; `EINVAL` for what is no mutex.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `mutex` points to an initialised mutex that nobody waits for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_destroy(mutex: *mut Mutex) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*mutex }.destroy())
}

/// Takes the mutex, giving up at an absolute time of `CLOCK_REALTIME`.
///
/// # Errors
/// `ETIMEDOUT`, `EINVAL` (bad nanoseconds, if it would have waited), and as [`pthread_mutex_lock`].
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutex_lock`]; `deadline` points to a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_timedlock(mutex: *mut Mutex, deadline: *const Timespec) -> c_int {
    // SAFETY: both live.
    let (mutex, deadline) = unsafe { (&*mutex, &*deadline) };
    zero_or_number(mutex.lock_until(Some((Clock::Realtime, deadline))))
}

/// Takes the mutex, giving up at an absolute time of a clock.
///
/// # Errors
/// `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`, and as [`pthread_mutex_timedlock`].
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutex_timedlock`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_clocklock(
    mutex: *mut Mutex,
    clock: c_int,
    deadline: *const Timespec,
) -> c_int {
    let Some(clock) = clock_of(clock) else { return Errno::EINVAL.0 };
    // SAFETY: both live.
    let (mutex, deadline) = unsafe { (&*mutex, &*deadline) };
    zero_or_number(mutex.lock_until(Some((clock, deadline))))
}

/// Says that the state guarded by a robust mutex, got with `EOWNERDEAD`, is in order again.
///
/// # Errors
/// `EINVAL` if it is not robust or not in that state.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutex_lock`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_consistent(mutex: *mut Mutex) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*mutex }.make_consistent())
}

/// The name of [`pthread_mutex_consistent`] before POSIX took it up.
///
/// # Safety
/// As [`pthread_mutex_lock`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_consistent_np(mutex: *mut Mutex) -> c_int {
    // SAFETY: the same function.
    unsafe { pthread_mutex_consistent(mutex) }
}

/// Reads the priority ceiling.
///
/// # Errors
/// `EINVAL` if the mutex has none.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutex_lock`]; `ceiling` is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_getprioceiling(mutex: *const Mutex, ceiling: *mut c_int) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*mutex }.ceiling().map(|c| {
        // SAFETY: writable.
        unsafe { *ceiling = c }
    }))
}

/// Takes the mutex, changes its ceiling, releases it, and stores the old ceiling where `old` is not null.
///
/// # Errors
/// `EINVAL` if it has none or the new one is no priority of `SCHED_FIFO`; `EDEADLK`.
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// As [`pthread_mutex_lock`]; `old` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_mutex_setprioceiling(
    mutex: *mut Mutex,
    ceiling: c_int,
    old: *mut c_int,
) -> c_int {
    // SAFETY: initialised.
    zero_or_number(unsafe { &*mutex }.set_ceiling(ceiling).map(|c| {
        // SAFETY: null or writable.
        if let Some(old) = unsafe { old.as_mut() } {
            *old = c;
        }
    }))
}
