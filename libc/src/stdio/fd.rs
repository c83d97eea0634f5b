//! Streams on file descriptors.
//!
//! Reads and writes are cancellation points. A request makes them fail with `ECANCELED`, so that the stream stays
//! consistent and its lock is released ([`super::lock::with`]) before the thread ends.

use core::ffi::c_int;

use tidal_rt::{Errno, syscall, syscall_or_canceled};

use super::file::{Ops, Stream, flag};

/// Reads, writes, seeks and closes [`super::file::File::fileno`].
pub static FD: Ops = Ops { read, write, seek, close };

/// # Safety
/// `into` is writable for `length` bytes.
pub(super) unsafe fn read(stream: &mut Stream, into: *mut u8, length: usize) -> Result<usize, Errno> {
    // SAFETY: the caller's memory.
    let result = unsafe { syscall_or_canceled!(__NR_read, stream.file.fileno, into, length) };
    note_request(stream, result)
}

/// # Safety
/// `from` is readable for `length` bytes.
pub(super) unsafe fn write(stream: &mut Stream, from: *const u8, length: usize) -> Result<usize, Errno> {
    // SAFETY: the caller's memory.
    let result = unsafe { syscall_or_canceled!(__NR_write, stream.file.fileno, from, length) };
    note_request(stream, result)
}

#[inline]
fn note_request(stream: &mut Stream, result: Result<usize, Errno>) -> Result<usize, Errno> {
    if result == Err(Errno::ECANCELED) {
        stream.file.flags |= flag::CANCELED;
    }
    result
}

pub(super) fn seek(stream: &mut Stream, offset: i64, whence: c_int) -> Result<i64, Errno> {
    // SAFETY: no pointers.
    unsafe { syscall!(__NR_lseek, stream.file.fileno, offset, whence) }.map(|at| at as i64)
}

pub(super) fn close(stream: &mut Stream) -> Result<(), Errno> {
    // SAFETY: the descriptor is the stream's own. Linux closes it even where it reports EINTR.
    unsafe { syscall!(__NR_close, stream.file.fileno) }.map(drop)
}
