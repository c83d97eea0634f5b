//! `<time.h>`: `asctime` and `ctime`.

use core::ffi::c_char;
use core::fmt::Write;
use core::ptr;

use tidal_rt::Errno;

use super::calendar::{Tm, shared_result};
use super::format::{DAYS, MONTHS};
use super::local::{localtime, localtime_r};
use crate::errno::or_errno;

/// Bytes that programs give to `asctime_r`.
const ROOM: usize = 26;

/// A text with its NUL, or less.
struct Text {
    bytes: [u8; 64],
    length: usize,
}

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        let end = self.length + piece.len();
        self.bytes.get_mut(self.length..end).ok_or(core::fmt::Error)?.copy_from_slice(piece.as_bytes());
        self.length = end;
        Ok(())
    }
}

fn short<'a>(names: &[&'a str], number: i32) -> &'a str {
    usize::try_from(number).ok().and_then(|n| names.get(n)).map_or("???", |name| &name[..3])
}

/// `Sun Sep 16 01:03:52 1973`, a newline and NUL.
///
/// # Errors
/// Null and `EOVERFLOW` if that does not fit into 26 bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn asctime_r(tm: *const Tm, buffer: *mut c_char) -> *mut c_char {
    // SAFETY: the caller's structure.
    let tm = unsafe { &*tm };
    let mut text = Text { bytes: [0; 64], length: 0 };
    let written = writeln!(
        text,
        "{} {}{:3} {:02}:{:02}:{:02} {}",
        short(&DAYS, tm.tm_wday),
        short(&MONTHS, tm.tm_mon),
        tm.tm_mday,
        tm.tm_hour,
        tm.tm_min,
        tm.tm_sec,
        i64::from(tm.tm_year) + 1900,
    );
    if written.is_err() || text.length >= ROOM {
        return or_errno(Err(Errno::EOVERFLOW));
    }
    // SAFETY: the caller's buffer has 26 bytes, by contract.
    unsafe { ptr::copy_nonoverlapping(text.bytes.as_ptr().cast(), buffer, text.length + 1) };
    buffer
}

fn shared_text() -> *mut c_char {
    static mut TEXT: [c_char; ROOM] = [0; ROOM];
    (&raw mut TEXT).cast()
}

/// As `asctime_r`, into a buffer that the next call overwrites.
///
/// # Errors
/// Null and `EOVERFLOW`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn asctime(tm: *const Tm) -> *mut c_char {
    // SAFETY: the caller's structure; the buffer is ours.
    unsafe { asctime_r(tm, shared_text()) }
}

/// A time as local time in `asctime`'s form.
///
/// # Errors
/// Null and `EOVERFLOW`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ctime(seconds: *const i64) -> *mut c_char {
    // SAFETY: the caller's word.
    let tm = unsafe { localtime(seconds) };
    if tm.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: just filled.
    unsafe { asctime(shared_result()) }
}

/// As `ctime`, into a buffer of 26 bytes.
///
/// # Errors
/// Null and `EOVERFLOW`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ctime_r(seconds: *const i64, buffer: *mut c_char) -> *mut c_char {
    let mut tm = core::mem::MaybeUninit::<Tm>::uninit();
    // SAFETY: the caller's word; a null result means that nothing was written.
    unsafe {
        if localtime_r(seconds, tm.as_mut_ptr()).is_null() {
            return ptr::null_mut();
        }
        asctime_r(tm.as_ptr(), buffer)
    }
}
