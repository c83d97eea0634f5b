//! One line on standard error, and the end of the process: for when memory is corrupt.

use crate::sys::process;
use crate::{signal, syscall};

/// Writes the pieces and a newline to standard error with one call, as far as 512 bytes go. Keeps `errno`.
///
/// Signal-safe: yes. Vfork-safe: yes.
pub fn line(pieces: &[&[u8]]) {
    let mut buffer = [0u8; 512];
    // Nothing here may panic, because a panic's own message comes through here.
    let (mut room, mut length) = (buffer.split_at_mut(511).0.iter_mut(), 0);
    for &byte in pieces.iter().copied().flatten() {
        if let Some(place) = room.next() {
            *place = byte;
            length += 1;
        }
    }
    if let Some(place) = buffer.get_mut(length) {
        *place = b'\n';
    }
    // SAFETY: the buffer is live and that long.
    let _ = unsafe { syscall!(__NR_write, 2i32, buffer.as_ptr(), length + 1) };
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
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return &buffer[at..];
        }
    }
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
