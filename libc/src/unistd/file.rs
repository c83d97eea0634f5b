//! `<unistd.h>`: names in the file system.

use core::ffi::{c_char, c_int, c_uint};

use linux_raw_sys::general::AT_FDCWD;
use tidal_rt::Errno;

use crate::macros::{returned, syscalls};

syscalls! {
    /// Checks what the *real* user may do with a file: `F_OK`, or `R_OK`, `W_OK`, `X_OK` joined.
    fn access(path: *const c_char, mode: c_int) -> c_int = __NR_access(path, mode);
    /// Removes a name, and the file with its last name.
    fn unlink(path: *const c_char) -> c_int = __NR_unlink(path), as __unlink;
    /// As `unlink`, or `rmdir` with `AT_REMOVEDIR`, from a directory.
    fn unlinkat(dir: c_int, path: *const c_char, flags: c_int) -> c_int = __NR_unlinkat(dir, path, flags);
    /// Removes an empty directory.
    fn rmdir(path: *const c_char) -> c_int = __NR_rmdir(path);
    /// Gives a file a second name.
    fn link(old: *const c_char, new: *const c_char) -> c_int = __NR_link(old, new);
    /// As `link`, from directories.
    fn linkat(old_dir: c_int, old: *const c_char, new_dir: c_int, new: *const c_char, flags: c_int) -> c_int
        = __NR_linkat(old_dir, old, new_dir, new, flags);
    /// Makes a symbolic link named `new`.
    fn symlink(target: *const c_char, new: *const c_char) -> c_int = __NR_symlink(target, new);
    /// As `symlink`, from a directory.
    fn symlinkat(target: *const c_char, dir: c_int, new: *const c_char) -> c_int = __NR_symlinkat(target, dir, new);
    /// Reads a symbolic link, without a NUL at its end.
    fn readlink(path: *const c_char, buffer: *mut c_char, size: usize) -> isize = __NR_readlink(path, buffer, size);
    /// As `readlink`, from a directory.
    fn readlinkat(dir: c_int, path: *const c_char, buffer: *mut c_char, size: usize) -> isize
        = __NR_readlinkat(dir, path, buffer, size);
    /// Changes a file's owner and group; -1 leaves one as it is.
    fn chown(path: *const c_char, owner: c_uint, group: c_uint) -> c_int = __NR_chown(path, owner, group);
    /// As `chown`, for an open file.
    fn fchown(fd: c_int, owner: c_uint, group: c_uint) -> c_int = __NR_fchown(fd, owner, group);
    /// As `chown`, of a symbolic link itself.
    fn lchown(path: *const c_char, owner: c_uint, group: c_uint) -> c_int = __NR_lchown(path, owner, group);
    /// As `chown`, from a directory.
    fn fchownat(dir: c_int, path: *const c_char, owner: c_uint, group: c_uint, flags: c_int) -> c_int
        = __NR_fchownat(dir, path, owner, group, flags);
    /// Changes the working directory.
    fn chdir(path: *const c_char) -> c_int = __NR_chdir(path);
    /// Changes the working directory to an open one.
    fn fchdir(fd: c_int) -> c_int = __NR_fchdir(fd);
    /// Changes the root directory.
    fn chroot(path: *const c_char) -> c_int = __NR_chroot(path);
    /// Switches process accounting on, or off with null.
    fn acct(path: *const c_char) -> c_int = __NR_acct(path);
    /// Renames a file; what had the new name goes.
    fn rename(old: *const c_char, new: *const c_char) -> c_int = __NR_rename(old, new);
    /// As `rename`, from directories.
    fn renameat(old_dir: c_int, old: *const c_char, new_dir: c_int, new: *const c_char) -> c_int
        = __NR_renameat(old_dir, old, new_dir, new);
    /// As `renameat`, with `RENAME_NOREPLACE`, `RENAME_EXCHANGE`, `RENAME_WHITEOUT`.
    fn renameat2(old_dir: c_int, old: *const c_char, new_dir: c_int, new: *const c_char, flags: c_uint) -> c_int
        = __NR_renameat2(old_dir, old, new_dir, new, flags);
}

/// Checks what a user may do with a file, seen from a directory; `AT_EACCESS` asks for the effective user.
///
/// # Errors
/// Those of `faccessat2(2)`; `EINVAL` for flags that a kernel before 5.8 cannot serve.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn faccessat(dir: c_int, path: *const c_char, mode: c_int, flags: c_int) -> c_int {
    // SAFETY: the path is a C string by contract.
    let mut result = unsafe { tidal_rt::syscall!(__NR_faccessat2, dir, path, mode, flags) };
    if matches!(result, Err(Errno::ENOSYS | Errno::EPERM)) && flags == 0 {
        // SAFETY: as above.
        result = unsafe { tidal_rt::syscall!(__NR_faccessat, dir, path, mode) };
    }
    returned(result)
}

/// `access` for the effective user.
///
/// # Errors
/// As [`faccessat`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn eaccess(path: *const c_char, mode: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { faccessat(AT_FDCWD, path, mode, linux_raw_sys::general::AT_EACCESS as c_int) }
}

crate::macros::aliases! {
    fn euidaccess(path: *const c_char, mode: c_int) -> c_int = eaccess;
}

/// Removes a name: a file's or an empty directory's.
///
/// # Errors
/// Those of `unlink(2)` and `rmdir(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn remove(path: *const c_char) -> c_int {
    // SAFETY: the path is a C string by contract.
    let mut result = unsafe { tidal_rt::syscall!(__NR_unlink, path) };
    if result == Err(Errno::EISDIR) {
        // SAFETY: as above.
        result = unsafe { tidal_rt::syscall!(__NR_rmdir, path) };
    }
    returned(result)
}
