//! Patterns with the groups of `FNM_EXTMATCH`: all ways to match at once.
//!
//! A set holds the places in the name where the pattern so far may have ended; each piece of the pattern makes the next set
//! of it. No group is gone through from the same place twice ([`Gone`]): what came of that is on its way to the end already,
//! through all that stands behind the group, and once more would change nothing. So a group that repeats costs no more than
//! there are places, however many ways there are to divide the name among its repetitions, and however deep it lies in
//! others: pattern × name, and once more × name for groups.
//!
//! `!(…)` is what its alternatives do not end at, and that depends on where it begins: it is gone through from each place by
//! itself, as if there were nothing else. In another group it may be asked for the same place many times, and remembers
//! the answer ([`Ends`]).

use core::mem;

use tidal_rt::Errno;

use super::visits::{Ends, Gone};
use super::{Flags, Piece, one_matches, open_to_wildcards, piece};
use crate::list::List;
use crate::pattern::{Character, bracket, character};

/// How deep groups may nest: each takes a few stack frames and sets of its own.
const DEEPEST: u32 = 100;

/// Whether all of `name` (or its leading directories) matches.
///
/// # Errors
/// `ENOMEM`, also for groups that nest too deep.
pub fn matches(pattern: &[u8], name: &[u8], flags: Flags) -> Result<bool, Errno> {
    let mut name = Name { text: name, flags, gone: Gone::new(), ends: Ends::new() };
    let mut start = name.nowhere()?;
    start[0] = true;
    let ends = name.after(pattern, &start, 0)?;
    let is_end =
        |at: usize| name.text.get(at).is_none_or(|&next| flags.has(Flags::LEADING_DIR) && next == b'/');
    Ok(places(&ends).any(is_end))
}

/// For each place in the name, its end included, whether it is in the set.
pub type Set = List<bool>;

fn places(set: &[bool]) -> impl Iterator<Item = usize> {
    set.iter().enumerate().filter(|(_, is_in)| **is_in).map(|(at, _)| at)
}

struct Name<'n> {
    text: &'n [u8],
    flags: Flags,
    gone: Gone,
    ends: Ends,
}

