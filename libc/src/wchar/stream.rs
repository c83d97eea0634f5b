//! Wide characters in and out of streams, one or a line at a time. A stream holds bytes; a character is encoded or
//! decoded as it passes, in the locale of that moment or
//! in the charset that `fopen` was asked for.

use core::ffi::c_int;
use core::ptr;

use tidal_rt::Errno;

use super::Wide;
use crate::macros::aliases;
use crate::stdio::file::{Stream, flag};
use crate::stdio::lock::with;
use crate::stdio::standard;
use crate::stdio::write::EOF;

/// `WEOF` of `<wchar.h>`.
pub(super) const WEOF: Wide = Wide::MAX;
const NEWLINE: Wide = b'\n' as Wide;

impl Stream {
    /// The stream is for wide characters, unless it is decided otherwise.
    fn orient_wide(&mut self) {
        if self.file.mode == 0 {
            self.file.mode = 1;
        }
    }

    /// `fgetwc`: the character, or [`WEOF`].
    pub(super) fn get_wide(&mut self) -> Wide {
        self.orient_wide();
        let charset = self.charset();
        let mut bytes = [0; 4];
        let mut length = 0;
        loop {
            let result = match charset.missing(&bytes[..length]) {
                Ok(0) => charset.decode(&bytes[..length]),
                Ok(_) => {
                    let byte = self.peek();
                    if byte == EOF {
                        if length > 0 {
                            self.failed(Errno::EILSEQ).set();
                        }
                        return WEOF;
                    }
                    // What does not continue a character may start the next one.
                    if length == 0 || !charset.is_utf8() || byte & 0xc0 == 0x80 {
                        self.consume(1);
                        bytes[length] = byte as u8;
                        length += 1;
                        continue;
                    }
                    Err(Errno::EILSEQ)
                }
                Err(e) => Err(e),
            };
            return result.unwrap_or_else(|e| {
                self.failed(e).set();
                WEOF
            });
        }
    }

    /// `fputwc`: the character, or [`WEOF`].
    pub(super) fn put_wide(&mut self, c: Wide) -> Wide {
        self.orient_wide();
        match self.charset().encode(c, &mut [0; 4]) {
            Ok(bytes) if self.write(bytes) == bytes.len() => c,
            Ok(_) => WEOF,
            Err(e) => {
                self.failed(e).set();
                WEOF
            }
        }
    }

    /// `ungetwc`: the character, or [`WEOF`].
    pub(super) fn unget_wide(&mut self, c: Wide) -> Wide {
        self.orient_wide();
        match self.charset().encode(c, &mut [0; 4]) {
            Ok(bytes) if bytes.iter().rev().all(|&byte| self.unget(byte) != EOF) => c,
            Ok(_) => WEOF,
            Err(e) => {
                e.set();
                WEOF
            }
        }
    }

    /// # Safety
    /// `into` has room for `size` characters.
    unsafe fn get_wide_line(&mut self, into: *mut Wide, size: c_int) -> *mut Wide {
        let Some(room) = size.checked_sub(1).and_then(|room| usize::try_from(room).ok()) else {
            return ptr::null_mut();
        };
        let failed_before = self.file.flags & flag::ERR;
        self.file.flags &= !flag::ERR;
        let mut done = 0;
        while done < room {
            let c = self.get_wide();
            if c == WEOF {
                break;
            }
            // SAFETY: below `room`.
            unsafe { *into.add(done) = c };
            done += 1;
            if c == NEWLINE {
                break;
            }
        }
        let failed = self.has(flag::ERR);
        self.file.flags |= failed_before;
        if failed || done == 0 && room > 0 {
            return ptr::null_mut();
        }
        // SAFETY: at most `room`, which is below `size`.
        unsafe { *into.add(done) = 0 };
        into
    }

    /// # Safety
    /// `string` is a wide string.
    unsafe fn put_wide_string(&mut self, string: *const Wide) -> c_int {
        self.orient_wide();
        let mut at = string;
        // SAFETY: reads up to the NUL.
        unsafe {
            while *at != 0 {
                if self.put_wide(*at) == WEOF {
                    return EOF;
                }
                at = at.add(1);
            }
        }
        1
    }
}

