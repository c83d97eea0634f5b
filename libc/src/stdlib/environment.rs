//! `<stdlib.h>`: the environment.
//!
//! `environ` is the program's to read and to replace. An array that `setenv` has made is grown in place of being copied
//! each time; strings that were once in the environment stay allocated, because `getenv` has handed out pointers into
//! them. Changes are made under a lock, reads are not: POSIX lets neither run beside a change.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

use tidal_pthread::fork::{self, Rank, Runtime};
use tidal_rt::Errno;
use tidal_rt::lock::RawLock;
use tidal_rt::startup::ENVIRON;

use crate::errno::zero_or_errno;
use crate::heap;

// The C names of rt's word.
core::arch::global_asm!(
    ".globl environ, __environ, _environ",
    ".set environ, {word}",
    ".set __environ, {word}",
    ".set _environ, {word}",
    word = sym ENVIRON,
);

static LOCK: RawLock = RawLock::new();
/// The array that `setenv` made, and how many pointers it has room for.
static OWN: AtomicPtr<*mut c_char> = AtomicPtr::new(ptr::null_mut());
static OWN_ROOM: AtomicUsize = AtomicUsize::new(0);

/// A fork waits until nobody changes the environment, and the child may change it at once.
static AROUND_FORK: Runtime = Runtime {
    prepare: || LOCK.lock(),
    // SAFETY: `prepare` took it.
    parent: || unsafe { LOCK.unlock() },
    // SAFETY: the child has one thread, which held it.
    child: || unsafe { LOCK.reset() },
};

/// Runs `f` with the lock held.
fn locked<R>(f: impl FnOnce() -> R) -> R {
    fork::add_runtime(Rank::Other, &AROUND_FORK);
    LOCK.lock();
    let result = f();
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
    result
}

/// The entries before the final null; none where `environ` is null.
fn entries() -> &'static mut [*mut c_char] {
    let array = ENVIRON.load(Relaxed);
    if array.is_null() {
        return &mut [];
    }
    // SAFETY: `environ` ends with a null pointer, by contract with the program.
    unsafe {
        let length = (0..).take_while(|&i| !(*array.add(i)).is_null()).count();
        core::slice::from_raw_parts_mut(array, length)
    }
}

/// Where the entry of that name is.
fn find(name: &[u8]) -> Option<usize> {
    entries().iter().position(|&entry| {
        // SAFETY: entries are C strings; the comparison stops at the first difference, so at the NUL at the latest.
        name.iter().enumerate().all(|(i, &b)| unsafe { *entry.add(i) } as u8 == b)
            // SAFETY: the name was equal so far.
            && unsafe { *entry.add(name.len()) } as u8 == b'='
    })
}

/// The value of a variable, or null.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getenv(name: *const c_char) -> *mut c_char {
    // SAFETY: a C string by contract.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    match find(name) {
        // SAFETY: behind the `=`.
        Some(i) if !name.is_empty() => unsafe { entries()[i].add(name.len() + 1) },
        _ => ptr::null_mut(),
    }
}

/// The value of a variable, or null; always null in a program with privileges that its caller lacks.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn secure_getenv(name: *const c_char) -> *mut c_char {
    if tidal_rt::auxv::is_secure() {
        return ptr::null_mut();
    }
    // SAFETY: the same contract.
    unsafe { getenv(name) }
}

