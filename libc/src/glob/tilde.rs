//! `~` and `~user`: home directories.

use core::ffi::{c_char, c_int};

use super::{Failure, flag};
use crate::cstr::bytes;
use crate::list::List;
use crate::pwd::{getpwnam, getpwuid};
use crate::stdlib::environment::getenv;

/// The home directory of a user, or without a name of this one.
fn home(user: &[u8], text: &mut List<u8>) -> Result<bool, Failure> {
    // SAFETY: names are strings, and so are an entry's directory and the environment's values.
    unsafe {
        let mut folder: *const c_char = core::ptr::null();
        if user.is_empty() {
            folder = getenv(c"HOME".as_ptr());
        }
        if folder.is_null() || *folder == 0 {
            let entry = if user.is_empty() {
                getpwuid(crate::unistd::identity::getuid())
            } else {
                let mut name = List::new();
                name.extend(user)?;
                name.push(0)?;
                getpwnam(name.as_ptr().cast())
            };
            let Some(entry) = entry.as_ref() else { return Ok(false) };
            folder = entry.home();
        }
        text.extend(bytes(folder))?;
    }
    Ok(true)
}

/// The pattern with a tilde at its start replaced, built in `text` if need be.
pub fn expanded<'t>(pattern: &'t [u8], flags: c_int, text: &'t mut List<u8>) -> Result<&'t [u8], Failure> {
    if flags & (flag::TILDE | flag::TILDE_CHECK) == 0 || pattern.first() != Some(&b'~') {
        return Ok(pattern);
    }
    let end = pattern.iter().position(|c| *c == b'/').unwrap_or(pattern.len());
    if !home(&pattern[1..end], text)? {
        return if flags & flag::TILDE_CHECK != 0 { Err(Failure::NoMatch) } else { Ok(pattern) };
    }
    text.extend(&pattern[end..])?;
    Ok(text)
}
