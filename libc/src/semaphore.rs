//! `<semaphore.h>`. What was destroyed, or is none, gives `EINVAL`.

use core::ffi::{CStr, c_char, c_int, c_uint};
use core::ptr;

use tidal_pthread::cancel;
use tidal_pthread::named_semaphore::{self as named, Creation};
use tidal_pthread::semaphore::{Semaphore, VALUE_MAX};
use tidal_pthread::vfork_wait;
use tidal_rt::futex::{Clock, Scope};
use tidal_rt::lock::held;
use tidal_rt::sys::time::Timespec;
use tidal_rt::{Errno, identity};

use crate::errno::{or_errno, zero_or_errno};
use crate::pthread::clock_of;

const _: () = assert!(size_of::<Semaphore>() <= 32 && align_of::<Semaphore>() <= 8);

/// The caller's semaphore.
///
/// # Errors
/// `EINVAL` if it was destroyed, or is none.
unsafe fn valid<'a>(semaphore: *const Semaphore) -> Result<&'a Semaphore, Errno> {
    // SAFETY: the caller's memory.
    let semaphore = unsafe { &*semaphore };
    if semaphore.is_valid() { Ok(semaphore) } else { Err(Errno::EINVAL) }
}

const O_CREAT: c_int = linux_raw_sys::general::O_CREAT as c_int;
const O_EXCL: c_int = linux_raw_sys::general::O_EXCL as c_int;

/// Makes a semaphore in the caller's memory.
///
/// # Errors
/// -1 and `EINVAL` (the value is beyond `SEM_VALUE_MAX`).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_init(semaphore: *mut Semaphore, pshared: c_int, value: c_uint) -> c_int {
    if value > VALUE_MAX {
        return or_errno(Err(Errno::EINVAL));
    }
    let scope = if pshared != 0 { Scope::Shared } else { Scope::Private };
    // SAFETY: the caller's memory, as large as `sem_t`.
    unsafe { semaphore.write(Semaphore::new(value, scope)) };
    0
}

/// The semaphore is not used any more.
///
/// # Errors
/// -1 and `EBUSY` (threads wait), `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_destroy(semaphore: *mut Semaphore) -> c_int {
    // SAFETY: the caller's semaphore.
    zero_or_errno(unsafe { valid(semaphore) }.and_then(Semaphore::destroy))
}

/// Adds one, and lets one waiter through.
///
/// # Errors
/// -1 and `EOVERFLOW`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_post(semaphore: *mut Semaphore) -> c_int {
    let post = |s: &Semaphore| held::with_wake_owed(s.futex(), s.scope(), || s.post());
    // SAFETY: the caller's semaphore.
    zero_or_errno(unsafe { valid(semaphore) }.and_then(post))
}

fn wait(semaphore: &Semaphore, deadline: Option<(Clock, &Timespec)>) -> Result<(), Errno> {
    if identity::is_vfork_child() {
        return vfork_wait::until(deadline, || semaphore.try_wait());
    }
    semaphore.wait(deadline)
}

unsafe fn wait_until(semaphore: *mut Semaphore, clock: Clock, until: *const Timespec) -> Result<(), Errno> {
    cancel::test();
    // SAFETY: null, which is no limit, or the caller's time.
    let deadline = unsafe { until.as_ref() }.map(|time| (clock, time));
    // SAFETY: the caller's semaphore.
    match unsafe { valid(semaphore) }.and_then(|s| wait(s, deadline)) {
        Err(Errno::ECANCELED) => cancel::act(),
        result => result,
    }
}

/// Takes one, sleeping until there is one. A cancellation point.
///
/// # Errors
/// -1 and `EINTR` (a signal handler ran), `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_wait(semaphore: *mut Semaphore) -> c_int {
    // SAFETY: the same contract.
    zero_or_errno(unsafe { wait_until(semaphore, Clock::Realtime, ptr::null()) })
}

/// Takes one if there is one.
///
/// # Errors
/// -1 and `EAGAIN`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_trywait(semaphore: *mut Semaphore) -> c_int {
    // SAFETY: the caller's semaphore.
    zero_or_errno(unsafe { valid(semaphore) }.and_then(Semaphore::try_wait))
}

/// As `sem_wait`, until a time of `CLOCK_REALTIME` at most.
///
/// # Errors
/// -1 and `ETIMEDOUT`, `EINTR`, `EINVAL` (the time's nanoseconds, if it has to sleep).
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_timedwait(semaphore: *mut Semaphore, until: *const Timespec) -> c_int {
    // SAFETY: the same contract.
    zero_or_errno(unsafe { wait_until(semaphore, Clock::Realtime, until) })
}

/// As `sem_timedwait`, by the clock named.
///
/// # Errors
/// As `sem_timedwait`; `EINVAL` for a clock other than `CLOCK_REALTIME` and `CLOCK_MONOTONIC`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_clockwait(
    semaphore: *mut Semaphore,
    clock_id: c_int,
    until: *const Timespec,
) -> c_int {
    // SAFETY: the same contract.
    zero_or_errno(
        clock_of(clock_id)
            .ok_or(Errno::EINVAL)
            .and_then(|clock| unsafe { wait_until(semaphore, clock, until) }),
    )
}

/// The value right now; 0 while threads wait.
///
/// # Errors
/// -1 and `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_getvalue(semaphore: *mut Semaphore, value: *mut c_int) -> c_int {
    // SAFETY: the caller's semaphore.
    let now = unsafe { valid(semaphore) }.map(Semaphore::value);
    // SAFETY: the caller's variable.
    zero_or_errno(now.map(|now| unsafe { value.write(now as c_int) }))
}

// `sem_open` is variadic. Integer arguments come in the same registers as those of an ordinary function, and an
// absent one is not looked at.
/// Opens the semaphore of a name, or with `O_CREAT` makes it with permissions and value.
///
/// # Errors
/// `SEM_FAILED` (null) and `EINVAL` (name or value), `ENAMETOOLONG`, `ENOENT`, `EEXIST`, `EACCES`, `EMFILE`, `ENFILE`,
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: opens the parent's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_open(
    name: *const c_char,
    flags: c_int,
    mode: c_uint,
    value: c_uint,
) -> *mut Semaphore {
    let creation = (flags & O_CREAT != 0).then_some(Creation { exclusive: flags & O_EXCL != 0, mode, value });
    // SAFETY: the caller's C string.
    or_errno(named::open(unsafe { CStr::from_ptr(name) }, creation))
}

/// Gives back a semaphore of `sem_open`.
///
/// # Errors
/// -1 and `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: closes the parent's.
#[unsafe(no_mangle)]
pub extern "C" fn sem_close(semaphore: *mut Semaphore) -> c_int {
    zero_or_errno(named::close(semaphore))
}

/// Removes a name; who has the semaphore open keeps it.
///
/// # Errors
/// -1 and `ENOENT`, `EACCES`, `ENAMETOOLONG`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_unlink(name: *const c_char) -> c_int {
    // SAFETY: the caller's C string.
    zero_or_errno(named::unlink(unsafe { CStr::from_ptr(name) }))
}
