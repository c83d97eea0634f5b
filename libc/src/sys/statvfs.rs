//! `<sys/statvfs.h>`: file systems as POSIX describes them.

use core::ffi::{c_char, c_int, c_ulong};

use linux_raw_sys::general::statfs;
use tidal_rt::Errno;

use crate::errno::zero_or_errno;
use crate::macros::aliases;

/// `struct statvfs` of `<bits/statvfs.h>`.
#[repr(C)]
pub struct Statvfs {
    block_size: c_ulong,
    fragment_size: c_ulong,
    blocks: u64,
    free: u64,
    available: u64,
    files: u64,
    files_free: u64,
    files_available: u64,
    id: c_ulong,
    flags: c_ulong,
    name_max: c_ulong,
    spare: [c_int; 6],
}

const _: () = assert!(size_of::<Statvfs>() == 112);

/// Set by the kernel in `f_flags` to say that they are valid (`include/linux/statfs.h`).
const ST_VALID: u64 = 0x20;

fn convert(from: &statfs) -> Statvfs {
    // SAFETY: `__kernel_fsid_t` is two integers.
    let id: [u32; 2] = unsafe { core::mem::transmute(from.f_fsid) };
    Statvfs {
        block_size: from.f_bsize as c_ulong,
        fragment_size: if from.f_frsize != 0 { from.f_frsize } else { from.f_bsize } as c_ulong,
        blocks: from.f_blocks as u64,
        free: from.f_bfree as u64,
        available: from.f_bavail as u64,
        files: from.f_files as u64,
        files_free: from.f_ffree as u64,
        files_available: from.f_ffree as u64,
        id: u64::from(id[0]) | u64::from(id[1]) << 32,
        flags: from.f_flags as u64 & !ST_VALID,
        name_max: from.f_namelen as c_ulong,
        spare: [0; 6],
    }
}

/// # Safety
/// `result` is writable.
unsafe fn describe(result: *mut Statvfs, read: impl FnOnce(*mut statfs) -> Result<usize, Errno>) -> c_int {
    // SAFETY: all zeros is a valid value.
    let mut info: statfs = unsafe { core::mem::zeroed() };
    zero_or_errno(read(&raw mut info).map(|_| {
        // SAFETY: by the caller's contract.
        unsafe { result.write(convert(&info)) };
    }))
}

/// Describes the file system of a named file.
///
/// # Errors
/// Those of `statfs(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn statvfs(path: *const c_char, result: *mut Statvfs) -> c_int {
    // SAFETY: the caller's string and structure.
    unsafe { describe(result, |info| tidal_rt::syscall!(__NR_statfs, path, info)) }
}

/// Describes the file system of an open file.
///
/// # Errors
/// Those of `fstatfs(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fstatvfs(fd: c_int, result: *mut Statvfs) -> c_int {
    // SAFETY: the caller's structure.
    unsafe { describe(result, |info| tidal_rt::syscall!(__NR_fstatfs, fd, info)) }
}

aliases! {
    fn statvfs64(path: *const c_char, result: *mut Statvfs) -> c_int = statvfs;
    fn fstatvfs64(fd: c_int, result: *mut Statvfs) -> c_int = fstatvfs;
}
