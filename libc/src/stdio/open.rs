//! Opening and closing: `fopen`, `fdopen`, `freopen`, `fclose`.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::size_of;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use linux_raw_sys::general as linux;
use tidal_rt::{Errno, syscall};

use super::fd::FD;
use super::file::{BUFFER, Ops, Stream, flag};
use super::list;
use super::lock::with;
use super::write::EOF;
use crate::errno::or_errno;
use crate::wchar::charset::Charset;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

/// What a mode string of `fopen(3)` says.
#[derive(Clone, Copy)]
pub struct Mode {
    /// For `open(2)`.
    pub open: u32,
    /// For [`super::file::File::flags`].
    pub stream: i32,
    /// The charset of wide characters.
    pub charset: Charset,
}

/// Reads a mode string: `r`, `w` or `a`, then any of `+`, `b`, `e`, `x`, and `c`, `m`, which change nothing; a
/// charset by `,ccs=`.
///
/// # Errors
/// `EINVAL`.
pub fn parse_mode(mode: &CStr) -> Result<Mode, Errno> {
    let charset = Charset::of_mode(mode)?;
    let (&first, rest) = mode.to_bytes().split_first().ok_or(Errno::EINVAL)?;
    let (mut access, mut open, mut stream) = match first {
        b'r' => (linux::O_RDONLY, 0, flag::NO_WRITES),
        b'w' => (linux::O_WRONLY, linux::O_CREAT | linux::O_TRUNC, flag::NO_READS),
        b'a' => (linux::O_WRONLY, linux::O_CREAT | linux::O_APPEND, flag::NO_READS | flag::APPENDING),
        _ => return Err(Errno::EINVAL),
    };
    for &letter in rest.iter().take_while(|&&letter| letter != b',') {
        match letter {
            b'+' => {
                access = linux::O_RDWR;
                stream &= !(flag::NO_READS | flag::NO_WRITES);
            }
            b'e' => open |= linux::O_CLOEXEC,
            b'x' => open |= linux::O_EXCL,
            _ => {}
        }
    }
    Ok(Mode { open: access | open, stream, charset })
}

/// Opens a file as a mode says.
///
/// # Errors
/// Those of `open(2)`.
///
/// # Safety
/// `path` is a C string.
unsafe fn open_file(path: *const c_char, mode: Mode) -> Result<c_int, Errno> {
    // SAFETY: by the caller's contract.
    unsafe { syscall!(__NR_openat, linux::AT_FDCWD, path, mode.open, 0o666u32) }.map(|fd| fd as c_int)
}

/// A new stream, with its buffer behind it in one piece from `malloc`, and `extra` bytes behind that.
///
/// # Errors
/// `ENOMEM`.
pub fn create(
    fileno: c_int,
    flags: i32,
    ops: &'static Ops,
    buffer: usize,
    extra: usize,
) -> Result<*mut Stream, Errno> {
    let head = size_of::<Stream>();
    // SAFETY: malloc has no precondition.
    let memory = unsafe { malloc(head + buffer + extra) }.cast::<Stream>();
    if memory.is_null() {
        return Err(Errno::ENOMEM);
    }
    let storage = memory.cast::<u8>().wrapping_add(head);
    // SAFETY: fresh memory, large enough and aligned as malloc aligns.
    unsafe {
        memory.write(Stream::new(fileno, flags | flag::ALLOCATED, ops, storage, buffer));
        (*memory).cookie = storage.wrapping_add(buffer).cast();
    }
    Ok(memory)
}

/// A new stream on a descriptor.
fn on_descriptor(fileno: c_int, mode: Mode) -> Result<*mut Stream, Errno> {
    let stream = create(fileno, mode.stream, &FD, BUFFER, 0)?;
    // SAFETY: just made.
    unsafe { (*stream).set_charset(mode.charset) };
    Ok(stream)
}

