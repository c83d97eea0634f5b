//! Streams on file descriptors.

use core::ffi::c_int;

use tidal_rt::{Errno, syscall};

use super::file::{Ops, Stream};

/// Reads, writes, seeks and closes [`super::file::File::fileno`].
pub static FD: Ops = Ops { read, write, seek, close };

/// # Safety
/// `into` is writable for `length` bytes.
pub(super) unsafe fn read(stream: &mut Stream, into: *mut u8, length: usize) -> Result<usize, Errno> {
    // SAFETY: the caller's memory.
    unsafe { syscall!(__NR_read, stream.file.fileno, into, length) }
}

/// # Safety
/// `from` is readable for `length` bytes.
pub(super) unsafe fn write(stream: &mut Stream, from: *const u8, length: usize) -> Result<usize, Errno> {
    // SAFETY: the caller's memory.
    unsafe { syscall!(__NR_write, stream.file.fileno, from, length) }
}

pub(super) fn seek(stream: &mut Stream, offset: i64, whence: c_int) -> Result<i64, Errno> {
    // SAFETY: no pointers.
    unsafe { syscall!(__NR_lseek, stream.file.fileno, offset, whence) }.map(|at| at as i64)
}

pub(super) fn close(stream: &mut Stream) -> Result<(), Errno> {
    // SAFETY: the descriptor is the stream's own. Linux closes it even where it reports EINTR.
    unsafe { syscall!(__NR_close, stream.file.fileno) }.map(drop)
}
