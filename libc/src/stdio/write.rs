//! A stream's output side. Nothing that a caller was told is accepted gets lost: after a failed write the rest stays
//! in the buffer, and a later flush goes on with it.

use core::ffi::c_int;
use core::ptr;

use tidal_rt::Errno;
use tidal_rt::sys::memory::{self, Prot};

use super::file::{FIRST_BUFFER, Stream, flag};

/// What a stream gets that outgrows its first buffer, in bytes.
const GROWN_BUFFER: usize = 16 * 1024;

/// `EOF` of `<stdio.h>`.
pub const EOF: c_int = -1;

impl Stream {
    /// Writes bytes past the buffer; gives how many went, and the failure that stopped it.
    fn write_through(&mut self, bytes: *const u8, length: usize) -> (usize, Result<(), Errno>) {
        let write = self.ops.write;
        let mut done = 0;
        while done < length {
            // SAFETY: the caller's bytes from `done` on.
            match unsafe { write(self, bytes.wrapping_add(done), length - done) } {
                Ok(0) => return (done, Err(self.failed(Errno::EIO))),
                Ok(n) => {
                    done += n;
                    self.file.offset = match self.file.offset {
                        known @ 0.. if !self.has(flag::APPENDING) => known + n as i64,
                        _ => -1,
                    };
                }
                Err(e) => return (done, Err(self.failed(e))),
            }
        }
        (done, Ok(()))
    }

    /// Writes what waits in the buffer.
    ///
    /// # Errors
    /// What the write brought (`EINTR`, `EAGAIN`, `ENOSPC`, `EPIPE`, …); the rest stays, the error flag is set.
    #[inline(never)]
    pub fn flush(&mut self) -> Result<(), Errno> {
        let (base, length) = (self.file.write_base, self.unwritten());
        let (done, result) = self.write_through(base, length);
        if done < length {
            // SAFETY: both ends lie in the buffer.
            unsafe { ptr::copy(base.add(done), base, length - done) };
        }
        self.file.write_ptr = base.wrapping_add(length - done);
        result
    }

    /// Room left in the buffer.
    #[inline]
    fn room(&self) -> usize {
        Self::distance(self.file.write_ptr, self.file.buf_end)
    }

    /// Stores bytes that have room.
    #[inline]
    fn store(&mut self, bytes: &[u8]) {
        // SAFETY: the caller has made sure that there is room.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.file.write_ptr, bytes.len()) };
        self.file.write_ptr = self.file.write_ptr.wrapping_add(bytes.len());
    }

    /// `putc`: the byte, or [`EOF`].
    #[inline]
    pub fn put(&mut self, byte: u8) -> c_int {
        if self.file.write_ptr < self.file.write_end {
            self.store(&[byte]);
            return c_int::from(byte);
        }
        self.overflow(byte)
    }

    /// `putc` where the buffer has no room, or must be looked at: the contract of `__overflow`.
    #[inline(never)]
    pub fn overflow(&mut self, byte: u8) -> c_int {
        match self.write(&[byte]) {
            1 => c_int::from(byte),
            _ => EOF,
        }
    }

    /// Writes bytes and gives how many were accepted; fewer than all means a failure, with `errno` set.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) -> usize {
        if self.file.write_ptr < self.file.write_end
            && bytes.len() <= Self::distance(self.file.write_ptr, self.file.write_end)
        {
            self.store(bytes);
            return bytes.len();
        }
        let (done, result) = self.write_slowly(bytes);
        if let Err(e) = result {
            e.set();
        }
        done
    }

    #[inline(never)]
    fn write_slowly(&mut self, bytes: &[u8]) -> (usize, Result<(), Errno>) {
        if !self.has(flag::PUTTING)
            && let Err(e) = self.start_writing()
        {
            return (0, Err(e));
        }
        if self.has(flag::UNBUFFERED) {
            return match self.flush() {
                Ok(()) => self.write_through(bytes.as_ptr(), bytes.len()),
                Err(e) => (0, Err(e)),
            };
        }
        let complete = if self.has(flag::LINE_BUFFERED) { complete_lines(bytes) } else { 0 };
        let (mut done, mut result) = (0, Ok(()));
        if complete > 0 {
            (done, result) = self.buffer(front(bytes, complete));
            if result.is_ok() {
                result = self.flush();
            }
        }
        if result.is_ok() && done < bytes.len() {
            let (more, last) = self.buffer(after(bytes, done));
            (done, result) = (done + more, last);
        }
        (done, result)
    }

    /// Takes bytes into the buffer, writing it out as often as it is full, and whole buffers directly.
    fn buffer(&mut self, bytes: &[u8]) -> (usize, Result<(), Errno>) {
        let mut done = 0;
        if bytes.len() > self.room() && self.unwritten() > 0 {
            done = self.room();
            self.store(front(bytes, done));
            if let Err(e) = self.flush() {
                return (done, Err(e));
            }
            self.grow();
        }
        let rest = bytes.len() - done;
        if rest > self.room() {
            let direct = rest - rest.checked_rem(self.room()).unwrap_or(0);
            let (written, result) = self.write_through(after(bytes, done).as_ptr(), direct);
            done += written;
            if result.is_err() {
                return (done, result);
            }
        }
        self.store(after(bytes, done));
        (bytes.len(), Ok(()))
    }

    /// A stream that has filled the small buffer it started with prints much: it gets a large one, for good.
    #[cold]
    fn grow(&mut self) {
        if self.storage_length != FIRST_BUFFER || self.file.buf_base != self.storage || self.unwritten() > 0 {
            return;
        }
        if let Ok(large) = memory::map_anonymous(GROWN_BUFFER, Prot::READ | Prot::WRITE) {
            (self.storage, self.storage_length) = (large.cast(), GROWN_BUFFER);
            self.file.buf_base = self.storage;
            self.file.buf_end = self.storage.wrapping_add(GROWN_BUFFER);
            self.forget_read();
            self.forget_written();
        }
    }
}

/// The first `n` bytes. Without the panic of an index, whose message would bring number formatting into every program.
fn front(bytes: &[u8], n: usize) -> &[u8] {
    bytes.get(..n).unwrap_or(bytes)
}

/// The bytes after the first `n`.
fn after(bytes: &[u8], n: usize) -> &[u8] {
    bytes.get(n..).unwrap_or_default()
}

/// Length of the bytes up to and with the last newline.
fn complete_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1)
}
