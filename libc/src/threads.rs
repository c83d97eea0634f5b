//! `<threads.h>`, C11's threads: other names and results for what `<pthread.h>` does.

use core::arch::naked_asm;
use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

use tidal_pthread::cond::Cond;
use tidal_pthread::keys::Destructor;
use tidal_pthread::mutex::Mutex;
use tidal_pthread::thread::Entry;
use tidal_pthread::{exit, scheduling};
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, syscall_cp};

use crate::pthread::cond::{
    pthread_cond_broadcast, pthread_cond_destroy, pthread_cond_init, pthread_cond_signal,
    pthread_cond_timedwait, pthread_cond_wait,
};
use crate::pthread::keys::{
    pthread_getspecific, pthread_key_create, pthread_key_delete, pthread_setspecific,
};
use crate::pthread::lifecycle::{pthread_detach, pthread_join, start};
use crate::pthread::mutex::{
    pthread_mutex_destroy, pthread_mutex_init, pthread_mutex_lock, pthread_mutex_timedlock,
    pthread_mutex_trylock, pthread_mutex_unlock,
};
use crate::pthread::mutexattr::{pthread_mutexattr_init, pthread_mutexattr_settype};
use crate::pthread::once::pthread_once;
use crate::pthread::{Handle, identity};

const SUCCESS: c_int = 0;
const BUSY: c_int = 1;
const ERROR: c_int = 2;
const NO_MEMORY: c_int = 3;
const TIMED_OUT: c_int = 4;

/// `mtx_recursive`; `mtx_timed` (2) may be added.
const RECURSIVE: c_int = 1;
const TIMED: c_int = 2;
/// `PTHREAD_MUTEX_RECURSIVE`.
const PTHREAD_RECURSIVE: c_int = 1;

/// C11's result for an error number.
fn result(number: c_int) -> c_int {
    match Errno(number) {
        Errno(0) => SUCCESS,
        Errno::EBUSY => BUSY,
        Errno::ENOMEM | Errno::EAGAIN => NO_MEMORY,
        Errno::ETIMEDOUT => TIMED_OUT,
        _ => ERROR,
    }
}

/// Makes a thread run `function(argument)`.
///
/// # Errors
/// `thrd_nomem`, `thrd_error`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn thrd_create(
    handle: *mut Handle,
    function: extern "C" fn(*mut c_void) -> c_int,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: the same contract.
    result(unsafe { start(handle, ptr::null(), Entry::Int(function), argument) })
}

/// Ends the calling thread.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn thrd_exit(value: c_int) -> ! {
    exit::set_process_exit(crate::stdlib::exit::exit);
    exit::exit(ptr::without_provenance_mut(value as isize as usize))
}

/// Waits for a thread's end and frees it.
///
/// # Errors
/// `thrd_error`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn thrd_join(handle: Handle, value: *mut c_int) -> c_int {
    let mut pointer = ptr::null_mut();
    // SAFETY: a live variable.
    let joined = unsafe { pthread_join(handle, &raw mut pointer) };
    if joined == 0 && !value.is_null() {
        // SAFETY: the caller's variable.
        unsafe { value.write(pointer as usize as c_int) };
    }
    result(joined)
}

/// Nobody will join the thread: its end frees it.
///
/// # Errors
/// `thrd_error`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn thrd_detach(handle: Handle) -> c_int {
    result(pthread_detach(handle))
}

/// The calling thread.
///
/// Signal-safe: yes. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub extern "C" fn thrd_current() -> Handle {
    identity::pthread_self()
}

/// Whether two handles name the same thread.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn thrd_equal(a: Handle, b: Handle) -> c_int {
    c_int::from(a == b)
}

/// Lets others run.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn thrd_yield() {
    scheduling::yield_now();
}

/// Sleeps; a cancellation point.
///
/// # Errors
/// -1 (a signal handler ran; `rest` has what is left), -2 (the time).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn thrd_sleep(time: *const Timespec, rest: *mut Timespec) -> c_int {
    let (clock, relative) = (linux_raw_sys::general::CLOCK_REALTIME, 0u32);
    // SAFETY: the caller's variables.
    match unsafe { syscall_cp!(__NR_clock_nanosleep, clock, relative, time, rest) } {
        Ok(_) => 0,
        Err(Errno::EINTR) => -1,
        Err(_) => -2,
    }
}

