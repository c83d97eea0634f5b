//! Thread attribute objects.

use core::ffi::{c_int, c_void};
use core::slice;

use tidal_pthread::attributes::Attributes;
use tidal_pthread::scheduling::Parameters;
use tidal_rt::Errno;

use crate::errno::zero_or_number;
use crate::signal::set::{SigSet, load, store};

/// `PTHREAD_CREATE_DETACHED`; joinable is 0.
const DETACHED: c_int = 1;
/// `PTHREAD_EXPLICIT_SCHED`; inherited is 0.
const EXPLICIT_SCHED: c_int = 1;
/// `PTHREAD_SCOPE_PROCESS`; system is 0.
const SCOPE_PROCESS: c_int = 1;
/// `PTHREAD_ATTR_NO_SIGMASK_NP`: an object without a mask was asked for it.
const NO_SIGMASK: c_int = -1;

/// A flag that C writes as 0 or 1.
fn flag(value: c_int, one: c_int) -> Result<bool, Errno> {
    match value {
        0 => Ok(false),
        v if v == one => Ok(true),
        _ => Err(Errno::EINVAL),
    }
}

/// Makes a default object.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_init(attributes: *mut Attributes) -> c_int {
    // SAFETY: the caller's memory.
    unsafe { attributes.write(Attributes::new()) };
    0
}

/// The object is not used any more.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_destroy(attributes: *mut Attributes) -> c_int {
    // SAFETY: the caller's object.
    unsafe { &mut *attributes }.destroy();
    0
}

/// Whether threads are detached from the start.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getdetachstate(
    attributes: *const Attributes,
    state: *mut c_int,
) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { state.write(c_int::from((*attributes).is_detached())) };
    0
}

/// Sets whether threads are detached from the start.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setdetachstate(attributes: *mut Attributes, state: c_int) -> c_int {
    // SAFETY: the caller's object.
    zero_or_number(flag(state, DETACHED).map(|on| unsafe { &mut *attributes }.set_detached(on)))
}

/// Size of the guard below the stack, in bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getguardsize(attributes: *const Attributes, size: *mut usize) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { size.write((*attributes).guard()) };
    0
}

/// Sets the size of the guard below the stack; rounded up to pages when used.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setguardsize(attributes: *mut Attributes, size: usize) -> c_int {
    // SAFETY: the caller's object.
    unsafe { &mut *attributes }.set_guard(size);
    0
}

/// Whether scheduling is the object's or the creator's.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getinheritsched(
    attributes: *const Attributes,
    inherit: *mut c_int,
) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { inherit.write(c_int::from((*attributes).is_scheduling_explicit())) };
    0
}

/// Sets whether scheduling is the object's or the creator's.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setinheritsched(attributes: *mut Attributes, inherit: c_int) -> c_int {
    let explicit = flag(inherit, EXPLICIT_SCHED);
    // SAFETY: the caller's object.
    zero_or_number(explicit.map(|on| unsafe { &mut *attributes }.set_scheduling_explicit(on)))
}

/// Scheduling policy.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getschedpolicy(
    attributes: *const Attributes,
    policy: *mut c_int,
) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { policy.write((*attributes).policy()) };
    0
}

/// Sets the scheduling policy.
///
/// # Errors
/// `EINVAL` for anything but `SCHED_OTHER`, `SCHED_FIFO` and `SCHED_RR`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setschedpolicy(attributes: *mut Attributes, policy: c_int) -> c_int {
    // SAFETY: the caller's object.
    zero_or_number(unsafe { &mut *attributes }.set_policy(policy))
}

/// Scheduling priority.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getschedparam(
    attributes: *const Attributes,
    parameters: *mut Parameters,
) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { parameters.write(Parameters { priority: (*attributes).priority() }) };
    0
}

/// Sets the scheduling priority.
///
/// # Errors
/// `EINVAL` outside the policy's range.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setschedparam(
    attributes: *mut Attributes,
    parameters: *const Parameters,
) -> c_int {
    // SAFETY: the caller's objects.
    zero_or_number(unsafe { (*attributes).set_priority((*parameters).priority) })
}

/// Contention scope: always the system.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getscope(attributes: *const Attributes, scope: *mut c_int) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { scope.write(c_int::from((*attributes).is_process_scope())) };
    0
}