/// Decides a stream's orientation if it is open yet: positive wide, negative bytes, 0 only asks. Gives what it is.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fwide(stream: *mut Stream, mode: c_int) -> c_int {
    // SAFETY: an open stream.
    unsafe {
        with(stream, |s| {
            if s.file.mode == 0 {
                s.file.mode = mode.signum();
            }
            s.file.mode
        })
    }
}

/// Reads a character.
///
/// # Errors
/// `WEOF`: the end of the file, or with the error flag `EILSEQ` and what `fgetc` fails with.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetwc(stream: *mut Stream) -> Wide {
    // SAFETY: an open stream.
    unsafe { with(stream, Stream::get_wide) }
}

/// [`fgetwc`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetwc_unlocked(stream: *mut Stream) -> Wide {
    // SAFETY: an open stream that no other thread uses.
    unsafe { (*stream).get_wide() }
}

/// [`fgetwc`] from `stdin`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getwchar() -> Wide {
    // SAFETY: `stdin` is open.
    unsafe { fgetwc(standard::input()) }
}

/// [`getwchar`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getwchar_unlocked() -> Wide {
    // SAFETY: `stdin` is open, and no other thread uses it.
    unsafe { fgetwc_unlocked(standard::input()) }
}

/// Writes a character.
///
/// # Errors
/// `WEOF`, the error flag, `EILSEQ` and what `fputc` fails with.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputwc(c: Wide, stream: *mut Stream) -> Wide {
    // SAFETY: an open stream.
    unsafe { with(stream, |s| s.put_wide(c)) }
}

/// [`fputwc`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputwc_unlocked(c: Wide, stream: *mut Stream) -> Wide {
    // SAFETY: an open stream that no other thread uses.
    unsafe { (*stream).put_wide(c) }
}

/// [`fputwc`] to `stdout`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putwchar(c: Wide) -> Wide {
    // SAFETY: `stdout` is open.
    unsafe { fputwc(c, standard::output()) }
}

/// [`putwchar`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn putwchar_unlocked(c: Wide) -> Wide {
    // SAFETY: `stdout` is open, and no other thread uses it.
    unsafe { fputwc_unlocked(c, standard::output()) }
}

/// Pushes a character back.
///
/// # Errors
/// `WEOF`: `EILSEQ`, `ENOMEM`, `EBADF`; `WEOF` itself cannot be pushed back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ungetwc(c: Wide, stream: *mut Stream) -> Wide {
    if c == WEOF {
        return WEOF;
    }
    // SAFETY: an open stream.
    unsafe { with(stream, |s| s.unget_wide(c)) }
}

/// Reads a line with its newline, at most `size - 1` characters.
///
/// # Errors
/// Null at the end of the file with nothing read, or on failure, as [`fgetwc`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetws(into: *mut Wide, size: c_int, stream: *mut Stream) -> *mut Wide {
    // SAFETY: an open stream, and room for `size` characters.
    unsafe { with(stream, |s| s.get_wide_line(into, size)) }
}

/// [`fgetws`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fgetws_unlocked(into: *mut Wide, size: c_int, stream: *mut Stream) -> *mut Wide {
    // SAFETY: as for `fgetws`, and no other thread uses the stream.
    unsafe { (*stream).get_wide_line(into, size) }
}

/// Writes a wide string without its NUL.
///
/// # Errors
/// -1, as [`fputwc`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputws(string: *const Wide, stream: *mut Stream) -> c_int {
    // SAFETY: an open stream and a wide string.
    unsafe { with(stream, |s| s.put_wide_string(string)) }
}

/// [`fputws`] without the lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fputws_unlocked(string: *const Wide, stream: *mut Stream) -> c_int {
    // SAFETY: as for `fputws`, and no other thread uses the stream.
    unsafe { (*stream).put_wide_string(string) }
}

aliases! {
    fn getwc(stream: *mut Stream) -> Wide = fgetwc;
    fn getwc_unlocked(stream: *mut Stream) -> Wide = fgetwc_unlocked;
    fn putwc(c: Wide, stream: *mut Stream) -> Wide = fputwc;
    fn putwc_unlocked(c: Wide, stream: *mut Stream) -> Wide = fputwc_unlocked;
}
