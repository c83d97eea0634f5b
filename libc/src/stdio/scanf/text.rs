//! `%c %s %[` and their wide forms: characters into the program's memory, or with `m` into memory from `malloc`.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::slice;

use tidal_rt::Errno;

use super::engine::Stop;
use super::source::{Source, is_space};
use super::spec::Spec;
use crate::stdio::multibyte;
use crate::stdio::printf::spec::Cursor;
use crate::stdio::write::EOF;

unsafe extern "C" {
    fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
}

/// Which characters a conversion takes.
pub enum Set<'a> {
    /// `%c`: all.
    All,
    /// `%s`: no white space.
    NoSpace,
    /// `%[…]`: those listed, or with `true` those not listed.
    Listed(&'a [u8], bool),
}

impl Set<'_> {
    /// What `%c` and `%s` take.
    pub fn of(spec: &Spec) -> Set<'static> {
        if matches!(spec.conversion, b'c' | b'C') { Set::All } else { Set::NoSpace }
    }

    /// Reads a set up to its `]`; one that stands first is a member. A set without an end takes nothing, as in glibc.
    pub fn read(format: &mut Cursor) -> Result<Set<'static>, Stop> {
        let inverted = format.take(b'^');
        let start = *format;
        format.take(b']');
        while !matches!(format.peek(), 0 | b']') {
            format.bump();
        }
        let length = format.0 as usize - start.0 as usize;
        if !format.take(b']') {
            return Err(Stop::Matching);
        }
        // SAFETY: bytes of the format, which outlives the call.
        Ok(Set::Listed(unsafe { slice::from_raw_parts(start.0, length) }, inverted))
    }

    fn contains(&self, c: u32, utf8: bool) -> bool {
        match *self {
            Set::All => true,
            Set::NoSpace => !is_space(c as c_int),
            Set::Listed(list, inverted) => listed(list, c, utf8) != inverted,
        }
    }
}

/// The first character of a list, and what follows it.
fn first(list: &[u8], utf8: bool) -> Option<(u32, &[u8])> {
    let (&byte, rest) = list.split_first()?;
    if !utf8 || byte.is_ascii() {
        return Some((u32::from(byte), rest));
    }
    let end = list.iter().skip(1).position(|b| b & 0xc0 != 0x80).map_or(list.len(), |n| n + 1);
    let c = decode(&list[..end]).unwrap_or(u32::from(byte));
    Some((c, &list[end..]))
}

fn decode(bytes: &[u8]) -> Option<u32> {
    core::str::from_utf8(bytes).ok()?.chars().next().map(u32::from)
}

/// Whether a list of characters and ranges (`a-z`) has a character.
fn listed(list: &[u8], c: u32, utf8: bool) -> bool {
    let mut rest = list;
    while let Some((low, after)) = first(rest, utf8) {
        rest = after;
        let mut high = low;
        if let [b'-', range @ ..] = after
            && let Some((end, after)) = first(range, utf8)
            && end >= low
        {
            (high, rest) = (end, after);
        }
        if (low..=high).contains(&c) {
            return true;
        }
    }
    false
}

/// Where the characters go: nowhere, to the program's memory, or to memory that grows.
struct Target {
    /// Null for a suppressed conversion.
    memory: *mut u8,
    /// Bytes of it, or `usize::MAX` for the program's.
    capacity: usize,
    length: usize,
    wide: bool,
}

impl Target {
    fn push(&mut self, bytes: &[u8], c: u32) -> Result<(), Stop> {
        let wide = c.to_ne_bytes();
        let bytes = if self.wide { &wide } else { bytes };
        let end = self.length + bytes.len();
        if end > self.capacity {
            self.grow(end)?;
        }
        if !self.memory.is_null() {
            // SAFETY: the program's memory has room by contract, ours was made to.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.memory.add(self.length), bytes.len()) };
        }
        self.length = end;
        Ok(())
    }

    #[cold]
    fn grow(&mut self, least: usize) -> Result<(), Stop> {
        let capacity = (2 * self.capacity).max(least).max(64);
        // SAFETY: null or our own memory.
        let memory = unsafe { realloc(self.memory.cast(), capacity) }.cast::<u8>();
        if memory.is_null() {
            return Err(Stop::Error(Errno::ENOMEM));
        }
        (self.memory, self.capacity) = (memory, capacity);
        Ok(())
    }
}

/// Takes characters of a set and stores them, for strings with a NUL.
///
/// # Safety
/// `place` is null, room for the text, or with `m` a pointer to store to.
pub unsafe fn text(source: &mut Source, spec: &Spec, set: &Set, place: *mut c_void) -> Result<(), Stop> {
    let owned = spec.allocates && !place.is_null();
    let mut target = Target {
        memory: if owned { ptr::null_mut() } else { place.cast() },
        capacity: if owned { 0 } else { usize::MAX },
        length: 0,
        wide: spec.is_wide(),
    };
    let exact = matches!(set, Set::All);
    let finished = characters(source, set, &mut target, exact).and_then(|count| {
        if count == 0 {
            return Err(if exact { Stop::Input } else { Stop::Matching });
        }
        if exact { Ok(()) } else { target.push(&[0], 0) }
    });
    if owned {
        match finished {
            // SAFETY: by the caller's contract.
            Ok(()) => unsafe { *place.cast::<*mut u8>() = target.memory },
            // SAFETY: our own memory.
            Err(_) => unsafe { free(target.memory.cast()) },
        }
    }
    finished
}

/// Takes characters as long as they belong to the set; gives their number.
fn characters(source: &mut Source, set: &Set, target: &mut Target, exact: bool) -> Result<usize, Stop> {
    let by_character = source.wide || target.wide;
    let mut count = 0;
    loop {
        let next = source.peek();
        if next == EOF {
            // A `%5c` that gets less fails only where the input ends with nothing.
            let short = exact && source.room() > 0 && count == 0;
            return if short { Err(Stop::Input) } else { Ok(count) };
        }
        let byte = next as u8;
        if !by_character || byte.is_ascii() {
            if !set.contains(u32::from(byte), source.wide) {
                return Ok(count);
            }
            source.take();
            target.push(&[byte], u32::from(byte))?;
        } else {
            // A character that is taken apart to be looked at is gone from the input: it must belong to the set, which
            // for `%s` and `%c` every one beyond ASCII does.
            let (bytes, length) = sequence(source, byte)?;
            let bytes = &bytes[..length];
            let c = decode(bytes).ok_or(Stop::Error(Errno::EILSEQ))?;
            if !set.contains(c, true) {
                return Ok(count);
            }
            if !target.wide {
                multibyte::encode(c, false, &mut [0; 4]).map_err(Stop::Error)?;
            }
            target.push(bytes, c)?;
        }
        count += 1;
    }
}

/// Takes the bytes of one multibyte character.
fn sequence(source: &mut Source, first: u8) -> Result<([u8; 4], usize), Stop> {
    let length = multibyte::sequence_length(first, source.wide).ok_or(Stop::Error(Errno::EILSEQ))?;
    let mut bytes = [first, 0, 0, 0];
    source.take();
    for place in bytes.iter_mut().take(length).skip(1) {
        let next = source.peek_within();
        if next == EOF || next & 0xc0 != 0x80 {
            return Err(Stop::Error(Errno::EILSEQ));
        }
        source.take_uncounted();
        *place = next as u8;
    }
    Ok((bytes, length))
}
