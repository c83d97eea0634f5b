//! `<unistd.h>`: `pathconf`: limits and options of a file.

use core::ffi::{c_char, c_int, c_long};
use core::ptr;

use linux_raw_sys::general::statfs;
use tidal_rt::Errno;

use crate::errno::or_errno;

/// The value of a configuration variable for an open file, or -1: without a change of `errno` if there is no limit.
///
/// # Errors
/// `EINVAL` for a variable that does not exist, `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn fpathconf(fd: c_int, name: c_int) -> c_long {
    or_errno(value(name, |at| {
        // SAFETY: the structure is live.
        unsafe { tidal_rt::syscall!(__NR_fstatfs, fd, at) }.map(drop)
    }))
}

/// The value of a configuration variable for a named file.
///
/// # Errors
/// `EINVAL` for a variable that does not exist, and those of `statfs(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pathconf(path: *const c_char, name: c_int) -> c_long {
    or_errno(value(name, |at| {
        // SAFETY: the path is the caller's, the structure is live.
        unsafe { tidal_rt::syscall!(__NR_statfs, path, at) }.map(drop)
    }))
}

/// Numbers are those of `<bits/confname.h>`, from `_PC_LINK_MAX` on.
fn value(name: c_int, read: impl FnOnce(*mut statfs) -> Result<(), Errno>) -> Result<c_long, Errno> {
    // SAFETY: all zeros is a valid value.
    let mut info: statfs = unsafe { core::mem::zeroed() };
    read(ptr::from_mut(&mut info))?;
    Ok(match name {
        0 => links(info.f_type as u64),
        1 | 2 => 255,
        3 => info.f_namelen as c_long,
        4 | 5 => 4096,
        6 | 7 | 20 => 1,
        8 => 0,
        13 => 64,
        16..=18 => info.f_frsize as c_long,
        9..=12 | 14 | 15 | 19 => -1,
        _ => return Err(Errno::EINVAL),
    })
}

/// How many names a file may have, by the magic number of its file system.
fn links(kind: u64) -> c_long {
    const EXT: u64 = 0xef53;
    const XFS: u64 = 0x5846_5342;
    const BTRFS: u64 = 0x9123_683e;
    match kind {
        EXT => 65_000,
        XFS => 2_147_483_647,
        BTRFS => 65_535,
        _ => 127,
    }
}
