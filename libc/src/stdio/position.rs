//! Where a stream is in its file: `fseek`, `ftell`, `rewind`, `fgetpos`, `fsetpos`.

use core::ffi::{c_int, c_long};

use linux_raw_sys::general as linux;
use tidal_rt::Errno;

use super::file::{Stream, flag};
use super::lock::with;
use crate::errno::{or_errno, zero_or_errno};

const SEEK_SET: c_int = linux::SEEK_SET as c_int;
const SEEK_CUR: c_int = linux::SEEK_CUR as c_int;
const SEEK_END: c_int = linux::SEEK_END as c_int;

/// `fpos_t` and `fpos64_t`: an offset and the state of a multibyte decoder, of which UTF-8 needs none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Position {
    offset: i64,
    state: [u32; 2],
}

impl Stream {
    /// The position that the next byte is read from or written to.
    ///
    /// # Errors
    /// `ESPIPE`, `EBADF`.
    pub fn tell(&mut self) -> Result<i64, Errno> {
        let seek = self.ops.seek;
        let unwritten = self.unwritten() as i64;
        let unread = self.unread() as i64;
        let known = self.file.fileno >= 0 && self.file.offset >= 0 && unread + unwritten > 0;
        let at = if self.has(flag::PUTTING) && self.has(flag::APPENDING) && unwritten > 0 {
            seek(self, 0, SEEK_END)?
        } else if known {
            self.file.offset
        } else {
            let at = seek(self, 0, SEEK_CUR)?;
            self.remember(at);
            at
        };
        Ok(at + unwritten - unread)
    }

    /// Keeps an offset that a descriptor has; other streams may change theirs behind our back.
    fn remember(&mut self, offset: i64) {
        self.file.offset = if self.file.fileno >= 0 { offset } else { -1 };
    }

    /// Moves; what was pushed back is gone, the end-of-file flag cleared.
    ///
    /// # Errors
    /// `ESPIPE`, `EINVAL`, `EBADF`, or what writing the rest brought; then the position is as before.
    pub fn seek(&mut self, offset: i64, whence: c_int) -> Result<(), Errno> {
        if !(SEEK_SET..=SEEK_END).contains(&whence) {
            return Err(Errno::EINVAL);
        }
        if self.has(flag::PUTTING) {
            self.flush()?;
        }
        let unread = self.unread() as i64;
        let (offset, whence) = match whence {
            SEEK_CUR if unread > 0 && self.file.offset >= 0 => {
                let at = (self.file.offset - unread).checked_add(offset).ok_or(Errno::EOVERFLOW)?;
                (at, SEEK_SET)
            }
            SEEK_CUR => (offset.checked_sub(unread).ok_or(Errno::EOVERFLOW)?, SEEK_CUR),
            _ => (offset, whence),
        };
        if whence == SEEK_SET && offset < 0 {
            return Err(Errno::EINVAL);
        }
        if !(whence == SEEK_SET && self.seek_within_buffer(offset)) {
            let seek = self.ops.seek;
            let at = seek(self, offset, whence)?;
            self.remember(at);
            self.file.flags &= !flag::PUTTING;
            self.forget_read();
            self.forget_written();
        }
        self.file.flags &= !flag::EOF;
        Ok(())
    }

    /// Moves to an absolute position that the buffer of a reading stream holds.
    fn seek_within_buffer(&mut self, to: i64) -> bool {
        if self.file.offset < 0 || self.has(flag::PUTTING | flag::IN_BACKUP) {
            return false;
        }
        let back = self.file.offset - to;
        let held = Self::distance(self.file.read_base, self.file.read_end) as i64;
        let within = 0 < back && back <= held;
        if within {
            self.file.read_ptr = self.file.read_end.wrapping_sub(back as usize);
        }
        within
    }
}

/// Moves the stream.
///
/// # Errors
/// -1: `EINVAL` (whence, or before the start), `ESPIPE`, `EBADF`, `EOVERFLOW`, and what writing brings.
///
/// Signal-safe: no. Vfork-safe: yes (the parent's position moves).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fseek(stream: *mut Stream, offset: c_long, whence: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    zero_or_errno(unsafe { with(stream, |s| s.seek(offset, whence)) })
}

/// As [`fseek`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fseeko(stream: *mut Stream, offset: i64, whence: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fseek(stream, offset, whence) }
}

/// As [`fseek`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fseeko64(stream: *mut Stream, offset: i64, whence: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fseek(stream, offset, whence) }
}

/// The stream's position in bytes.
///
/// # Errors
/// -1: `ESPIPE`, `EBADF`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftell(stream: *mut Stream) -> c_long {
    // SAFETY: by the caller's contract.
    or_errno(unsafe { with(stream, Stream::tell) })
}

/// As [`ftell`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftello(stream: *mut Stream) -> i64 {
    // SAFETY: by the caller's contract.
    unsafe { ftell(stream) }
}

/// As [`ftell`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftello64(stream: *mut Stream) -> i64 {
    // SAFETY: by the caller's contract.
    unsafe { ftell(stream) }
}

/// Moves to the start and clears the error flag.
///
/// Signal-safe: no. Vfork-safe: yes (the parent's position moves).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rewind(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe {
        with(stream, |s| {
            if let Err(e) = s.seek(0, SEEK_SET) {
                e.set();
            }
            s.file.flags &= !(flag::ERR | flag::EOF);
        });
    }
}

/// Notes the position.
///
/// # Errors
/// -1, as [`ftell`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetpos(stream: *mut Stream, position: *mut Position) -> c_int {
    // SAFETY: by the caller's contract.
    zero_or_errno(unsafe {
        with(stream, Stream::tell).map(|offset| *position = Position { offset, state: [0; 2] })
    })
}

/// As [`fgetpos`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetpos64(stream: *mut Stream, position: *mut Position) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fgetpos(stream, position) }
}

/// Moves to a position that [`fgetpos`] noted.
///
/// # Errors
/// -1, as [`fseek`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsetpos(stream: *mut Stream, position: *const Position) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fseek(stream, (*position).offset, SEEK_SET) }
}

/// As [`fsetpos`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsetpos64(stream: *mut Stream, position: *const Position) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fsetpos(stream, position) }
}
