//! `%n` under `_FORTIFY_SOURCE=2`: only in formats that nobody can have written at run time.

use core::ffi::c_char;

use crate::files::Lines;
use crate::stdio::printf::spec::Cursor;

/// Ends the program if a format with `%n` lies in memory that can be written. Where `/proc` is not there to tell, it
/// passes, as with glibc.
pub(super) fn check(flag: i32, format: *const c_char) {
    if flag > 0 && has_percent_n(Cursor(format.cast())) && is_writable(format as usize) {
        tidal_rt::message::line(&[b"*** %n in writable segment detected ***"]);
        tidal_rt::signal::abort()
    }
}

fn has_percent_n(mut format: Cursor) -> bool {
    while format.peek() != 0 {
        if !format.take(b'%') {
            format.bump();
            continue;
        }
        if format.take(b'%') {
            continue;
        }
        match format.spec() {
            Ok(spec) if spec.conversion == b'n' => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Whether `/proc/self/maps` shows an address as writable: `start-end rw.p …`.
#[cold]
fn is_writable(address: usize) -> bool {
    let Ok(mut maps) = Lines::<512>::open(c"/proc/self/maps") else { return false };
    while let Some(line) = maps.next_line() {
        let mut words = line.split(|&b| b == b' ');
        let mut ends = words.next().unwrap_or_default().split(|&b| b == b'-');
        let (start, end) = (hex(ends.next()), hex(ends.next()));
        if (start..end).contains(&address) {
            return words.next().and_then(|rights| rights.get(1)) == Some(&b'w');
        }
    }
    false
}

fn hex(digits: Option<&[u8]>) -> usize {
    let digit = |&b: &u8| char::from(b).to_digit(16).unwrap_or(0) as usize;
    digits.unwrap_or_default().iter().map(digit).fold(0, |value, digit| value << 4 | digit)
}
