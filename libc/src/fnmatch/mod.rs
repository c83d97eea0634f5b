//! `<fnmatch.h>`: shell patterns.
//!
//! A star remembers where it stood and is retried one character further: patterns without groups take time proportional to
//! pattern times text. Those with the groups of `FNM_EXTMATCH` go through [`groups`].

mod groups;
mod visits;

use core::ffi::{c_char, c_int};

use crate::cstr::bytes;
use crate::errno::zero_or_errno;
use crate::pattern::{Bracket, Character, bracket, character};

const NO_MATCH: c_int = 1;

/// `FNM_…` of `<fnmatch.h>`.
#[derive(Clone, Copy)]
struct Flags(c_int);

impl Flags {
    const PATHNAME: c_int = 1;
    const NO_ESCAPE: c_int = 2;
    const PERIOD: c_int = 4;
    const LEADING_DIR: c_int = 8;
    const CASE_FOLD: c_int = 16;
    const EXT_MATCH: c_int = 32;

    fn has(self, flag: c_int) -> bool {
        self.0 & flag != 0
    }
}

/// Whether `name` matches the shell pattern: 0, or `FNM_NOMATCH` (1).
///
/// # Errors
/// -1 and `ENOMEM`, for a pattern with groups that finds no memory, or whose groups nest deeper than 100.
///
/// Signal-safe: without `FNM_EXTMATCH`, whose groups allocate. Vfork-safe: yes.
/// Source: POSIX, fnmatch(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fnmatch(pattern: *const c_char, name: *const c_char, flags: c_int) -> c_int {
    // SAFETY: both are strings.
    let (pattern, name) = unsafe { (bytes(pattern), bytes(name)) };
    let flags = Flags(flags);
    let found = if flags.has(Flags::EXT_MATCH) && pattern.contains(&b'(') {
        groups::matches(pattern, name, flags)
    } else {
        Ok(matches(pattern, name, flags))
    };
    match found {
        Ok(true) => 0,
        Ok(false) => NO_MATCH,
        Err(e) => zero_or_errno::<()>(Err(e)),
    }
}

/// `FNM_NOESCAPE`, for `glob`.
pub(crate) const NO_ESCAPE: c_int = Flags::NO_ESCAPE;
/// `FNM_PERIOD`, for `glob`.
pub(crate) const PERIOD: c_int = Flags::PERIOD;

/// [`fnmatch`] on slices, without groups.
pub(crate) fn is_match(pattern: &[u8], name: &[u8], flags: c_int) -> bool {
    matches(pattern, name, Flags(flags))
}

/// What a pattern begins with.
enum Piece {
    /// `*`
    Star,
    /// Something that takes one character: `?`, a bracket expression, or a character.
    One(One),
}

#[derive(Clone, Copy)]
enum One {
    Any,
    Set(Bracket),
    Literal(u32),
}

/// The first piece, and the rest of the pattern, which is not empty.
fn piece(pattern: &[u8], flags: Flags) -> (Piece, &[u8]) {
    match pattern[0] {
        b'*' => (Piece::Star, &pattern[1..]),
        b'?' => (Piece::One(One::Any), &pattern[1..]),
        b'[' if let Some((set, rest)) = bracket(&pattern[1..], !flags.has(Flags::NO_ESCAPE)) => {
            (Piece::One(One::Set(set)), rest)
        }
        b'\\' if !flags.has(Flags::NO_ESCAPE) && pattern.len() > 1 => {
            let Character { code, length } = character(&pattern[1..]);
            (Piece::One(One::Literal(code)), &pattern[1 + length..])
        }
        // A backslash with nothing behind it matches nothing.
        b'\\' if !flags.has(Flags::NO_ESCAPE) => (Piece::One(One::Literal(u32::MAX)), &pattern[1..]),
        _ => {
            let Character { code, length } = character(pattern);
            (Piece::One(One::Literal(code)), &pattern[length..])
        }
    }
}

/// Whether the character at the start of `name` may be matched by a wildcard. `start` says that it begins the name, or
/// a component.
fn open_to_wildcards(name: &[u8], flags: Flags, start: bool) -> bool {
    match name[0] {
        b'/' => !flags.has(Flags::PATHNAME),
        b'.' => !(start && flags.has(Flags::PERIOD)),
        _ => true,
    }
}

fn one_matches(one: One, name: &[u8], code: u32, flags: Flags, start: bool) -> bool {
    let fold = flags.has(Flags::CASE_FOLD);
    match one {
        One::Any => open_to_wildcards(name, flags, start),
        One::Set(set) => open_to_wildcards(name, flags, start) && set.contains(code, fold),
        One::Literal(wanted) => {
            wanted == code || fold && crate::wctype::towlower(wanted) == crate::wctype::towlower(code)
        }
    }
}

/// Whether all of `name` (or its leading directories) matches a pattern without groups.
fn matches(mut pattern: &[u8], mut name: &[u8], flags: Flags) -> bool {
    // Whether the name or a component begins here.
    let mut start = true;
    // What to try again with: the pattern behind the last star, and where it was tried.
    let mut retry: Option<(&[u8], &[u8], bool)> = None;
    loop {
        let step = if pattern.is_empty() {
            if name.is_empty() || flags.has(Flags::LEADING_DIR) && name[0] == b'/' {
                return true;
            }
            None
        } else {
            match piece(pattern, flags) {
                (Piece::Star, rest) => {
                    if !name.is_empty() && name[0] == b'.' && start && flags.has(Flags::PERIOD) {
                        None
                    } else {
                        retry = Some((rest, name, start));
                        Some((rest, name, start))
                    }
                }
                (Piece::One(_), _) if name.is_empty() => None,
                (Piece::One(one), rest) => {
                    let Character { code, length } = character(name);
                    one_matches(one, name, code, flags, start)
                        .then(|| (rest, &name[length..], name[0] == b'/' && flags.has(Flags::PATHNAME)))
                }
            }
        };
        (pattern, name, start) = match step {
            Some(next) => next,
            None => {
                let Some((rest, at, begins)) = retry else { return false };
                if at.is_empty() || !open_to_wildcards(at, flags, begins) {
                    return false;
                }
                let next = &at[character(at).length..];
                retry = Some((rest, next, false));
                (rest, next, false)
            }
        };
    }
}