/// Runs `routine` unless it has run, as [`pthread_once`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call_once(flag: *mut c_int, routine: extern "C" fn()) {
    naked_asm!("jmp {once}", once = sym pthread_once)
}

/// Makes a mutex: `mtx_plain` or `mtx_recursive`, each with `mtx_timed` or without.
///
/// # Errors
/// `thrd_error`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtx_init(mutex: *mut Mutex, kind: c_int) -> c_int {
    if kind & !(RECURSIVE | TIMED) != 0 {
        return ERROR;
    }
    let mut attributes = core::mem::MaybeUninit::uninit();
    // SAFETY: the attributes are made first; the caller's memory.
    unsafe {
        pthread_mutexattr_init(attributes.as_mut_ptr());
        if kind & RECURSIVE != 0 {
            pthread_mutexattr_settype(attributes.as_mut_ptr(), PTHREAD_RECURSIVE);
        }
        result(pthread_mutex_init(mutex, attributes.as_ptr()))
    }
}

/// The mutex is not used any more.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtx_destroy(mutex: *mut Mutex) {
    // SAFETY: the same contract.
    unsafe { pthread_mutex_destroy(mutex) };
}

/// The condition variable is not used any more.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cnd_destroy(cond: *mut Cond) {
    // SAFETY: the same contract.
    unsafe { pthread_cond_destroy(cond) };
}

/// Makes a condition variable.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cnd_init(cond: *mut Cond) -> c_int {
    // SAFETY: the same contract.
    result(unsafe { pthread_cond_init(cond, ptr::null()) })
}

macro_rules! renamed {
    ($($(#[$meta:meta])* $name:ident($($arg:ident: $type:ty),*) = $function:ident;)*) => { $(
        $(#[$meta])*
        ///
        /// # Errors
        /// `thrd_error`.
        ///
        /// Signal-safe: no. Vfork-safe: as far as the thread does not have to wait.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $type),*) -> c_int {
            // SAFETY: the same contract.
            result(unsafe { $function($($arg),*) })
        }
    )* };
}

renamed! {
    /// Takes a mutex.
    mtx_lock(mutex: *mut Mutex) = pthread_mutex_lock;
    /// Takes a mutex if it is free, else `thrd_busy`.
    mtx_trylock(mutex: *mut Mutex) = pthread_mutex_trylock;
    /// Takes a mutex until a time of `TIME_UTC` at most, else `thrd_timedout`.
    mtx_timedlock(mutex: *mut Mutex, until: *const Timespec) = pthread_mutex_timedlock;
    /// Releases a mutex.
    mtx_unlock(mutex: *mut Mutex) = pthread_mutex_unlock;
    /// Wakes a waiter.
    cnd_signal(cond: *mut Cond) = pthread_cond_signal;
    /// Wakes all waiters.
    cnd_broadcast(cond: *mut Cond) = pthread_cond_broadcast;
    /// Waits, the mutex being free meanwhile.
    cnd_wait(cond: *mut Cond, mutex: *mut Mutex) = pthread_cond_wait;
    /// Waits until a time of `TIME_UTC` at most, else `thrd_timedout`.
    cnd_timedwait(cond: *mut Cond, mutex: *mut Mutex, until: *const Timespec) = pthread_cond_timedwait;
    /// Makes a key of thread-specific storage.
    tss_create(key: *mut c_uint, destructor: Option<Destructor>) = pthread_key_create;
    /// Sets the calling thread's value.
    tss_set(key: c_uint, value: *const c_void) = pthread_setspecific;
}

/// The calling thread's value of a key.
///
/// Signal-safe: yes, but for the first call in a program. Vfork-safe: yes (the parent's).
#[unsafe(no_mangle)]
pub extern "C" fn tss_get(key: c_uint) -> *mut c_void {
    pthread_getspecific(key)
}

/// Deletes a key; its destructor does not run.
///
/// Signal-safe: no. Vfork-safe: yes (deletes the parent's).
#[unsafe(no_mangle)]
pub extern "C" fn tss_delete(key: c_uint) {
    pthread_key_delete(key);
}
