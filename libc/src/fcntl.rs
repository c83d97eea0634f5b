//! `<fcntl.h>`: opening files and controlling descriptors.
//!
//! `open` and `fcntl` are variadic in C. Here their last argument is an ordinary one: on x86-64 an integer or pointer
//! argument travels in the same register either way (psABI 3.2.3), and without it the register's contents are ignored.

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

use linux_raw_sys::general::{
    AT_FDCWD, F_GETOWN, F_GETOWN_EX, F_OFD_SETLKW, F_OWNER_PGRP, F_SETLKW, O_CREAT, O_TRUNC, O_WRONLY,
    f_owner_ex,
};
use tidal_rt::Errno;

use crate::macros::{aliases, cancellation_points, returned, syscalls};

cancellation_points! {
    /// Opens a file; `mode` counts with `O_CREAT` and `O_TMPFILE`.
    fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int
        = __NR_openat(AT_FDCWD, path, flags, mode), as open64, as __open, as __open64;
    /// As `open`, from a directory.
    fn openat(dir: c_int, path: *const c_char, flags: c_int, mode: c_uint) -> c_int
        = __NR_openat(dir, path, flags, mode), as openat64;
    /// Creates a file or empties it, and opens it for writing.
    fn creat(path: *const c_char, mode: c_uint) -> c_int
        = __NR_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode), as creat64;
    /// Makes room for a range of a file; `mode` holds `FALLOC_FL_` bits.
    fn fallocate(fd: c_int, mode: c_int, offset: i64, length: i64) -> c_int
        = __NR_fallocate(fd, mode, offset, length), as fallocate64;
    /// Starts or awaits writing back a range of a file.
    fn sync_file_range(fd: c_int, offset: i64, length: i64, flags: c_uint) -> c_int
        = __NR_sync_file_range(fd, offset, length, flags);
    /// Moves data between a pipe and a descriptor.
    fn splice(from: c_int, from_offset: *mut i64, to: c_int, to_offset: *mut i64, length: usize, flags: c_uint) -> isize
        = __NR_splice(from, from_offset, to, to_offset, length, flags);
    /// Copies data from pipe to pipe.
    fn tee(from: c_int, to: c_int, length: usize, flags: c_uint) -> isize = __NR_tee(from, to, length, flags);
    /// Puts user pages into a pipe.
    fn vmsplice(fd: c_int, pieces: *const c_void, count: usize, flags: c_uint) -> isize
        = __NR_vmsplice(fd, pieces, count, flags);
    /// Opens what a file handle names.
    fn open_by_handle_at(mount: c_int, handle: *mut c_void, flags: c_int) -> c_int
        = __NR_open_by_handle_at(mount, handle, flags);
}

syscalls! {
    /// Reads a file into the page cache.
    fn readahead(fd: c_int, offset: i64, count: usize) -> isize = __NR_readahead(fd, offset, count);
    /// The handle of a named file.
    fn name_to_handle_at(dir: c_int, path: *const c_char, handle: *mut c_void, mount: *mut c_int, flags: c_int)
        -> c_int = __NR_name_to_handle_at(dir, path, handle, mount, flags);
}

/// Controls a descriptor; what the last argument is depends on the command.
///
/// # Errors
/// Those of `fcntl(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point with the commands that wait for a lock.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn fcntl(fd: c_int, command: c_int, argument: c_ulong) -> c_int {
    match command as u32 {
        F_SETLKW | F_OFD_SETLKW => {
            // SAFETY: the lock is the caller's.
            returned(unsafe { tidal_rt::syscall_cp!(__NR_fcntl, fd, command, argument) })
        }
        F_GETOWN => returned(owner(fd)),
        // SAFETY: what the argument points to is the caller's part.
        _ => returned(unsafe { tidal_rt::syscall!(__NR_fcntl, fd, command, argument) }),
    }
}

aliases! {
    fn fcntl64(fd: c_int, command: c_int, argument: c_ulong) -> c_int = fcntl;
    fn __fcntl(fd: c_int, command: c_int, argument: c_ulong) -> c_int = fcntl;
}

/// `F_GETOWN` by way of `F_GETOWN_EX`, because a small process group's negative number looks like an error.
fn owner(fd: c_int) -> Result<usize, Errno> {
    let mut owner = f_owner_ex { type_: 0, pid: 0 };
    // SAFETY: the structure is live.
    unsafe { tidal_rt::syscall!(__NR_fcntl, fd, F_GETOWN_EX, &raw mut owner) }?;
    let group = owner.type_ as u32 == F_OWNER_PGRP;
    Ok((if group { -owner.pid } else { owner.pid }) as usize)
}

/// Makes room for a range of a file.
///
/// # Errors
/// An error number, `errno` unchanged: `EBADF`, `EFBIG`, `EINTR`, `EINVAL`, `ENODEV`, `ENOSPC`, `ESPIPE`; `EOPNOTSUPP`
/// where the file system cannot (it is not imitated by writing zeros, which would race with other writers).
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn posix_fallocate(fd: c_int, offset: i64, length: i64) -> c_int {
    if offset < 0 || length <= 0 {
        return Errno::EINVAL.0;
    }
    // SAFETY: no pointers.
    let result = unsafe { tidal_rt::syscall_cp!(__NR_fallocate, fd, 0i32, offset, length) };
    crate::errno::zero_or_number(result)
}

/// Tells how a range of a file will be used: `POSIX_FADV_`.
///
/// # Errors
/// An error number, `errno` unchanged: `EBADF`, `EINVAL`, `ESPIPE`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn posix_fadvise(fd: c_int, offset: i64, length: i64, advice: c_int) -> c_int {
    // SAFETY: no pointers.
    crate::errno::zero_or_number(unsafe { tidal_rt::syscall!(__NR_fadvise64, fd, offset, length, advice) })
}

aliases! {
    fn posix_fallocate64(fd: c_int, offset: i64, length: i64) -> c_int = posix_fallocate;
}

/// The same function as `posix_fadvise`.
#[unsafe(no_mangle)]
pub extern "C" fn posix_fadvise64(fd: c_int, offset: i64, length: i64, advice: c_int) -> c_int {
    posix_fadvise(fd, offset, length, advice)
}

/// `open` where `_FORTIFY_SOURCE` has seen no mode: with `O_CREAT` that is a fault of the program.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn __open_2(path: *const c_char, flags: c_int) -> c_int {
    refuse_missing_mode(flags);
    // SAFETY: the same contract.
    unsafe { open(path, flags, 0) }
}

/// `openat` where `_FORTIFY_SOURCE` has seen no mode.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn __openat_2(dir: c_int, path: *const c_char, flags: c_int) -> c_int {
    refuse_missing_mode(flags);
    // SAFETY: the same contract.
    unsafe { openat(dir, path, flags, 0) }
}

fn refuse_missing_mode(flags: c_int) {
    let creates = O_CREAT | linux_raw_sys::general::O_TMPFILE & !linux_raw_sys::general::O_DIRECTORY;
    if flags as u32 & creates != 0 {
        tidal_rt::message::fatal("open with O_CREAT or O_TMPFILE needs a mode");
    }
}

aliases! {
    fn __open64_2(path: *const c_char, flags: c_int) -> c_int = __open_2;
    fn __openat64_2(dir: c_int, path: *const c_char, flags: c_int) -> c_int = __openat_2;
}