/// Replaces the entry of that name or adds one.
fn put(name: &[u8], entry: *mut c_char) -> Result<(), Errno> {
    if let Some(i) = find(name) {
        entries()[i] = entry;
        return Ok(());
    }
    let now = entries();
    let length = now.len();
    let mut array = ENVIRON.load(Relaxed);
    if array.is_null() || array != OWN.load(Relaxed) || length + 2 > OWN_ROOM.load(Relaxed) {
        let room = (length + 2).next_power_of_two().max(32);
        let own = if array == OWN.load(Relaxed) { array } else { ptr::null_mut() };
        // SAFETY: null or the array of an earlier call, which `environ` alone names.
        let grown =
            unsafe { heap::resize(own.cast(), room * size_of::<*mut c_char>()) }.ok_or(Errno::ENOMEM)?;
        if own.is_null() {
            // SAFETY: there is room for more than `length` pointers.
            unsafe { ptr::copy_nonoverlapping(now.as_ptr(), grown.as_ptr().cast(), length) };
        }
        array = grown.as_ptr().cast();
        OWN.store(array, Relaxed);
        OWN_ROOM.store(room, Relaxed);
    }
    // SAFETY: there is room for two more. The terminator comes first, for readers.
    unsafe {
        *array.add(length + 1) = ptr::null_mut();
        *array.add(length) = entry;
    }
    ENVIRON.store(array, Relaxed);
    Ok(())
}

/// Takes every entry of that name out.
fn remove(name: &[u8]) {
    while let Some(i) = find(name) {
        let all = entries();
        let array = all.as_mut_ptr();
        // SAFETY: moves the entries behind, and the final null.
        unsafe { ptr::copy(array.add(i + 1), array.add(i), all.len() - i) };
    }
}

fn checked<'a>(name: *const c_char) -> Result<&'a [u8], Errno> {
    if name.is_null() {
        return Err(Errno::EINVAL);
    }
    // SAFETY: a C string by contract of the callers.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    if name.is_empty() || name.contains(&b'=') { Err(Errno::EINVAL) } else { Ok(name) }
}

/// Sets a variable; without `overwrite` only if it is not there.
///
/// # Errors
/// `EINVAL` (name null, empty or with `=`), `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: changes the parent's too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setenv(name: *const c_char, value: *const c_char, overwrite: c_int) -> c_int {
    let set = |name: &[u8]| {
        if overwrite == 0 && find(name).is_some() {
            return Ok(());
        }
        // SAFETY: a C string by contract.
        let value = unsafe { CStr::from_ptr(value) }.to_bytes_with_nul();
        let entry = heap::allocate(name.len() + 1 + value.len()).ok_or(Errno::ENOMEM)?.cast::<u8>().as_ptr();
        // SAFETY: the pieces are as long as the allocation.
        unsafe {
            ptr::copy_nonoverlapping(name.as_ptr(), entry, name.len());
            *entry.add(name.len()) = b'=';
            ptr::copy_nonoverlapping(value.as_ptr(), entry.add(name.len() + 1), value.len());
        }
        put(name, entry.cast())
    };
    zero_or_errno(checked(name).and_then(|name| locked(|| set(name))))
}

/// Removes a variable.
///
/// # Errors
/// `EINVAL` (name null, empty or with `=`).
///
/// Signal-safe: no. Vfork-safe: changes the parent's too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unsetenv(name: *const c_char) -> c_int {
    zero_or_errno(checked(name).map(|name| locked(|| remove(name))))
}

/// Makes a `name=value` string of the caller's part of the environment; without `=` removes that name.
///
/// # Errors
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: changes the parent's too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putenv(entry: *mut c_char) -> c_int {
    // SAFETY: a C string by contract.
    let text = unsafe { CStr::from_ptr(entry) }.to_bytes();
    zero_or_errno(match text.iter().position(|&b| b == b'=') {
        Some(length) => locked(|| put(&text[..length], entry)),
        None => {
            locked(|| remove(text));
            Ok(())
        }
    })
}

/// Empties the environment: `environ` is null.
///
/// Signal-safe: no. Vfork-safe: changes the parent's too.
#[unsafe(no_mangle)]
pub extern "C" fn clearenv() -> c_int {
    locked(|| {
        let old = OWN.swap(ptr::null_mut(), Relaxed);
        ENVIRON.store(ptr::null_mut(), Relaxed);
        OWN_ROOM.store(0, Relaxed);
        // SAFETY: the array of earlier calls; nothing names it any more.
        unsafe { heap::release(old) };
    });
    0
}
