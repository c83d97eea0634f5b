//! `<stdio_ext.h>`: looking into a stream.

use core::ffi::c_int;

use crate::stdio::file::{Stream, flag};
use crate::stdio::list;

/// Size of the stream's buffer in bytes, 0 while it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fbufsize(stream: *mut Stream) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).file.buf_end as usize - (*stream).file.buf_base as usize }
}

/// Whether the stream is read-only or its last operation read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __freading(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    let stream = unsafe { &*stream };
    c_int::from(stream.has(flag::NO_WRITES) || !stream.has(flag::PUTTING) && !stream.file.read_base.is_null())
}

/// Whether the stream is write-only or its last operation wrote.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fwriting(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { (*stream).has(flag::NO_READS | flag::PUTTING) })
}

/// Whether the stream is open for reading.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __freadable(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { !(*stream).has(flag::NO_READS) })
}

/// Whether the stream is open for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fwritable(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { !(*stream).has(flag::NO_WRITES) })
}

/// Whether the stream is line buffered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __flbf(stream: *mut Stream) -> c_int {
    // SAFETY: by the caller's contract.
    c_int::from(unsafe { (*stream).has(flag::LINE_BUFFERED) })
}

/// Forgets what waits to be written and what was read ahead.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fpurge(stream: *mut Stream) {
    // SAFETY: by the caller's contract.
    unsafe {
        crate::stdio::lock::with(stream, |s| {
            s.forget_read();
            s.forget_written();
        });
    }
}

/// Bytes that wait to be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fpending(stream: *mut Stream) -> usize {
    // SAFETY: by the caller's contract.
    unsafe { (*stream).unwritten() }
}

/// Flushes all line-buffered streams.
#[unsafe(no_mangle)]
pub extern "C" fn _flushlbf() {
    list::flush_terminal_output();
}

/// Who locks the stream: 1 the library (`FSETLOCKING_INTERNAL`), 2 the caller, 0 only asks. Gives what held before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __fsetlocking(stream: *mut Stream, who: c_int) -> c_int {
    // SAFETY: by the caller's contract.
    let stream = unsafe { &mut *stream };
    let before = if stream.has(flag::USER_LOCK) { 2 } else { 1 };
    match who {
        1 => stream.file.flags &= !flag::USER_LOCK,
        2 => stream.file.flags |= flag::USER_LOCK,
        _ => {}
    }
    before
}
