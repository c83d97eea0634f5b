//! The loop over a format.

use core::ffi::{c_char, c_int};
use core::slice;

use tidal_rt::Errno;

use super::arguments::{Arguments, Value, by_position};
use super::field::Field;
use super::sink::Sink;
use super::spec::{Cursor, Length, Spec};
use super::{float, integer, text};
use crate::variadic::VaList;

unsafe extern "C" {
    fn strerror(number: c_int) -> *mut c_char;
}

/// Formats; gives the number of characters, or -1 with `errno` set.
///
/// # Safety
/// `format` is a C string, and the list holds what it says.
#[inline(never)]
pub unsafe fn format(out: &mut Sink, format: *const u8, list: *mut VaList) -> i32 {
    let errno = tidal_rt::errno::get();
    // SAFETY: by the caller's contract.
    let list = unsafe { &mut *list };
    let format = Cursor(format);
    let run = if uses_positions(format) {
        by_position(format, list, |arguments| run(out, format, arguments, errno))
    } else {
        run(out, format, Arguments::Sequence(list), errno)
    };
    let failure = match run.map_err(Some).and_then(|()| out.finish()) {
        Ok(total) => return total,
        Err(failure) => failure,
    };
    if let Some(error) = failure {
        error.set();
    }
    -1
}

/// Whether the first specification names a position. A format uses positions throughout or not at all.
fn uses_positions(mut format: Cursor) -> bool {
    loop {
        match format.peek() {
            0 => return false,
            b'%' => {
                format.bump();
                if format.take(b'%') {
                    continue;
                }
                return format.peek().is_ascii_digit()
                    && matches!(format.spec(), Ok(spec) if spec.position != 0);
            }
            _ => format.bump(),
        }
    }
}

fn run(out: &mut Sink, mut format: Cursor, mut arguments: Arguments, errno: i32) -> Result<(), Errno> {
    loop {
        let start = format;
        while !matches!(format.peek(), 0 | b'%') {
            format.bump();
        }
        // SAFETY: the bytes between the two cursors.
        out.bytes(unsafe { slice::from_raw_parts(start.0, format.0 as usize - start.0 as usize) });
        if format.peek() == 0 || out.is_over() {
            return Ok(());
        }
        let percent = format;
        format.bump();
        let spec = format.spec()?;
        if spec.conversion == 0 {
            return Err(Errno::EINVAL);
        }
        let field = Field::new(&spec, &mut arguments)?;
        let value = arguments.take(spec.kind(), spec.position);
        if !conversion(out, &spec, &field, value, errno)? {
            // Unknown: shown as it is written.
            // SAFETY: the bytes between the two cursors.
            out.bytes(unsafe { slice::from_raw_parts(percent.0, format.0 as usize - percent.0 as usize) });
        }
    }
}

/// Puts one conversion; `false` where there is no such.
fn conversion(out: &mut Sink, spec: &Spec, field: &Field, value: Value, errno: i32) -> Result<bool, Errno> {
    let wide = matches!(spec.length, Length::Long | Length::LongLong);
    match spec.conversion {
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'b' | b'B' => {
            integer::integer(out, spec, field, value.low)
        }
        b'p' if value.low == 0 => text::literal(out, field, b"(nil)"),
        b'p' => integer::pointer(out, field, value.low),
        b'C' => text::wide_character(out, field, value.low as u32)?,
        b'c' if wide => text::wide_character(out, field, value.low as u32)?,
        b'c' => text::character(out, field, value.low as u8)?,
        // SAFETY: the program's format says that a string was passed, here and below.
        b'S' => unsafe { text::wide_string(out, field, value.low as *const u32) }?,
        // SAFETY: as above.
        b's' if wide => unsafe { text::wide_string(out, field, value.low as *const u32) }?,
        // SAFETY: as above.
        b's' => unsafe { text::string(out, field, value.low as *const u8) }?,
        // SAFETY: strerror gives a string.
        b'm' => unsafe { text::string(out, field, strerror(errno).cast()) }?,
        b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => float::float(out, spec, field, value),
        b'n' => store_count(spec.length, value.low, out.total),
        b'%' => out.bytes(b"%"),
        _ => return Ok(false),
    }
    Ok(true)
}

/// `%n`.
fn store_count(length: Length, address: u64, count: usize) {
    // SAFETY: the program passes a pointer to an integer of that length.
    unsafe {
        match length {
            Length::Char => *(address as *mut i8) = count as i8,
            Length::Short => *(address as *mut i16) = count as i16,
            Length::Plain => *(address as *mut i32) = count as i32,
            _ => *(address as *mut i64) = count as i64,
        }
    }
}
