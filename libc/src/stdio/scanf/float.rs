//! `%e %f %g %a`: collects what `strtod` may read, then lets it read that.

use core::ffi::{c_char, c_void};
use core::ptr;

use tidal_rt::Errno;

use super::engine::Stop;
use super::source::Source;
use crate::stdio::printf::spec::Length;
use crate::stdio::write::EOF;
use crate::stdlib::float::{LongDouble, narrow_extended};

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
    fn strtod(text: *const c_char, end: *mut *mut c_char) -> f64;
    fn strtof(text: *const c_char, end: *mut *mut c_char) -> f32;
}

/// Text of a number: on the stack, and from `malloc` when it is long.
struct Collected {
    few: [u8; 128],
    many: *mut u8,
    capacity: usize,
    length: usize,
}

impl Collected {
    fn new() -> Self {
        Collected { few: [0; 128], many: ptr::null_mut(), capacity: 128, length: 0 }
    }

    fn start(&mut self) -> *mut u8 {
        if self.many.is_null() { self.few.as_mut_ptr() } else { self.many }
    }

    fn push(&mut self, byte: u8) -> Result<(), Stop> {
        // One byte stays free for the NUL.
        if self.length + 1 >= self.capacity {
            self.grow()?;
        }
        // SAFETY: below the capacity.
        unsafe { *self.start().add(self.length) = byte };
        self.length += 1;
        Ok(())
    }

    #[cold]
    fn grow(&mut self) -> Result<(), Stop> {
        // SAFETY: the new memory takes all of the old one.
        unsafe {
            let memory = malloc(2 * self.capacity).cast::<u8>();
            if memory.is_null() {
                return Err(Stop::Error(Errno::ENOMEM));
            }
            ptr::copy_nonoverlapping(self.start(), memory, self.length);
            free(self.many.cast());
            self.many = memory;
            self.capacity *= 2;
        }
        Ok(())
    }

    /// The C string.
    fn text(&mut self) -> *const c_char {
        let (start, length) = (self.start(), self.length);
        // SAFETY: below the capacity.
        unsafe { *start.add(length) = 0 };
        start.cast()
    }
}

impl Drop for Collected {
    fn drop(&mut self) {
        if !self.many.is_null() {
            // SAFETY: from malloc, and this value's own. (The test keeps `free` out of the common path.)
            unsafe { free(self.many.cast()) };
        }
    }
}

/// Takes a number and stores it unless `place` is null.
///
/// # Safety
/// `place` is null or points to a number of that length.
pub unsafe fn float(source: &mut Source, length: Length, place: *mut c_void) -> Result<(), Stop> {
    let mut collected = Collected::new();
    collect(source, &mut collected)?;
    let text = collected.text();
    let mut end = ptr::null_mut();
    // SAFETY: a C string; the place by the caller's contract.
    unsafe {
        match length {
            Length::LongLong => {
                let mut value = LongDouble::ZERO;
                narrow_extended(text, &raw mut end, &raw mut value);
                put(place, value, text, end)
            }
            Length::Long => put(place, strtod(text, &raw mut end), text, end),
            _ => put(place, strtof(text, &raw mut end), text, end),
        }
    }
}

/// # Safety
/// `place` is null or points to a `T`.
unsafe fn put<T>(place: *mut c_void, value: T, text: *const c_char, end: *mut c_char) -> Result<(), Stop> {
    if end.cast_const() == text {
        return Err(Stop::Matching);
    }
    if !place.is_null() {
        // SAFETY: by the caller's contract.
        unsafe { place.cast::<T>().write(value) };
    }
    Ok(())
}

fn collect(source: &mut Source, into: &mut Collected) -> Result<(), Stop> {
    if let Some(sign) = source.take_letter(b'+').or_else(|| source.take_letter(b'-')) {
        into.push(sign)?;
    }
    match (source.peek() as u8).to_ascii_lowercase() {
        b'n' => return word(source, into, b"nan"),
        b'i' => {
            word(source, into, b"inf")?;
            let more = (source.peek() as u8).eq_ignore_ascii_case(&b'i');
            return if more { word(source, into, b"inity") } else { Ok(()) };
        }
        _ => {}
    }
    let mut any = false;
    let mut hexadecimal = false;
    if source.peek() == i32::from(b'0') {
        source.take();
        into.push(b'0')?;
        any = true;
        if source.take_letter(b'x').is_some() {
            into.push(b'x')?;
            (any, hexadecimal) = (false, true);
        }
    }
    if digits(source, into, hexadecimal, any)? { Ok(()) } else { Err(Stop::Matching) }
}

/// Takes a word that must be there in full.
fn word(source: &mut Source, into: &mut Collected, word: &[u8]) -> Result<(), Stop> {
    for &letter in word {
        let taken = source.take_letter(letter).ok_or(Stop::Matching)?;
        into.push(taken)?;
    }
    Ok(())
}

/// Digits, a point, an exponent, as far as they follow each other; says whether there was a character at all.
fn digits(
    source: &mut Source,
    into: &mut Collected,
    hexadecimal: bool,
    mut digit: bool,
) -> Result<bool, Stop> {
    let letter = if hexadecimal { b'p' } else { b'e' };
    let (mut any, mut point, mut exponent, mut sign) = (digit, false, false, false);
    loop {
        let next = source.peek();
        if next == EOF {
            return Ok(any);
        }
        let byte = next as u8;
        match byte.to_ascii_lowercase() {
            b'0'..=b'9' => digit = true,
            b'a'..=b'f' if hexadecimal && !exponent => digit = true,
            b'+' | b'-' if sign => {}
            lower if lower == letter && digit && !exponent => (exponent, point) = (true, true),
            b'.' if !point => point = true,
            _ => return Ok(any),
        }
        sign = byte.eq_ignore_ascii_case(&letter);
        source.take();
        into.push(byte)?;
        any = true;
    }
}
