//! `<unistd.h>`: reading, writing and file descriptors.

use core::ffi::{c_int, c_uint, c_void};

use crate::macros::{cancellation_points, syscalls};

cancellation_points! {
    /// Reads up to `count` bytes.
    fn read(fd: c_int, buffer: *mut c_void, count: usize) -> isize = __NR_read(fd, buffer, count), as __read;
    /// Writes up to `count` bytes.
    fn write(fd: c_int, buffer: *const c_void, count: usize) -> isize = __NR_write(fd, buffer, count), as __write;
    /// Reads at an offset; the file's own position stays.
    fn pread(fd: c_int, buffer: *mut c_void, count: usize, offset: i64) -> isize
        = __NR_pread64(fd, buffer, count, offset), as pread64;
    /// Writes at an offset; the file's own position stays.
    fn pwrite(fd: c_int, buffer: *const c_void, count: usize, offset: i64) -> isize
        = __NR_pwrite64(fd, buffer, count, offset), as pwrite64;
    /// Closes a descriptor. After `EINTR` it is closed all the same: Linux releases it first.
    fn close(fd: c_int) -> c_int = __NR_close(fd), as __close;
    /// Waits until a file's data and metadata are on the device.
    fn fsync(fd: c_int) -> c_int = __NR_fsync(fd);
    /// Waits until a file's data, and the metadata needed to read it, are on the device.
    fn fdatasync(fd: c_int) -> c_int = __NR_fdatasync(fd);
    /// Copies a range from file to file inside the kernel; offsets may be null.
    fn copy_file_range(from: c_int, from_offset: *mut i64, to: c_int, to_offset: *mut i64, count: usize, flags: c_uint)
        -> isize = __NR_copy_file_range(from, from_offset, to, to_offset, count, flags);
}

syscalls! {
    /// Moves a file's position; `whence` is `SEEK_SET`, `SEEK_CUR`, `SEEK_END`, `SEEK_DATA` or `SEEK_HOLE`.
    fn lseek(fd: c_int, offset: i64, whence: c_int) -> i64 = __NR_lseek(fd, offset, whence), as lseek64, as __lseek;
    /// Makes a second descriptor for an open file: the lowest free one.
    fn dup(fd: c_int) -> c_int = __NR_dup(fd);
    /// Makes `new` a second descriptor for an open file, closing what it was.
    fn dup2(old: c_int, new: c_int) -> c_int = __NR_dup2(old, new), as __dup2;
    /// As `dup2`, with `O_CLOEXEC`; equal descriptors are `EINVAL`.
    fn dup3(old: c_int, new: c_int, flags: c_int) -> c_int = __NR_dup3(old, new, flags);
    /// Makes a pipe: `ends[0]` reads what `ends[1]` writes.
    fn pipe(ends: *mut c_int) -> c_int = __NR_pipe(ends), as __pipe;
    /// As `pipe`, with `O_CLOEXEC`, `O_NONBLOCK`, `O_DIRECT`.
    fn pipe2(ends: *mut c_int, flags: c_int) -> c_int = __NR_pipe2(ends, flags);
    /// Closes a range of descriptors, both ends included.
    fn close_range(first: c_uint, last: c_uint, flags: c_int) -> c_int = __NR_close_range(first, last, flags);
    /// Writes back the file system that holds a file.
    fn syncfs(fd: c_int) -> c_int = __NR_syncfs(fd);
    /// Sets a file's length.
    fn ftruncate(fd: c_int, length: i64) -> c_int = __NR_ftruncate(fd, length), as ftruncate64;
    /// Sets a named file's length.
    fn truncate(path: *const core::ffi::c_char, length: i64) -> c_int = __NR_truncate(path, length), as truncate64;
}

/// Writes back all file systems.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sync() {
    // SAFETY: no pointers; always succeeds.
    let _ = unsafe { tidal_rt::syscall!(__NR_sync) };
}

/// Locks a range of a file that starts at its position: `F_LOCK`, `F_TLOCK`, `F_ULOCK` or `F_TEST` of POSIX.
///
/// # Errors
/// `EACCES` if another process holds the range, `EAGAIN`, `EDEADLK`, `EINTR`, `EBADF`, `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn lockf(fd: c_int, command: c_int, length: i64) -> c_int {
    use crate::macros::returned;
    use linux_raw_sys::general::{self as linux, flock};
    use tidal_rt::Errno;

    let pid = tidal_rt::sys::process::getpid() as i32;
    let mut range = flock {
        l_type: linux::F_WRLCK as i16,
        l_whence: linux::SEEK_CUR as i16,
        l_start: 0,
        l_len: length,
        l_pid: 0,
    };
    match command {
        0 => {
            range.l_type = linux::F_UNLCK as i16;
            // SAFETY: the range is live.
            returned(unsafe { tidal_rt::syscall!(__NR_fcntl, fd, linux::F_SETLK, &raw mut range) })
        }
        // SAFETY: the range is live.
        1 => returned(unsafe { tidal_rt::syscall_cp!(__NR_fcntl, fd, linux::F_SETLKW, &raw mut range) }),
        // SAFETY: the range is live.
        2 => returned(unsafe { tidal_rt::syscall!(__NR_fcntl, fd, linux::F_SETLK, &raw mut range) }),
        3 => {
            range.l_type = linux::F_RDLCK as i16;
            // SAFETY: the range is live.
            let result = unsafe { tidal_rt::syscall!(__NR_fcntl, fd, linux::F_GETLK, &raw mut range) };
            returned(result.and_then(|_| {
                let free = range.l_type == linux::F_UNLCK as i16 || range.l_pid == pid;
                if free { Ok(0) } else { Err(Errno::EACCES) }
            }))
        }
        _ => returned(Err(Errno::EINVAL)),
    }
}

crate::macros::aliases! {
    fn lockf64(fd: c_int, command: c_int, length: i64) -> c_int = lockf;
}
