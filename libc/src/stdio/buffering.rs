//! Buffering and state: `setvbuf`, `fflush`, `flockfile`, `feof`, `ferror`, `fileno`.

use core::ffi::{c_char, c_int};
use core::ptr;

use tidal_rt::Errno;

use super::file::{Stream, flag};
use super::list;
use super::lock::with;
use super::write::EOF;

const IOFBF: c_int = 0;
const IOLBF: c_int = 1;
const IONBF: c_int = 2;

/// Chooses a stream's buffering, and its buffer where `buffer` is not null.
///
/// # Errors
/// `EOF`: `EINVAL` for an unknown mode; what writing the rest brings.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setvbuf(
    stream: *mut Stream,
    buffer: *mut c_char,
    mode: c_int,
    size: usize,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        with(stream, |s| match s.set_buffering(buffer.cast(), mode, size) {
            Ok(()) => 0,
            Err(e) => {
                e.set();
                EOF
            }
        })
    }
}

impl Stream {
    fn set_buffering(&mut self, buffer: *mut u8, mode: c_int, size: usize) -> Result<(), Errno> {
        let bits = match mode {
            IOFBF => flag::BUFFERING_SET,
            IOLBF => flag::BUFFERING_SET | flag::LINE_BUFFERED,
            IONBF => flag::BUFFERING_SET | flag::UNBUFFERED,
            _ => return Err(Errno::EINVAL),
        };
        if self.has(flag::PUTTING) {
            self.flush()?;
        }
        self.file.flags &= !(flag::LINE_BUFFERED | flag::UNBUFFERED);
        self.file.flags |= bits;
        if self.unread() > 0 {
            // What was read ahead stays where it is; the mode alone changes.
            return Ok(());
        }
        if mode != IONBF && !buffer.is_null() && size > 0 {
            self.storage = buffer;
            self.storage_length = size;
        }
        let (base, length) = if mode == IONBF || self.storage_length == 0 {
            (self.file.shortbuf.as_mut_ptr(), 1)
        } else {
            (self.storage, self.storage_length)
        };
        self.file.buf_base = base;
        self.file.buf_end = base.wrapping_add(length);
        self.forget_read();
        self.forget_written();
        Ok(())
    }
}

/// `setvbuf(stream, buffer, buffer ? _IOFBF : _IONBF, BUFSIZ)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setbuf(stream: *mut Stream, buffer: *mut c_char) {
    // SAFETY: by the caller's contract.
    unsafe { setbuffer(stream, buffer, 8192) }
}

/// As [`setbuf`], with a size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setbuffer(stream: *mut Stream, buffer: *mut c_char, size: usize) {
    let mode = if buffer.is_null() { IONBF } else { IOFBF };
    // SAFETY: by the caller's contract.
    unsafe { setvbuf(stream, buffer, mode, size) };
}

/// Makes a stream line buffered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setlinebuf(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe { setvbuf(stream, ptr::null_mut(), IOLBF, 0) };
}

/// Writes what waits in a stream, or gives back to the file what was read ahead; all streams for null.
///
/// # Errors
/// `EOF` and the `errno` of `write(2)`; what is not written stays.
///
/// Signal-safe: no. Vfork-safe: yes (it writes the parent's).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fflush(stream: *mut Stream) -> c_int {
    let result = if stream.is_null() {
        list::flush_all()
    } else {
        // SAFETY: by the caller's contract.
        unsafe { with(stream, Stream::sync) }
    };
    status(result)
}

fn status(result: Result<(), Errno>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(e) => {
            e.set();
            EOF
        }
    }
}

/// [`fflush`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fflush_unlocked(stream: *mut Stream) -> c_int {
    if stream.is_null() {
        return status(list::flush_all());
    }
    // SAFETY: by the caller's contract.
    status(unsafe { (*stream).sync() })
}

impl Stream {
    /// Brings stream and file to the same state.
    ///
    /// # Errors
    /// What the write brought. A file that cannot seek keeps what was read ahead, which is no failure.
    pub fn sync(&mut self) -> Result<(), Errno> {
        if self.has(flag::PUTTING) {
            return self.flush();
        }
        match self.give_back() {
            Err(Errno::ESPIPE) => Ok(()),
            other => other,
        }
    }
}

/// Flushes all streams and gives back what they read ahead. GNU.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fcloseall() -> c_int {
    list::close_all()
}

/// Takes a stream's lock; recursive.
///
/// Signal-safe: no. Vfork-safe: yes; what its parent holds the child enters again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn flockfile(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe { super::lock::take(stream) }
}

/// Takes a stream's lock if no other thread has it: 0, else nonzero.
///
/// Signal-safe: no. Vfork-safe: yes; what its parent holds the child enters again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftrylockfile(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(!unsafe { super::lock::try_take(stream) })
}

/// Gives up one hold of a stream's lock.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn funlockfile(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).lock.unlock() }
}

/// Whether a read met the end of the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn feof(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { with(stream, |s| s.has(flag::EOF)) })
}

/// [`feof`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn feof_unlocked(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { (*stream).has(flag::EOF) })
}

/// Whether a read or write failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferror(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { with(stream, |s| s.has(flag::ERR)) })
}

/// [`ferror`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ferror_unlocked(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { (*stream).has(flag::ERR) })
}

/// Clears the end-of-file and error flags.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clearerr(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| s.file.flags &= !(flag::EOF | flag::ERR)) }
}

/// [`clearerr`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clearerr_unlocked(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).file.flags &= !(flag::EOF | flag::ERR) }
}

/// The stream's descriptor.
///
/// # Errors
/// -1, `EBADF`: it has none.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fileno(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    let number = unsafe { (*stream).file.fileno };
    if number < 0 {
        Errno::EBADF.set();
        return -1;
    }
    number
}

/// As [`fileno`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fileno_unlocked(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { fileno(stream) }
}
