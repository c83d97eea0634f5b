//! The loop over a format.

use core::ffi::{c_int, c_void};

use tidal_rt::Errno;

use super::source::{Source, is_space};
use super::spec::Spec;
use super::{float, integer, text};
use crate::stdio::printf::spec::{Cursor, Length};
use crate::stdio::write::EOF;
use crate::variadic::VaList;

/// Why a scan ends early.
pub enum Stop {
    /// The input ended before a conversion: `EOF` if nothing was stored yet.
    Input,
    /// The input does not match.
    Matching,
    /// An error beyond the input (`ENOMEM`, `EILSEQ`): as the end of the input, with `errno`.
    Error(Errno),
}

/// Where the pointers to store to come from.
struct Places<'a> {
    list: &'a mut VaList,
    /// As it was at the start, for positions.
    start: VaList,
}

impl Places<'_> {
    /// The next pointer, or the one at a position; null for a suppressed conversion.
    fn next(&mut self, spec: &Spec) -> *mut c_void {
        if spec.suppressed {
            return core::ptr::null_mut();
        }
        // SAFETY: the program passes a pointer for each conversion that stores.
        unsafe {
            if spec.position == 0 {
                return self.list.arg();
            }
            let mut list = self.start;
            for _ in 1..spec.position {
                let _: *mut c_void = list.arg();
            }
            list.arg()
        }
    }
}

/// Scans; gives the number of values stored, or `EOF`.
///
/// # Safety
/// `format` is a C string, and the list holds the pointers that it asks for.
#[inline(never)]
pub unsafe fn scan(source: &mut Source, format: *const u8, list: *mut VaList) -> c_int {
    // SAFETY: by the caller's contract.
    let list = unsafe { &mut *list };
    let start = *list;
    let mut places = Places { list, start };
    let mut stored = 0;
    match run(source, Cursor(format), &mut places, &mut stored) {
        Ok(()) | Err(Stop::Matching) => stored,
        Err(Stop::Input) if stored > 0 => stored,
        Err(Stop::Input) => EOF,
        Err(Stop::Error(e)) => {
            e.set();
            if stored > 0 { stored } else { EOF }
        }
    }
}

fn run(source: &mut Source, mut format: Cursor, places: &mut Places, stored: &mut c_int) -> Result<(), Stop> {
    while format.peek() != 0 {
        source.limit(usize::MAX);
        if is_space(c_int::from(format.peek())) {
            source.skip_space();
            format.bump();
            continue;
        }
        if !format.take(b'%') {
            literal(source, format.peek())?;
            format.bump();
            continue;
        }
        if format.take(b'%') {
            source.skip_space();
            literal(source, b'%')?;
            continue;
        }
        let spec = Spec::read(&mut format);
        conversion(source, &spec, &mut format, places, stored)?;
    }
    Ok(())
}

fn literal(source: &mut Source, byte: u8) -> Result<(), Stop> {
    match source.peek() {
        EOF => Err(Stop::Input),
        next if next == c_int::from(byte) => {
            // In wide input the format is UTF-8 too: what continues a character is not counted.
            if source.wide && byte & 0xc0 == 0x80 {
                source.take_uncounted()
            } else {
                source.take()
            }
            Ok(())
        }
        _ => Err(Stop::Matching),
    }
}

fn conversion(
    source: &mut Source,
    spec: &Spec,
    format: &mut Cursor,
    places: &mut Places,
    stored: &mut c_int,
) -> Result<(), Stop> {
    if spec.conversion == b'n' {
        let place = places.next(spec);
        if !place.is_null() {
            // SAFETY: the program passes a pointer to an integer of that length.
            unsafe { store(spec.length, place, source.taken as u64) };
        }
        return Ok(());
    }
    if !b"diuoxXpaAeEfFgGcCsS[".contains(&spec.conversion) {
        return Err(Stop::Matching);
    }
    if !matches!(spec.conversion, b'c' | b'C' | b'[') {
        source.skip_space();
    }
    if source.is_at_end() {
        return Err(Stop::Input);
    }
    source.limit(spec.width.unwrap_or(usize::MAX));
    let place = places.next(spec);
    match spec.conversion {
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'p' => {
            let value = integer::integer(source, spec.conversion)?;
            let length = if spec.conversion == b'p' { Length::Long } else { spec.length };
            if !place.is_null() {
                // SAFETY: the program passes a pointer to an integer of that length.
                unsafe { store(length, place, value) };
            }
        }
        b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            // SAFETY: the program passes a pointer to a number of that length.
            unsafe { float::float(source, spec.length, place) }?;
        }
        b'c' | b'C' | b's' | b'S' | b'[' => {
            let set = if spec.conversion == b'[' { text::Set::read(format)? } else { text::Set::of(spec) };
            source.limit(match (spec.width, spec.conversion) {
                (Some(width), _) => width,
                (None, b'c' | b'C') => 1,
                _ => usize::MAX,
            });
            // SAFETY: the program passes a pointer to room for the text, or to a pointer with `m`.
            unsafe { text::text(source, spec, &set, place) }?;
        }
        _ => return Err(Stop::Matching),
    }
    *stored += c_int::from(!spec.suppressed);
    Ok(())
}

/// # Safety
/// `place` points to an integer of that length.
unsafe fn store(length: Length, place: *mut c_void, value: u64) {
    // SAFETY: by the caller's contract.
    unsafe {
        match length {
            Length::Char => *place.cast::<u8>() = value as u8,
            Length::Short => *place.cast::<u16>() = value as u16,
            Length::Plain => *place.cast::<u32>() = value as u32,
            _ => *place.cast::<u64>() = value,
        }
    }
}
