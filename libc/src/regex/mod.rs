//! `<regex.h>`: POSIX regular expressions, basic and extended, leftmost and longest.
//!
//! ```text
//! pattern --parse--> tree --program--> automaton
//! text --search--> the leftmost longest match          all threads of the automaton at once: length × states
//!      --groups--> where its groups lie                by splitting the match from the left, longest parts first
//!      --backtrack--> both, for a pattern with back-references alone: no faster way is known
//! ```
//!
//! Nothing but back-references takes more than polynomial time, and no pattern recurses deeper than its own nesting.

mod backtrack;
mod errors;
mod groups;
mod parse;
mod program;
mod search;
mod tree;

use core::ffi::{c_char, c_int, c_void};

use crate::cstr::bytes;
pub(crate) use errors::Error;
use program::Program;

/// `REG_…` of `<regex.h>`, for `regcomp`.
const EXTENDED: c_int = 1;
const IGNORE_CASE: c_int = 2;
const NEWLINE: c_int = 4;
const NO_SUB: c_int = 8;
/// For `regexec`.
const NOT_BOL: c_int = 1;
const NOT_EOL: c_int = 2;
const START_END: c_int = 4;

/// `regex_t` of `<regex.h>`.
#[repr(C)]
pub struct Regex {
    program: *mut Program,
    allocated: usize,
    used: usize,
    syntax: usize,
    fastmap: *mut c_char,
    translate: *mut c_void,
    /// Groups in the pattern: public.
    groups: usize,
    /// Bit 4: only yes or no is wanted.
    bits: u32,
}

const _: () = assert!(size_of::<Regex>() == 64 && core::mem::offset_of!(Regex, groups) == 48);

const NO_SUB_BIT: u32 = 1 << 4;

/// `regmatch_t`: offsets in bytes, -1 if the group took no part.
#[repr(C)]
#[derive(Clone, Copy, PartialEq)]
pub struct Match {
    start: c_int,
    end: c_int,
}

const NO_MATCH: Match = Match { start: -1, end: -1 };

/// What a pattern was compiled with.
#[derive(Clone, Copy)]
struct Options {
    extended: bool,
    fold: bool,
    newline: bool,
}

/// Compiles a pattern.
///
/// # Errors
/// A number that `regerror` has a text for.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, regcomp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regcomp(regex: *mut Regex, pattern: *const c_char, flags: c_int) -> c_int {
    // SAFETY: `pattern` is a string.
    let pattern = unsafe { bytes(pattern) };
    let options = Options {
        extended: flags & EXTENDED != 0,
        fold: flags & IGNORE_CASE != 0,
        newline: flags & NEWLINE != 0,
    };
    let bits = if flags & NO_SUB != 0 { NO_SUB_BIT } else { 0 };
    let null = core::ptr::null_mut::<c_void>();
    let mut made = Regex {
        program: null.cast(),
        allocated: 0,
        used: 0,
        syntax: 0,
        fastmap: null.cast(),
        translate: null,
        groups: 0,
        bits,
    };
    let status = match Program::new(pattern, options).and_then(Program::boxed) {
        Ok(program) => {
            made.program = program;
            // SAFETY: just made.
            made.groups = unsafe { (*program).groups() };
            0
        }
        Err(error) => error as c_int,
    };
    // SAFETY: `regex` is writable.
    unsafe { regex.write(made) };
    status
}

/// Searches a text: 0 and the places of the match and its groups, or `REG_NOMATCH` (1).
///
/// # Errors
/// `REG_ESPACE` when there is no memory.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, regexec(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regexec(
    regex: *const Regex,
    text: *const c_char,
    n: usize,
    matches: *mut Match,
    flags: c_int,
) -> c_int {
    // SAFETY: `regex` was compiled; `text` is a string, or with REG_STARTEND what `matches[0]` says; `matches` has `n`.
    unsafe {
        let Some(program) = (*regex).program.as_ref() else { return Error::BadPattern as c_int };
        let (text, start) = if flags & START_END != 0 {
            let Match { start, end } = *matches;
            (core::slice::from_raw_parts(text.cast::<u8>(), end.max(0) as usize), start.max(0) as usize)
        } else {
            (bytes(text), 0)
        };
        let wanted: &mut [Match] = if n == 0 || (*regex).bits & NO_SUB_BIT != 0 {
            &mut []
        } else {
            core::slice::from_raw_parts_mut(matches, n)
        };
        let text =
            search::Text { bytes: text, start, not_bol: flags & NOT_BOL != 0, not_eol: flags & NOT_EOL != 0 };
        match program.execute(&text, wanted) {
            Ok(true) => 0,
            Ok(false) => Error::NoMatch as c_int,
            Err(_) => Error::Space as c_int,
        }
    }
}

/// Gives the memory of a compiled pattern back.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, regfree(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regfree(regex: *mut Regex) {
    // SAFETY: `regex` was compiled, and its program is its own.
    unsafe {
        Program::release((*regex).program);
        (*regex).program = core::ptr::null_mut();
    }
}

/// Writes the text of an error number into `size` bytes; how many all of it takes.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, regerror(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regerror(
    number: c_int,
    _regex: *const Regex,
    buffer: *mut c_char,
    size: usize,
) -> usize {
    let text = errors::text(number);
    // SAFETY: `buffer` is writable for `size` bytes.
    unsafe { crate::cstr::write_truncated(text.to_bytes(), buffer, size) };
    text.to_bytes_with_nul().len()
}