/// Opens a file as a stream.
///
/// # Errors
/// Null: `EINVAL` (mode), `ENOMEM`, those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: yes (what the child leaves open costs the parent memory).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fopen(path: *const c_char, mode: *const c_char) -> *mut Stream {
    // SAFETY: by the caller's contract.
    or_errno(parse_mode(unsafe { CStr::from_ptr(mode) }).and_then(|mode| {
        // SAFETY: by the caller's contract.
        let fileno = unsafe { open_file(path, mode) }?;
        on_descriptor(fileno, mode).inspect_err(|_| {
            // SAFETY: just opened, known to nobody.
            let _ = unsafe { syscall!(__NR_close, fileno) };
        })
    }))
}

/// As [`fopen`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fopen64(path: *const c_char, mode: *const c_char) -> *mut Stream {
    // SAFETY: by the caller's contract.
    unsafe { fopen(path, mode) }
}

/// Makes a stream on an open descriptor, which the stream then owns.
///
/// # Errors
/// Null: `EINVAL` (mode, or not what the descriptor is open for), `EBADF`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdopen(fileno: c_int, mode: *const c_char) -> *mut Stream {
    // SAFETY: by the caller's contract.
    or_errno(parse_mode(unsafe { CStr::from_ptr(mode) }).and_then(|mode| {
        adapt_descriptor(fileno, mode)?;
        on_descriptor(fileno, mode)
    }))
}

/// Checks a descriptor against a mode, and sets `O_APPEND` and close-on-exec as it asks.
fn adapt_descriptor(fileno: c_int, mode: Mode) -> Result<(), Errno> {
    // SAFETY: no pointers, here and below.
    let has = unsafe { syscall!(__NR_fcntl, fileno, linux::F_GETFL) }? as u32;
    let access = has & linux::O_ACCMODE;
    if access == linux::O_RDONLY && mode.stream & flag::NO_WRITES == 0
        || access == linux::O_WRONLY && mode.stream & flag::NO_READS == 0
    {
        return Err(Errno::EINVAL);
    }
    if mode.open & !has & linux::O_APPEND != 0 {
        // SAFETY: no pointers.
        unsafe { syscall!(__NR_fcntl, fileno, linux::F_SETFL, has | linux::O_APPEND) }?;
    }
    if mode.open & linux::O_CLOEXEC != 0 {
        // SAFETY: no pointers.
        unsafe { syscall!(__NR_fcntl, fileno, linux::F_SETFD, linux::FD_CLOEXEC) }?;
    }
    Ok(())
}

impl Stream {
    /// Writes what waits, gives back what was read ahead, closes what stands behind; forgets all buffers.
    ///
    /// # Errors
    /// The first failure; the rest is done all the same.
    pub(super) fn shut(&mut self) -> Result<(), Errno> {
        let flushed = if self.has(flag::PUTTING) { self.flush() } else { Ok(()) };
        let _ = self.give_back();
        let close = self.ops.close;
        let closed = close(self);
        // SAFETY: null, or the pushback area's memory; it is out of use with the stream.
        unsafe { free(self.grown_pushback.cast()) };
        self.grown_pushback = ptr::null_mut();
        flushed.and(closed)
    }
}

/// Closes a stream and frees it.
///
/// # Errors
/// `EOF` and the `errno` of the last write or of `close(2)`. The stream is gone all the same.
///
/// Signal-safe: no. Vfork-safe: yes, for a stream of the child's own (the parent's would go away).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fclose(stream: *mut Stream) -> c_int {
    // SAFETY: by the function's contract: nobody uses the stream any more.
    let result = unsafe { close_stream(&mut *stream) };
    // SAFETY: as above.
    release(unsafe { &mut *stream });
    match result {
        Ok(()) => 0,
        Err(e) => {
            e.set();
            EOF
        }
    }
}

/// Writes what waits and closes what stands behind the stream, whose memory stays.
///
/// # Errors
/// The first failure; the rest is done all the same.
pub(super) fn close_stream(stream: &mut Stream) -> Result<(), Errno> {
    // First out of the list, whose lock is not waited for with the stream's held.
    list::unlink(stream);
    // SAFETY: open until now.
    unsafe { with(stream, Stream::shut) }
}

