//! `<wordexp.h>`: words as the shell expands them, by the shell.
//!
//! A text that holds nothing but words, as `check` says, goes to `/bin/sh`, which sets its arguments to them and prints
//! how many there are and these, each with a NUL. The number is the proof that all have come: the shell's exit status may
//! go to somebody else who waits for children. What the text assigns (`${NAME:=word}`) and `$$` are the shell's.

mod check;

use core::ffi::{c_char, c_int};
use core::ptr::null_mut;

use tidal_rt::Errno;

use crate::cstr::bytes;
use crate::heap;
use crate::list::List;
use crate::stdio::input::fread;
use crate::stdio::popen::{pclose, popen};
use crate::stdlib::environment::getenv;
use crate::text::parse_decimal;

/// `WRDE_…` of `<wordexp.h>`.
mod flag {
    use core::ffi::c_int;

    pub const DOOFFS: c_int = 1 << 0;
    pub const APPEND: c_int = 1 << 1;
    pub const NOCMD: c_int = 1 << 2;
    pub const REUSE: c_int = 1 << 3;
    pub const SHOWERR: c_int = 1 << 4;
    pub const UNDEF: c_int = 1 << 5;
}

/// Why words are not expanded.
#[derive(Clone, Copy, PartialEq, Debug)]
#[repr(i32)]
enum Failure {
    NoSpace = 1,
    BadCharacter,
    Undefined,
    Command,
    Syntax,
}

impl From<Errno> for Failure {
    fn from(_: Errno) -> Self {
        Failure::NoSpace
    }
}

/// `wordexp_t` of `<wordexp.h>`.
#[repr(C)]
pub struct WordExp {
    count: usize,
    words: *mut *mut c_char,
    /// Slots left empty at the start of `words`.
    offset: usize,
}

/// Expands the words of a text as the shell does, into `result`.
///
/// # Errors
/// `WRDE_BADCHAR` for an operator outside quotes, `WRDE_SYNTAX`, `WRDE_CMDSUB` for a command where `WRDE_NOCMD` forbids it
/// and for what some shell would run as one (so for variables in arithmetic, too), `WRDE_BADVAL` for an unset variable with `WRDE_UNDEF`, `WRDE_NOSPACE`; the last also if there is no shell.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, wordexp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wordexp(text: *const c_char, result: *mut WordExp, flags: c_int) -> c_int {
    // SAFETY: `text` is a string; `result` is writable, and filled before with WRDE_APPEND and WRDE_REUSE.
    unsafe {
        let result = &mut *result;
        if flags & flag::REUSE != 0 {
            wordfree(result);
        }
        if flags & flag::APPEND == 0 {
            (result.count, result.words) = (0, null_mut());
            if flags & flag::DOOFFS == 0 {
                result.offset = 0;
            }
        }
        let text = bytes(text);
        let done = check::check(text, flags & flag::NOCMD == 0)
            .and_then(|text| expanded(text, flags))
            .and_then(|printed| match complete(&printed) {
                Some(words) => hand_out(words, result),
                None if flags & flag::UNDEF != 0 => Err(Failure::Undefined),
                None => Err(Failure::Syntax),
            });
        done.map_or_else(|failure| failure as c_int, |()| 0)
    }
}

/// Gives the words of a result back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wordfree(result: *mut WordExp) {
    // SAFETY: filled by `wordexp`, by contract.
    unsafe {
        let result = &mut *result;
        if result.words.is_null() {
            return;
        }
        for i in 0..result.count {
            heap::release(*result.words.add(result.offset + i));
        }
        heap::release(result.words);
        (result.count, result.words) = (0, null_mut());
    }
}

/// What the shell prints for a text: the number of words and the words, each with its NUL.
fn expanded(text: &[u8], flags: c_int) -> Result<List<u8>, Failure> {
    let mut script = List::new();
    // SAFETY: a variable of the environment is a string.
    let separators = unsafe { getenv(c"IFS".as_ptr()).as_ref().map(|first| bytes(first)) };
    if let Some(separators) = separators {
        script.extend(b"IFS=")?;
        quote(separators, &mut script)?;
        script.push(b'\n')?;
    }
    if flags & flag::SHOWERR == 0 {
        script.extend(b"exec 2>/dev/null\n")?;
    }
    if flags & flag::UNDEF != 0 {
        script.extend(b"set -u\n")?;
    }
    script.extend(b"set -- ")?;
    script.extend(text)?;
    script.extend(b"\nprintf '%s\\0' \"$#\" \"$@\"\0")?;
    output(&script)
}

/// The words, if all are there.
fn complete(printed: &[u8]) -> Option<&[u8]> {
    let (count, rest) = parse_decimal(printed)?;
    let words = rest.strip_prefix(b"\0")?;
    (ends(words) as u64 == count).then_some(words)
}

fn ends(words: &[u8]) -> usize {
    words.iter().filter(|byte| **byte == 0).count()
}

/// What a shell prints for a script.
fn output(script: &[u8]) -> Result<List<u8>, Failure> {
    let mut words = List::new();
    let mut part = [0u8; 512];
    // SAFETY: both are strings; the stream is open until `pclose`, and the buffer that long.
    unsafe {
        let stream = popen(script.as_ptr().cast(), c"re".as_ptr());
        if stream.is_null() {
            return Err(Failure::NoSpace);
        }
        let mut kept = Ok(());
        loop {
            let count = fread(part.as_mut_ptr().cast(), 1, part.len(), stream);
            if count == 0 || kept.is_err() {
                break;
            }
            kept = words.extend(&part[..count]);
        }
        pclose(stream);
        kept?;
        Ok(words)
    }
}

/// Appends a text as the shell reads it from between single quotes.
fn quote(text: &[u8], script: &mut List<u8>) -> Result<(), Failure> {
    script.push(b'\'')?;
    for &byte in text {
        match byte {
            b'\'' => script.extend(b"'\\''")?,
            _ => script.push(byte)?,
        }
    }
    Ok(script.push(b'\'')?)
}

/// Appends words, each with its NUL, to the result.
fn hand_out(words: &[u8], result: &mut WordExp) -> Result<(), Failure> {
    let more = ends(words);
    let before = result.offset + result.count;
    let slots = before.checked_add(more + 1).and_then(|slots| slots.checked_mul(size_of::<*mut c_char>()));
    let fresh = result.words.is_null();
    // SAFETY: the array is null or the heap's.
    let array = unsafe { heap::resize(result.words.cast(), slots.ok_or(Failure::NoSpace)?) };
    result.words = array.ok_or(Failure::NoSpace)?.as_ptr().cast();
    // SAFETY: room for the slots was made; those at the start are null from the first call on.
    unsafe {
        if fresh {
            (0..before).for_each(|slot| result.words.add(slot).write(null_mut()));
        }
        for word in words.split_inclusive(|byte| *byte == 0) {
            let copy = heap::allocate(word.len()).map(|copy| copy.as_ptr().cast::<u8>());
            let slot = result.words.add(result.offset + result.count);
            slot.write(copy.map_or(null_mut(), <*mut u8>::cast));
            copy.ok_or(Failure::NoSpace)?.copy_from_nonoverlapping(word.as_ptr(), word.len());
            result.count += 1;
        }
        result.words.add(before + more).write(null_mut());
    }
    Ok(())
}
