//! `{a,b}`: each alternative is a pattern of its own.

use super::{Call, Failure, flag};
use crate::list::List;

/// Where a brace expression lies: its opening brace, its commas, its closing brace.
fn first(pattern: &[u8], escapes: bool) -> Option<(usize, usize)> {
    let open = next(pattern, 0, escapes, |c, _| c == b'{')?;
    // `{}` is left alone, as the shells do.
    if pattern.get(open + 1) == Some(&b'}') {
        return first(&pattern[open + 2..], escapes).map(|(a, b)| (a + open + 2, b + open + 2));
    }
    let close = next(pattern, open + 1, escapes, |c, depth| c == b'}' && depth == 0)?;
    Some((open, close))
}

/// The next place from `i` on where `wanted` likes the byte, given how many braces are open since `i`.
fn next(pattern: &[u8], mut i: usize, escapes: bool, wanted: impl Fn(u8, i32) -> bool) -> Option<usize> {
    let mut depth = 0;
    while i < pattern.len() {
        let c = pattern[i];
        if wanted(c, depth) {
            return Some(i);
        }
        match c {
            b'\\' if escapes => i += 1,
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        i += 1;
    }
    None
}

/// Expands a pattern with its braces. If none of the alternatives matches, `GLOB_NOCHECK` gives the pattern as it stands.
pub fn all(call: &mut Call, pattern: &[u8]) -> Result<(), Failure> {
    let escapes = !call.has(flag::NOESCAPE);
    if !call.has(flag::BRACE) || first(pattern, escapes).is_none() {
        return call.expand(pattern);
    }
    let fallback = call.flags & (flag::NOCHECK | flag::NOMAGIC);
    call.flags &= !fallback;
    each(call, pattern)?;
    call.flags |= fallback;
    if fallback != 0 && call.found.is_empty() { call.expand(pattern) } else { Ok(()) }
}

/// Expands a pattern, and then each of those that its braces make.
fn each(call: &mut Call, pattern: &[u8]) -> Result<(), Failure> {
    let escapes = !call.has(flag::NOESCAPE);
    let Some((open, close)) = first(pattern, escapes) else { return call.expand(pattern) };
    let mut start = open + 1;
    loop {
        let end =
            next(&pattern[..close], start, escapes, |c, depth| c == b',' && depth == 0).unwrap_or(close);
        let mut one = List::new();
        for piece in [&pattern[..open], &pattern[start..end], &pattern[close + 1..]] {
            one.extend(piece)?;
        }
        each(call, &one)?;
        if end == close {
            return Ok(());
        }
        start = end + 1;
    }
}