/// Frees a closed stream. A standard stream stays, closed.
pub(super) fn release(stream: &mut Stream) {
    if stream.has(flag::ALLOCATED) {
        // SAFETY: from malloc, in one piece; nobody uses it any more.
        unsafe { free(ptr::from_mut(stream).cast()) };
    } else {
        stream.close_for_good();
    }
}

impl Stream {
    /// A static stream after `fclose`: every use of it fails with `EBADF`.
    fn close_for_good(&mut self) {
        self.file.flags |= flag::NO_READS | flag::NO_WRITES;
        self.file.flags &= !flag::PUTTING;
        self.file.fileno = -1;
        // It may be opened again.
        self.listed.store(false, Relaxed);
        self.forget_read();
        self.forget_written();
    }
}

/// Closes what a stream is open on and opens a file on it instead. A null path changes the mode of the same file.
///
/// # Errors
/// Null, and the stream is closed: as [`fopen`]; `EBADF` for a null path on a stream without a descriptor.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freopen(
    path: *const c_char,
    mode: *const c_char,
    stream: *mut Stream,
) -> *mut Stream {
    // SAFETY: by the caller's contract.
    let reopened = unsafe { with(stream, |s| reopen(s, path, CStr::from_ptr(mode))) };
    match reopened {
        Ok(()) => stream,
        Err(e) => {
            // SAFETY: by the caller's contract.
            unsafe { fclose(stream) };
            e.set();
            ptr::null_mut()
        }
    }
}

/// As [`freopen`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freopen64(
    path: *const c_char,
    mode: *const c_char,
    stream: *mut Stream,
) -> *mut Stream {
    // SAFETY: by the caller's contract.
    unsafe { freopen(path, mode, stream) }
}

/// Where `/proc` shows a descriptor's file, as a C string.
fn path_of_descriptor(fileno: c_int) -> [u8; 32] {
    let mut path = [0; 32];
    let mut digits = [0; 20];
    let digits = tidal_rt::message::decimal(fileno as u64, &mut digits);
    let prefix = b"/proc/self/fd/";
    path[..prefix.len()].copy_from_slice(prefix);
    path[prefix.len()..prefix.len() + digits.len()].copy_from_slice(digits);
    path
}

/// # Safety
/// `path` is null or a C string.
unsafe fn reopen(stream: &mut Stream, path: *const c_char, mode: &CStr) -> Result<(), Errno> {
    if stream.has(flag::PUTTING) {
        let _ = stream.flush();
    }
    let _ = stream.give_back();
    let mode = parse_mode(mode)?;
    let old = stream.file.fileno;
    let same;
    let path = if path.is_null() {
        if old < 0 {
            return Err(Errno::EBADF);
        }
        same = path_of_descriptor(old);
        same.as_ptr().cast()
    } else {
        path
    };
    // SAFETY: by the caller's contract.
    let mut fileno = unsafe { open_file(path, mode) }?;
    if old >= 0 {
        // The new file takes the old one's number, in one step.
        // SAFETY: no pointers; both descriptors are ours.
        unsafe {
            let moved = syscall!(__NR_dup3, fileno, old, mode.open & linux::O_CLOEXEC);
            let _ = syscall!(__NR_close, fileno);
            moved?;
        }
        fileno = old;
    } else {
        let close = stream.ops.close;
        let _ = close(stream);
    }
    let kept = flag::LINKED | flag::ALLOCATED | flag::USER_LOCK | flag::UNBUFFERED | flag::BUFFERING_SET;
    stream.file.flags = flag::MAGIC | (stream.file.flags & kept) | mode.stream;
    stream.file.fileno = fileno;
    stream.file.offset = -1;
    stream.set_charset(mode.charset);
    stream.ops = &FD;
    if stream.file.buf_base == stream.storage {
        // Whether this file is a terminal is to be seen again.
        stream.file.buf_base = ptr::null_mut();
        stream.file.buf_end = ptr::null_mut();
    }
    stream.forget_read();
    stream.forget_written();
    Ok(())
}
