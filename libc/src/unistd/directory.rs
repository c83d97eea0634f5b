//! `<unistd.h>`: the working directory's name.

use core::ffi::c_char;
use core::ptr;

use tidal_rt::Errno;

use crate::heap;

const PATH_MAX: usize = linux_raw_sys::general::PATH_MAX as usize;

/// Puts the working directory's name in the buffer; its length with the NUL.
///
/// # Safety
/// The buffer has that many bytes.
unsafe fn current(buffer: *mut c_char, size: usize) -> Result<usize, Errno> {
    // SAFETY: by the caller's contract.
    let length = unsafe { tidal_rt::syscall!(__NR_getcwd, buffer, size) }?;
    // SAFETY: the kernel wrote a string there.
    if unsafe { *buffer } as u8 == b'/' {
        Ok(length)
    } else {
        // "(unreachable)": the directory lies outside the root.
        Err(Errno::ENOENT)
    }
}

/// The working directory's absolute name; with a null buffer, in memory from `malloc`.
///
/// # Errors
/// Null, and `ERANGE` (buffer too small), `EINVAL` (size 0 with a buffer), `ENOENT`, `EACCES`, `ENOMEM`.
///
/// Signal-safe: with a buffer. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getcwd(buffer: *mut c_char, size: usize) -> *mut c_char {
    if buffer.is_null() {
        return allocated(size).unwrap_or_else(failed);
    }
    if size == 0 {
        return failed(Errno::EINVAL);
    }
    // SAFETY: the buffer is the caller's, of that size.
    match unsafe { current(buffer, size) } {
        Ok(_) => buffer,
        Err(e) => failed(e),
    }
}

fn failed(e: Errno) -> *mut c_char {
    e.set();
    ptr::null_mut()
}

fn allocated(size: usize) -> Result<*mut c_char, Errno> {
    let mut name = [0 as c_char; PATH_MAX];
    // SAFETY: the buffer is live and that long.
    let length = unsafe { current(name.as_mut_ptr(), name.len()) }?;
    if size != 0 && size < length {
        return Err(Errno::ERANGE);
    }
    let copy = heap::allocate(if size == 0 { length } else { size }).ok_or(Errno::ENOMEM)?.cast::<c_char>();
    // SAFETY: both are at least that long, and the copy is fresh.
    unsafe { ptr::copy_nonoverlapping(name.as_ptr(), copy.as_ptr(), length) };
    Ok(copy.as_ptr())
}

/// The working directory's name in memory from `malloc`, as `$PWD` says it if that is right.
///
/// # Errors
/// As [`getcwd`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn get_current_dir_name() -> *mut c_char {
    // SAFETY: `getcwd` takes a null buffer.
    unsafe { getcwd(ptr::null_mut(), 0) }
}

/// `getcwd` into a buffer that must have `PATH_MAX` bytes. Deprecated by POSIX.
///
/// # Errors
/// As [`getcwd`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getwd(buffer: *mut c_char) -> *mut c_char {
    // SAFETY: the buffer has PATH_MAX bytes by contract.
    unsafe { getcwd(buffer, PATH_MAX) }
}
