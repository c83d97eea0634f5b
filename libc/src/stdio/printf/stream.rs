//! `printf`, `fprintf`, `dprintf` and their `v` forms.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use super::engine;
use super::sink::{Sink, WideString};
use crate::stdio::fd::FD;
use crate::stdio::file::{Stream, flag};
use crate::stdio::lock::with;
use crate::stdio::standard;
use crate::variadic;
use crate::variadic::VaList;

/// Room for the output to an unbuffered stream, so that a short message is one `write(2)`.
const MESSAGE: usize = 1024;

/// # Safety
/// `target` is a stream that nobody else uses.
unsafe fn put(target: *mut c_void, bytes: &[u8]) -> bool {
    // SAFETY: by the caller's contract.
    unsafe { (*target.cast::<Stream>()).write(bytes) == bytes.len() }
}

/// Formats to a stream by a `put` that takes it.
///
/// # Safety
/// `format` is a C string, and the list holds what it says; `put` takes a stream.
pub unsafe fn print_to(
    stream: &mut Stream,
    put: unsafe fn(*mut c_void, &[u8]) -> bool,
    wide: Option<WideString>,
    format: *const c_char,
    list: *mut VaList,
) -> c_int {
    if !stream.has(flag::PUTTING)
        && let Err(e) = stream.start_writing()
    {
        e.set();
        return -1;
    }
    // SAFETY: the stream outlives the sink; the rest by the caller's contract.
    let run = |stream: &mut Stream| unsafe {
        let mut sink = Sink::new(put, ptr::from_mut(stream).cast(), wide);
        engine::format(&mut sink, format.cast(), list)
    };
    if stream.has(flag::UNBUFFERED) { buffered_for_once(stream, run) } else { run(stream) }
}

/// Lends an unbuffered stream a buffer for one message.
#[inline(never)]
fn buffered_for_once(stream: &mut Stream, run: impl FnOnce(&mut Stream) -> c_int) -> c_int {
    let mut buffer = [0u8; MESSAGE];
    let (base, end) = (stream.file.buf_base, stream.file.buf_end);
    stream.file.buf_base = buffer.as_mut_ptr();
    stream.file.buf_end = stream.file.buf_base.wrapping_add(MESSAGE);
    stream.file.flags &= !flag::UNBUFFERED;
    stream.forget_written();
    let mut result = run(stream);
    if let Err(e) = stream.flush() {
        e.set();
        result = -1;
    }
    (stream.file.buf_base, stream.file.buf_end) = (base, end);
    stream.file.flags |= flag::UNBUFFERED;
    stream.forget_read();
    stream.forget_written();
    result
}

/// Prints to a stream.
///
/// # Errors
/// -1: `EINVAL`, `EOVERFLOW`, `EILSEQ` for the format; those of `write(2)`.
///
/// Signal-safe: no. Vfork-safe: yes (the parent's buffer fills).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vfprintf(stream: *mut Stream, format: *const c_char, list: *mut VaList) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { with(stream, |s| print_to(s, put, None, format, list)) }
}

/// [`vfprintf`] to `stdout`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vprintf(format: *const c_char, list: *mut VaList) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { vfprintf(standard::output(), format, list) }
}

/// [`vfprintf`] to a descriptor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vdprintf(fileno: c_int, format: *const c_char, list: *mut VaList) -> c_int {
    let mut buffer = [0u8; MESSAGE];
    // Marked as in the list, which it need not join: it is empty again before this function returns.
    let flags = flag::NO_READS | flag::LINKED | flag::PUTTING | flag::BUFFERING_SET;
    let mut stream = Stream::new(fileno, flags, &FD, buffer.as_mut_ptr(), MESSAGE);
    stream.file.buf_base = stream.storage;
    stream.file.buf_end = stream.storage.wrapping_add(MESSAGE);
    stream.forget_read();
    stream.forget_written();
    // SAFETY: by the caller's contract.
    let result = unsafe { print_to(&mut stream, put, None, format, list) };
    match stream.flush() {
        Ok(()) => result,
        Err(e) => {
            e.set();
            -1
        }
    }
}

variadic! {
    /// [`vprintf`] of its arguments.
    pub fn printf(format: *const c_char, ...) -> c_int => vprintf;
    /// [`vfprintf`] of its arguments.
    pub fn fprintf(stream: *mut Stream, format: *const c_char, ...) -> c_int => vfprintf;
    /// [`vdprintf`] of its arguments.
    pub fn dprintf(fileno: c_int, format: *const c_char, ...) -> c_int => vdprintf;
}
