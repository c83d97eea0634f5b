//! `perror(3)`.

use core::ffi::{CStr, c_char};

use tidal_rt::errno;

use super::file::Stream;
use super::lock::with;
use super::standard;

unsafe extern "C" {
    fn strerror(number: i32) -> *mut c_char;
}

/// Says on `stderr` what `errno` means, after `prefix` and a colon unless that is null or empty. Keeps `errno`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn perror(prefix: *const c_char) {
    let number = errno::get();
    // SAFETY: null or a C string, and strerror gives one.
    let (prefix, text) = unsafe {
        let prefix = if prefix.is_null() { c"" } else { CStr::from_ptr(prefix) };
        (prefix.to_bytes(), CStr::from_ptr(strerror(number)).to_bytes())
    };
    let colon: &[u8] = if prefix.is_empty() { b"" } else { b": " };
    errno::preserved(|| {
        // SAFETY: stderr is open, or its write fails.
        unsafe {
            with(standard::error(), |s| s.write_message(&[prefix, colon, text, b"\n"]));
        }
    });
}

/// Bytes of a message that go out together.
const MESSAGE: usize = 512;

impl Stream {
    /// Writes pieces, to an unbuffered stream in one go as far as [`MESSAGE`] bytes carry.
    pub fn write_message(&mut self, pieces: &[&[u8]]) {
        let mut message = [0; MESSAGE];
        let mut length = 0;
        for &piece in pieces {
            if piece.len() > MESSAGE - length {
                self.write(&message[..length]);
                length = 0;
            }
            match message.get_mut(length..length + piece.len()) {
                Some(place) => {
                    place.copy_from_slice(piece);
                    length += piece.len();
                }
                None => {
                    self.write(piece);
                }
            }
        }
        self.write(&message[..length]);
    }
}