impl Name<'_> {
    fn nowhere(&self) -> Result<Set, Errno> {
        Set::filled(false, self.text.len() + 1)
    }

    /// Whether the name or a component begins here.
    fn begins(&self, at: usize) -> bool {
        at == 0 || self.text[at - 1] == b'/' && self.flags.has(Flags::PATHNAME)
    }

    /// Where `pattern` ends if it begins at one of these places.
    fn after(&mut self, mut pattern: &[u8], from: &[bool], depth: u32) -> Result<Set, Errno> {
        let mut set = Set::new();
        set.extend(from)?;
        while !pattern.is_empty() {
            if let Some((kind, group, rest)) = group(pattern, self.flags) {
                set = self.after_group(kind, group, &set, depth)?;
                pattern = rest;
                continue;
            }
            let (piece, rest) = piece(pattern, self.flags);
            pattern = rest;
            match piece {
                Piece::Star => self.star(&mut set),
                Piece::One(one) => {
                    let mut next = self.nowhere()?;
                    for at in places(&set).filter(|&at| at < self.text.len()) {
                        let Character { code, length } = character(&self.text[at..]);
                        if one_matches(one, &self.text[at..], code, self.flags, self.begins(at)) {
                            next[at + length] = true;
                        }
                    }
                    set = next;
                }
            }
        }
        Ok(set)
    }

    /// Adds what a star may pass over.
    fn star(&self, set: &mut [bool]) {
        for at in 0..self.text.len() {
            let here = &self.text[at..];
            if !set[at] {
                continue;
            }
            if open_to_wildcards(here, self.flags, self.begins(at)) {
                set[at + character(here).length] = true;
            } else if here[0] == b'.' {
                // A period at the start is not matched by a star of no characters either.
                set[at] = false;
            }
        }
    }

    fn after_group(&mut self, kind: u8, group: &[u8], from: &[bool], depth: u32) -> Result<Set, Errno> {
        let mut all = self.nowhere()?;
        if kind == b'!' {
            for at in places(from) {
                let excluded = self.after_one_of_from(group, at, depth)?;
                let mut end = at;
                loop {
                    all[end] |= !excluded[end];
                    if end == self.text.len() {
                        break;
                    }
                    end += character(&self.text[end..]).length;
                }
            }
            return Ok(all);
        }
        if matches!(kind, b'?' | b'*') {
            add(&mut all, from);
        }
        let mut new = Set::new();
        new.extend(from)?;
        while self.gone.leave_new(group, &mut new)? {
            new = self.after_one_of(group, &new, depth)?;
            add(&mut all, &new);
            if matches!(kind, b'?' | b'@') {
                break;
            }
        }
        Ok(all)
    }

    /// Where one of the group's alternatives ends. `depth` is how many groups the group is in.
    fn after_one_of(&mut self, group: &[u8], from: &[bool], depth: u32) -> Result<Set, Errno> {
        if depth == DEEPEST {
            return Err(Errno::ENOMEM);
        }
        let mut all = self.nowhere()?;
        for one in alternatives(group, self.flags) {
            add(&mut all, &self.after(one, from, depth + 1)?);
        }
        Ok(all)
    }

    /// The same from one place, whatever was gone through before.
    fn after_one_of_from(&mut self, group: &[u8], at: usize, depth: u32) -> Result<Set, Errno> {
        let mut here = self.nowhere()?;
        if let Some(known) = self.ends.get(group, at, here.len()) {
            here.copy_from_slice(known);
            return Ok(here);
        }
        here[at] = true;
        let others = mem::replace(&mut self.gone, Gone::new());
        let ends = self.after_one_of(group, &here, depth);
        self.gone = others;
        let ends = ends?;
        if depth > 0 {
            self.ends.put(group, at, &ends)?;
        }
        Ok(ends)
    }
}

/// Adds the other set's places.
fn add(set: &mut [bool], other: &[bool]) {
    for (is_in, more) in set.iter_mut().zip(other) {
        *is_in |= more;
    }
}

/// The group that a pattern begins with, if it does: its kind, its alternatives, and the rest of the pattern.
fn group(pattern: &[u8], flags: Flags) -> Option<(u8, &[u8], &[u8])> {
    let &[kind @ (b'?' | b'*' | b'@' | b'+' | b'!'), b'(', ref inside @ ..] = pattern else { return None };
    let end = group_end(inside, flags)?;
    Some((kind, &inside[..end], &inside[end + 1..]))
}

/// Where the parenthesis that is open at the start closes.
fn group_end(text: &[u8], flags: Flags) -> Option<usize> {
    find(b')', text, flags)
}

/// The alternatives of a group, split at its bars.
fn alternatives(group: &[u8], flags: Flags) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(group);
    core::iter::from_fn(move || {
        let text = rest?;
        let bar = find(b'|', text, flags);
        rest = bar.map(|bar| &text[bar + 1..]);
        Some(&text[..bar.unwrap_or(text.len())])
    })
}

/// Where a byte first stands that is not escaped and in neither an inner group nor a bracket expression.
fn find(wanted: u8, text: &[u8], flags: Flags) -> Option<usize> {
    let (mut depth, mut i) = (0, 0);
    while i < text.len() {
        match text[i] {
            byte if byte == wanted && depth == 0 => return Some(i),
            b'\\' if !flags.has(Flags::NO_ESCAPE) => i += 1,
            b'[' => {
                if let Some((_, rest)) = bracket(&text[i + 1..], !flags.has(Flags::NO_ESCAPE)) {
                    i = text.len() - rest.len() - 1;
                }
            }
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        i += 1;
    }
    None
}
