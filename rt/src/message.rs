//! One line on standard error, and the end of the process: for when memory is corrupt.

use crate::sys::process;
use crate::{signal, syscall};

/// `struct iovec` of `<sys/uio.h>`.
#[repr(C)]
#[derive(Clone, Copy)]
struct IoVec {
    start: *const u8,
    length: usize,
}

/// How many pieces a line may have; what is beyond them is left out.
const PIECES: usize = 10;

/// Writes the pieces and a newline to standard error with one call. Keeps `errno`. Copies nothing and cannot panic:
/// a panic's own message comes through here.
///
/// Signal-safe: yes. Vfork-safe: yes.
pub fn line(pieces: &[&[u8]]) {
    let newline = IoVec { start: b"\n".as_ptr(), length: 1 };
    let mut vectors = [newline; PIECES + 1];
    let mut count = 1;
    for (vector, piece) in vectors.iter_mut().take(PIECES).zip(pieces) {
        *vector = IoVec { start: piece.as_ptr(), length: piece.len() };
        count += 1;
    }
    // The vector after the last piece is still the newline.
    // SAFETY: `count` vectors are live, and so is what they name.
    let _ = unsafe { syscall!(__NR_writev, 2i32, vectors.as_ptr(), count) };
}

/// Says why in one line (`tidal: ` in front) and ends the process by SIGABRT.
#[cold]
#[inline(never)]
pub fn fatal(why: &str) -> ! {
    fatal_with(&[why.as_bytes()])
}

/// As [`fatal`], from pieces.
#[cold]
#[inline(never)]
pub fn fatal_with(pieces: &[&[u8]]) -> ! {
    let mut all: [&[u8]; 8] = [b""; 8];
    for (place, piece) in all.iter_mut().zip([&b"tidal: "[..]].iter().chain(pieces)) {
        *place = piece;
    }
    line(&all);
    signal::abort();
}

/// Writes `value` in decimal into `buffer` and gives the digits.
pub fn decimal(mut value: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut start = buffer.len();
    for (at, place) in buffer.iter_mut().enumerate().rev() {
        *place = b'0' + (value % 10) as u8;
        value /= 10;
        start = at;
        if value == 0 {
            break;
        }
    }
    buffer.get(start..).unwrap_or_default()
}

/// Writes `value` as `0x…` into `buffer` and gives the digits.
pub fn hex(mut value: u64, buffer: &mut [u8; 18]) -> &[u8] {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b"0123456789abcdef"[(value & 15) as usize];
        value >>= 4;
        if value == 0 {
            break;
        }
    }
    at -= 2;
    buffer[at..at + 2].copy_from_slice(b"0x");
    &buffer[at..]
}

/// Ends the process without a word, for when even writing is out of the question.
pub fn exit_now(status: i32) -> ! {
    process::exit_group(status)
}
