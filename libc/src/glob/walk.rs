//! A plain pattern through the directories.

use core::ffi::{CStr, c_int};

use super::access::Kind;
use super::{Call, Failure, flag, has_magic};
use crate::fnmatch::{NO_ESCAPE, PERIOD, is_match};
use crate::list::List;

/// Finds all paths that match.
pub fn walk(call: &mut Call, pattern: &[u8]) -> Result<(), Failure> {
    let mut path = List::new();
    component(call, &mut path, pattern)
}

/// The path as a string for as long as `f` runs.
fn with_string<R>(path: &mut List<u8>, f: impl FnOnce(&CStr) -> R) -> Result<R, Failure> {
    path.push(0)?;
    // SAFETY: it ends with a zero, and names and patterns have none.
    let result = f(unsafe { CStr::from_ptr(path.as_ptr().cast()) });
    path.pop();
    Ok(result)
}

/// Follows the pattern from the path on, which is empty or ends with a slash. The path is left as it was.
fn component(call: &mut Call, path: &mut List<u8>, pattern: &[u8]) -> Result<(), Failure> {
    let before = path.len();
    let end = pattern.iter().position(|c| *c == b'/').unwrap_or(pattern.len());
    let (name, rest) = pattern.split_at(end);
    let slashes = rest.iter().take_while(|c| **c == b'/').count();
    let (slashes, rest) = rest.split_at(slashes);
    let escapes = !call.has(flag::NOESCAPE);
    if has_magic(name, escapes) {
        return matching(call, path, name, slashes, rest);
    }
    let mut escaped = false;
    for c in name {
        if *c == b'\\' && escapes && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        path.push(*c)?;
    }
    follow(call, path, slashes, rest, false)?;
    truncate(path, before);
    Ok(())
}

fn truncate(path: &mut List<u8>, length: usize) {
    while path.len() > length {
        path.pop();
    }
}

/// Goes on behind a component that has been appended to the path; `wild` says that it had wildcards.
fn follow(
    call: &mut Call,
    path: &mut List<u8>,
    slashes: &[u8],
    rest: &[u8],
    wild: bool,
) -> Result<(), Failure> {
    path.extend(slashes)?;
    if !rest.is_empty() {
        return component(call, path, rest);
    }
    let access = call.access;
    let Some(mut kind) = with_string(path, |text| access.kind(text, false))? else { return Ok(()) };
    let only_folders = wild && call.has(flag::ONLYDIR);
    if kind == Kind::Other && (only_folders || call.has(flag::MARK)) {
        // A link to a folder counts as one.
        kind = with_string(path, |text| access.kind(text, true))?.unwrap_or(kind);
    }
    if kind == Kind::Folder && call.has(flag::MARK) && path.last() != Some(&b'/') {
        path.push(b'/')?;
    }
    if kind == Kind::Folder || !only_folders {
        call.add(path)?;
    }
    Ok(())
}

/// Goes on with every name in the path's directory that matches.
fn matching(
    call: &mut Call,
    path: &mut List<u8>,
    name: &[u8],
    slashes: &[u8],
    rest: &[u8],
) -> Result<(), Failure> {
    let before = path.len();
    let access = call.access;
    let folder = if before == 0 { access.open(c".") } else { with_string(path, |text| access.open(text))? };
    let Some(mut folder) = folder else { return unreadable(call, path) };
    let mut flags: c_int = 0;
    if call.has(flag::NOESCAPE) {
        flags |= NO_ESCAPE;
    }
    let last = rest.is_empty() && slashes.is_empty();
    call.magic |= last;
    // Hidden folders are never looked into unasked.
    if !call.has(flag::PERIOD) || !last {
        flags |= PERIOD;
    }
    while let Some(entry) = folder.next() {
        if is_match(name, entry.to_bytes(), flags) {
            path.extend(entry.to_bytes())?;
            if rest.is_empty() || with_string(path, |text| access.kind(text, true))? == Some(Kind::Folder) {
                follow(call, path, slashes, rest, true)?;
            }
            truncate(path, before);
        }
    }
    Ok(())
}

/// A directory that cannot be opened ends the search if the program says so.
fn unreadable(call: &mut Call, path: &mut List<u8>) -> Result<(), Failure> {
    let error = tidal_rt::errno::get();
    if [tidal_rt::Errno::ENOTDIR.0, tidal_rt::Errno::ENOENT.0].contains(&error) {
        return Ok(());
    }
    let on_error = call.on_error;
    let stop = with_string(path, |text| {
        let shown = if text.is_empty() { c"." } else { text };
        // SAFETY: the program's function gets a path and an error number.
        on_error.is_some_and(|on_error| unsafe { on_error(shown.as_ptr(), error) } != 0)
    })?;
    if stop || call.has(flag::ERR) { Err(Failure::Aborted) } else { Ok(()) }
}
