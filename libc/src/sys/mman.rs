//! `<sys/mman.h>`: memory mappings and shared memory objects.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};

use linux_raw_sys::general::{MADV_DONTNEED, O_CLOEXEC, O_NOFOLLOW};
use tidal_rt::Errno;
use tidal_rt::sys::memory::PAGE;

use crate::errno::zero_or_number;
use crate::macros::{cancellation_points, returned, syscalls};

syscalls! {
    /// Unmaps pages.
    fn munmap(start: *mut c_void, length: usize) -> c_int = __NR_munmap(start, length);
    /// Changes the protection of pages.
    fn mprotect(start: *mut c_void, length: usize, protection: c_int) -> c_int
        = __NR_mprotect(start, length, protection);
    /// Grows, shrinks or moves a mapping. The new address counts with `MREMAP_FIXED` alone, so it is an ordinary
    /// argument here although C calls it variadic.
    fn mremap(start: *mut c_void, old: usize, new: usize, flags: c_int, to: *mut c_void) -> *mut c_void
        = __NR_mremap(start, old, new, flags, to);
    /// Tells the kernel how pages will be used.
    fn madvise(start: *mut c_void, length: usize, advice: c_int) -> c_int = __NR_madvise(start, length, advice);
    /// As `madvise`, for another process.
    fn process_madvise(pidfd: c_int, pieces: *const c_void, count: usize, advice: c_int, flags: c_uint) -> isize
        = __NR_process_madvise(pidfd, pieces, count, advice, flags);
    /// Keeps pages in memory.
    fn mlock(start: *const c_void, length: usize) -> c_int = __NR_mlock(start, length);
    /// As `mlock`; with `MLOCK_ONFAULT` as they are touched.
    fn mlock2(start: *const c_void, length: usize, flags: c_uint) -> c_int = __NR_mlock2(start, length, flags);
    /// Lets pages leave memory.
    fn munlock(start: *const c_void, length: usize) -> c_int = __NR_munlock(start, length);
    /// Keeps all pages in memory.
    fn mlockall(flags: c_int) -> c_int = __NR_mlockall(flags);
    /// Lets all pages leave memory.
    fn munlockall() -> c_int = __NR_munlockall();
    /// Tells which pages are in memory, a byte each.
    fn mincore(start: *mut c_void, length: usize, result: *mut u8) -> c_int = __NR_mincore(start, length, result);
    /// Remaps pages of a file in another order. Deprecated.
    fn remap_file_pages(start: *mut c_void, size: usize, protection: c_int, page: usize, flags: c_int) -> c_int
        = __NR_remap_file_pages(start, size, protection, page, flags);
    /// Makes a file that lives in memory.
    fn memfd_create(name: *const c_char, flags: c_uint) -> c_int = __NR_memfd_create(name, flags);
    /// Gives pages a protection key.
    fn pkey_mprotect(start: *mut c_void, length: usize, protection: c_int, key: c_int) -> c_int
        = __NR_pkey_mprotect(start, length, protection, key);
    /// Takes a protection key.
    fn pkey_alloc(flags: c_uint, rights: c_uint) -> c_int = __NR_pkey_alloc(flags, rights);
    /// Gives a protection key back.
    fn pkey_free(key: c_int) -> c_int = __NR_pkey_free(key);
}

cancellation_points! {
    /// Writes changed pages back to their file.
    fn msync(start: *mut c_void, length: usize, flags: c_int) -> c_int = __NR_msync(start, length, flags);
}

/// Maps a file or fresh memory.
///
/// # Errors
/// `MAP_FAILED`, and those of `mmap(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes (the mapping is the parent's too).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mmap(
    start: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    offset: i64,
) -> *mut c_void {
    if !(offset as usize).is_multiple_of(PAGE) {
        return returned(Err(Errno::EINVAL));
    }
    // SAFETY: with MAP_FIXED the caller answers for what was there.
    returned(unsafe { tidal_rt::syscall!(__NR_mmap, start, length, protection, flags, fd, offset) })
}

/// The same function as `mmap`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mmap64(
    start: *mut c_void,
    length: usize,
    protection: c_int,
    flags: c_int,
    fd: c_int,
    offset: i64,
) -> *mut c_void {
    // SAFETY: the same contract.
    unsafe { mmap(start, length, protection, flags, fd, offset) }
}

/// Tells how pages will be used, without ever losing contents.
///
/// # Errors
/// An error number, `errno` unchanged: `EINVAL`, `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_madvise(start: *mut c_void, length: usize, advice: c_int) -> c_int {
    if advice as u32 == MADV_DONTNEED {
        // Linux would drop contents, which POSIX_MADV_DONTNEED must not.
        return 0;
    }
    // SAFETY: the other POSIX kinds of advice change nothing that can be seen.
    zero_or_number(unsafe { tidal_rt::syscall!(__NR_madvise, start, length, advice) })
}

/// Calls `f` with the path of a shared memory object.
///
/// # Safety
/// `name` is a C string.
unsafe fn with_path<R>(
    name: *const c_char,
    f: impl FnOnce(*const u8) -> Result<R, Errno>,
) -> Result<R, Errno> {
    // SAFETY: by the caller's contract.
    let mut name = unsafe { CStr::from_ptr(name) }.to_bytes();
    while let [b'/', rest @ ..] = name {
        name = rest;
    }
    if name.is_empty() || name.contains(&b'/') || name == b"." || name == b".." {
        return Err(Errno::EINVAL);
    }
    if name.len() > linux_raw_sys::general::NAME_MAX as usize {
        return Err(Errno::ENAMETOOLONG);
    }
    let mut path = [0; 272];
    f(crate::text::concatenate(&mut path, &[b"/dev/shm/", name]).as_ptr())
}

/// Opens a shared memory object.
///
/// # Errors
/// `EINVAL` or `ENAMETOOLONG` for the name, and those of `open(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shm_open(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let flags = flags as u32 | O_NOFOLLOW | O_CLOEXEC;
    // SAFETY: the name is a C string by contract, the path made of it too.
    returned(unsafe { with_path(name, |path| tidal_rt::syscall!(__NR_open, path, flags, mode)) })
}

/// Removes a shared memory object's name.
///
/// # Errors
/// `EINVAL` or `ENAMETOOLONG` for the name, `ENOENT`, `EACCES`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shm_unlink(name: *const c_char) -> c_int {
    // SAFETY: as above.
    let result = unsafe { with_path(name, |path| tidal_rt::syscall!(__NR_unlink, path)) };
    // POSIX names EACCES where unlink(2) says EPERM; an object cannot have a bad name.
    returned(result.map_err(|e| match e {
        Errno::EPERM => Errno::EACCES,
        Errno::EINVAL => Errno::ENOENT,
        e => e,
    }))
}
