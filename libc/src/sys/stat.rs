//! `<sys/stat.h>`: what the file system knows about files.

use core::ffi::{c_char, c_int, c_uint};

use linux_raw_sys::general::{AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, stat as Stat, statx as Statx};
use tidal_rt::Errno;
use tidal_rt::sys::time::Timespec;

use crate::macros::{aliases, returned, syscalls};

const _: () = assert!(size_of::<Stat>() == 144, "struct stat of <bits/struct_stat.h>");

/// A `struct stat` to be filled.
pub(crate) fn zeroed() -> Stat {
    // SAFETY: integers alone.
    unsafe { core::mem::zeroed() }
}

syscalls! {
    /// Describes a named file.
    fn stat(path: *const c_char, result: *mut Stat) -> c_int = __NR_stat(path, result), as stat64;
    /// Describes an open file.
    fn fstat(fd: c_int, result: *mut Stat) -> c_int = __NR_fstat(fd, result), as fstat64;
    /// As `stat`, of a symbolic link itself.
    fn lstat(path: *const c_char, result: *mut Stat) -> c_int = __NR_lstat(path, result), as lstat64;
    /// As `stat`, from a directory.
    fn fstatat(dir: c_int, path: *const c_char, result: *mut Stat, flags: c_int) -> c_int
        = __NR_newfstatat(dir, path, result, flags), as fstatat64;
    /// Describes a file by a choice of fields.
    fn statx(dir: c_int, path: *const c_char, flags: c_int, mask: c_uint, result: *mut Statx) -> c_int
        = __NR_statx(dir, path, flags, mask, result);
    /// Changes a file's mode.
    fn chmod(path: *const c_char, mode: c_uint) -> c_int = __NR_chmod(path, mode);
    /// As `chmod`, for an open file.
    fn fchmod(fd: c_int, mode: c_uint) -> c_int = __NR_fchmod(fd, mode);
    /// Sets the mask of mode bits that new files do not get; the old mask.
    fn umask(mask: c_uint) -> c_uint = __NR_umask(mask);
    /// Makes a directory.
    fn mkdir(path: *const c_char, mode: c_uint) -> c_int = __NR_mkdir(path, mode);
    /// As `mkdir`, from a directory.
    fn mkdirat(dir: c_int, path: *const c_char, mode: c_uint) -> c_int = __NR_mkdirat(dir, path, mode);
    /// Makes a file of any kind but a directory or a link.
    fn mknod(path: *const c_char, mode: c_uint, device: u64) -> c_int = __NR_mknod(path, mode, device);
    /// As `mknod`, from a directory.
    fn mknodat(dir: c_int, path: *const c_char, mode: c_uint, device: u64) -> c_int
        = __NR_mknodat(dir, path, mode, device);
    /// Makes a named pipe.
    fn mkfifo(path: *const c_char, mode: c_uint) -> c_int
        = __NR_mknod(path, mode | linux_raw_sys::general::S_IFIFO, 0u64);
    /// As `mkfifo`, from a directory.
    fn mkfifoat(dir: c_int, path: *const c_char, mode: c_uint) -> c_int
        = __NR_mknodat(dir, path, mode | linux_raw_sys::general::S_IFIFO, 0u64);
    /// Sets a file's times of access and change of contents, from a directory; null times are now.
    fn utimensat(dir: c_int, path: *const c_char, times: *const Timespec, flags: c_int) -> c_int
        = __NR_utimensat(dir, path, times, flags);
    /// As `utimensat`, for an open file.
    fn futimens(fd: c_int, times: *const Timespec) -> c_int
        = __NR_utimensat(fd, core::ptr::null::<c_char>(), times, 0i32);
    /// As `chmod`, of a symbolic link itself, which Linux refuses.
    fn lchmod(path: *const c_char, mode: c_uint) -> c_int
        = __NR_fchmodat2(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}

/// Changes a file's mode, seen from a directory.
///
/// # Errors
/// Those of `fchmodat2(2)`; with flags on a kernel before 6.6 `EOPNOTSUPP`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fchmodat(dir: c_int, path: *const c_char, mode: c_uint, flags: c_int) -> c_int {
    if flags == 0 {
        // SAFETY: the path is a C string by contract.
        return returned(unsafe { tidal_rt::syscall!(__NR_fchmodat, dir, path, mode) });
    }
    if flags as u32 & !(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0 {
        return returned(Err(Errno::EINVAL));
    }
    // SAFETY: as above.
    returned(match unsafe { tidal_rt::syscall!(__NR_fchmodat2, dir, path, mode, flags) } {
        Err(Errno::ENOSYS) => Err(Errno::EOPNOTSUPP),
        result => result,
    })
}

// What programs compiled against glibc before 2.33 call: a version number, 1 on x86-64, in front.

/// Describes a named file.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __xstat(_version: c_int, path: *const c_char, result: *mut Stat) -> c_int {
    // SAFETY: the same contract.
    unsafe { stat(path, result) }
}

/// Describes a symbolic link itself.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __lxstat(_version: c_int, path: *const c_char, result: *mut Stat) -> c_int {
    // SAFETY: the same contract.
    unsafe { lstat(path, result) }
}

/// Describes an open file.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fxstat(_version: c_int, fd: c_int, result: *mut Stat) -> c_int {
    // SAFETY: the same contract.
    unsafe { fstat(fd, result) }
}

aliases! {
    fn __xstat64(version: c_int, path: *const c_char, result: *mut Stat) -> c_int = __xstat;
    fn __lxstat64(version: c_int, path: *const c_char, result: *mut Stat) -> c_int = __lxstat;
    fn __fxstat64(version: c_int, fd: c_int, result: *mut Stat) -> c_int = __fxstat;
}
