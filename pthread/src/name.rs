//! Names of threads, as the kernel keeps them: 15 bytes and a NUL, `TASK_COMM_LEN` of `include/linux/sched.h`.

use core::ffi::CStr;

use linux_raw_sys::general as linux;
use linux_raw_sys::prctl::{PR_GET_NAME, PR_SET_NAME};
use tidal_rt::message::decimal;
use tidal_rt::{Errno, block, syscall};

use crate::registry;

/// Bytes of a name with its NUL.
pub const SIZE: usize = 16;

/// Names a thread.
///
/// # Errors
/// `ERANGE` (longer than 15 bytes), `ESRCH`, and those of opening and writing `/proc/self/task/TID/comm`.
pub fn set(handle: usize, name: &CStr) -> Result<(), Errno> {
    let bytes = name.to_bytes();
    if bytes.len() >= SIZE {
        return Err(Errno::ERANGE);
    }
    if is_self(handle) {
        // SAFETY: a C string.
        return unsafe { syscall!(__NR_prctl, PR_SET_NAME, name.as_ptr()) }.map(drop);
    }
    let file = CommFile::open(tid(handle)?, linux::O_RDWR)?;
    // SAFETY: the bytes are live.
    unsafe { syscall!(__NR_write, file.0, bytes.as_ptr(), bytes.len()) }.map(drop)
}

/// A thread's name, NUL-terminated.
///
/// # Errors
/// `ESRCH`, and those of opening and reading `/proc/self/task/TID/comm`.
pub fn get(handle: usize) -> Result<[u8; SIZE], Errno> {
    let mut name = [0; SIZE];
    if is_self(handle) {
        // SAFETY: the kernel writes sixteen bytes.
        unsafe { syscall!(__NR_prctl, PR_GET_NAME, name.as_mut_ptr()) }?;
        return Ok(name);
    }
    let file = CommFile::open(tid(handle)?, linux::O_RDONLY)?;
    // SAFETY: the buffer is live and that long.
    let length = unsafe { syscall!(__NR_read, file.0, name.as_mut_ptr(), SIZE) }?;
    // The kernel ends the name with a newline.
    name[length.saturating_sub(1)] = 0;
    Ok(name)
}

fn is_self(handle: usize) -> bool {
    handle == block::current() as *const _ as usize
}

fn tid(handle: usize) -> Result<u32, Errno> {
    registry::with(handle, |thread| Ok(thread.tid()))
}

struct CommFile(usize);

impl CommFile {
    fn open(tid: u32, flags: u32) -> Result<Self, Errno> {
        let mut path = [0u8; 48];
        let mut digits = [0; 20];
        let mut at = 0;
        for piece in [b"/proc/self/task/", decimal(u64::from(tid), &mut digits), b"/comm"] {
            path[at..at + piece.len()].copy_from_slice(piece);
            at += piece.len();
        }
        // SAFETY: the rest of the buffer is zero, so this is a C string.
        unsafe { syscall!(__NR_open, path.as_ptr(), flags | linux::O_CLOEXEC, 0u32) }.map(CommFile)
    }
}

impl Drop for CommFile {
    fn drop(&mut self) {
        // SAFETY: opened by this value.
        let _ = unsafe { syscall!(__NR_close, self.0) };
    }
}