/// Sets the contention scope.
///
/// # Errors
/// `ENOTSUP` for `PTHREAD_SCOPE_PROCESS`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_attr_setscope(_attributes: *mut Attributes, scope: c_int) -> c_int {
    match flag(scope, SCOPE_PROCESS) {
        Ok(false) => 0,
        Ok(true) => Errno::ENOTSUP.0,
        Err(e) => e.0,
    }
}

/// Size of the stack in bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getstacksize(attributes: *const Attributes, size: *mut usize) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { size.write((*attributes).stack_size()) };
    0
}

/// Sets the size of the stack.
///
/// # Errors
/// `EINVAL` below `PTHREAD_STACK_MIN`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setstacksize(attributes: *mut Attributes, size: usize) -> c_int {
    // SAFETY: the caller's object.
    zero_or_number(unsafe { &mut *attributes }.set_stack_size(size))
}

/// The end of the stack that the program provides.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getstackaddr(
    attributes: *const Attributes,
    end: *mut *mut c_void,
) -> c_int {
    // SAFETY: the caller's object and variable.
    unsafe { end.write(core::ptr::with_exposed_provenance_mut((*attributes).stack_end())) };
    0
}

/// Makes the program provide the stack, by its end.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setstackaddr(attributes: *mut Attributes, end: *mut c_void) -> c_int {
    // SAFETY: the caller's object.
    unsafe { &mut *attributes }.set_stack_end(end as usize);
    0
}

/// Lowest address and size of the stack.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getstack(
    attributes: *const Attributes,
    low: *mut *mut c_void,
    size: *mut usize,
) -> c_int {
    // SAFETY: the caller's object and variables.
    unsafe {
        let bytes = (*attributes).stack_size();
        low.write(core::ptr::with_exposed_provenance_mut((*attributes).stack_end().wrapping_sub(bytes)));
        size.write(bytes);
    }
    0
}

/// Makes the program provide the stack: lowest address and size.
///
/// # Errors
/// `EINVAL` below `PTHREAD_STACK_MIN`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setstack(
    attributes: *mut Attributes,
    low: *mut c_void,
    size: usize,
) -> c_int {
    // SAFETY: the caller's object.
    zero_or_number(unsafe { &mut *attributes }.set_stack(low as usize, size))
}

/// Sets the CPUs that threads may run on; size 0 is those of the creator.
///
/// # Errors
/// `ENOMEM`, `EINVAL` (too large).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setaffinity_np(
    attributes: *mut Attributes,
    size: usize,
    set: *const c_void,
) -> c_int {
    let cpus: &[u8] = if size == 0 || set.is_null() {
        &[]
    } else {
        // SAFETY: the caller's set, of that size.
        unsafe { slice::from_raw_parts(set.cast(), size) }
    };
    // SAFETY: the caller's object.
    zero_or_number(unsafe { &mut *attributes }.set_cpus(cpus))
}

/// The CPUs that threads may run on; all if none were set.
///
/// # Errors
/// `EINVAL` (the set is too small).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getaffinity_np(
    attributes: *const Attributes,
    size: usize,
    set: *mut c_void,
) -> c_int {
    // SAFETY: the caller's set, of that size, and object.
    let (out, cpus) = unsafe { (slice::from_raw_parts_mut(set.cast::<u8>(), size), (*attributes).cpus()) };
    if cpus.is_empty() {
        out.fill(!0);
        return 0;
    }
    let used = cpus.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    if used > size {
        return Errno::EINVAL.0;
    }
    out.fill(0);
    let copied = cpus.len().min(size);
    out[..copied].copy_from_slice(&cpus[..copied]);
    0
}

/// Sets the signal mask that threads start with; null is the creator's.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_setsigmask_np(
    attributes: *mut Attributes,
    set: *const SigSet,
) -> c_int {
    // SAFETY: the caller's set.
    let mask = (!set.is_null()).then(|| unsafe { load(set) });
    // SAFETY: the caller's object.
    unsafe { &mut *attributes }.set_signal_mask(mask);
    0
}

/// The signal mask that threads start with; `PTHREAD_ATTR_NO_SIGMASK_NP` if it is the creator's.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_attr_getsigmask_np(
    attributes: *const Attributes,
    set: *mut SigSet,
) -> c_int {
    // SAFETY: the caller's object and set.
    unsafe {
        let mask = (*attributes).signal_mask();
        store(set, mask.unwrap_or_default());
        if mask.is_some() { 0 } else { NO_SIGMASK }
    }
}
