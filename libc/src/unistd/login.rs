//! The name that this process's user has logged in with.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};
use core::mem::MaybeUninit;
use core::ptr;

use tidal_rt::Errno;

use crate::cstr::bytes;
use crate::errno::{or_errno, zero_or_number};
use crate::files::read_at_once;
use crate::pwd::getpwuid_r;
use crate::text::parse_decimal;
use crate::utmp::login::{on_terminal, terminal};
use crate::utmp::record::text;

/// The longest name, with its NUL: `LOGIN_NAME_MAX`.
const LONGEST: usize = 256;

/// Copies the name into a buffer: that of the kernel's login UID, else whom `utmp` has on this terminal.
///
/// # Errors
/// An error number: `EMFILE`, `ENFILE`, `ENOTTY`, `ENXIO` (nobody has logged in), `ERANGE`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getlogin_r(buffer: *mut c_char, size: usize) -> c_int {
    let mut room = [0; LONGEST];
    zero_or_number(name(&mut room).and_then(|name| {
        if name.len() >= size {
            return Err(Errno::ERANGE);
        }
        // SAFETY: the caller's buffer is longer.
        unsafe {
            ptr::copy_nonoverlapping(name.as_ptr().cast(), buffer, name.len());
            *buffer.add(name.len()) = 0;
        }
        Ok(())
    }))
}

/// The name, in memory that the next call overwrites.
///
/// # Errors
/// Null, and as [`getlogin_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getlogin() -> *mut c_char {
    struct Name(UnsafeCell<[c_char; LONGEST]>);
    // SAFETY: POSIX lets no two threads be in this function at once.
    unsafe impl Sync for Name {}
    static NAME: Name = Name(UnsafeCell::new([0; LONGEST]));
    let name = NAME.0.get().cast::<c_char>();
    // SAFETY: the buffer above.
    or_errno(match unsafe { getlogin_r(name, LONGEST) } {
        0 => Ok(name),
        number => Err(Errno(number)),
    })
}

fn name(room: &mut [u8; LONGEST]) -> Result<&[u8], Errno> {
    if let Some(uid) = login_uid()?
        && let Some(length) = user(uid, room)?
    {
        return Ok(&room[..length]);
    }
    let mut line = [0; 64];
    let line = terminal(&mut line).ok_or(Errno::ENOTTY)?;
    let record = if_there(on_terminal(line))?.flatten().ok_or(Errno::ENXIO)?;
    let name = text(&record.user);
    room[..name.len()].copy_from_slice(name);
    Ok(&room[..name.len()])
}

/// What could not be read is not there; but want of descriptors says nothing of that.
fn if_there<T>(read: Result<T, Errno>) -> Result<Option<T>, Errno> {
    match read {
        Err(e @ (Errno::EMFILE | Errno::ENFILE)) => Err(e),
        read => Ok(read.ok()),
    }
}

/// The UID that this session has logged in with, as far as the kernel was told.
fn login_uid() -> Result<Option<u32>, Errno> {
    let mut digits = [0; 16];
    let length = if_there(read_at_once(c"/proc/self/loginuid", &mut digits))?.unwrap_or(0);
    let uid = parse_decimal(&digits[..length]).and_then(|(uid, _)| u32::try_from(uid).ok());
    Ok(uid.filter(|uid| *uid != u32::MAX))
}

/// The name of a user, copied; its length.
fn user(uid: u32, room: &mut [u8; LONGEST]) -> Result<Option<usize>, Errno> {
    let mut about = MaybeUninit::uninit();
    let mut strings = [0; 4096];
    let mut found = ptr::null_mut();
    // SAFETY: all are live, the buffer is that long; what was found lies in them.
    let name = unsafe {
        let number = getpwuid_r(uid, about.as_mut_ptr(), strings.as_mut_ptr(), strings.len(), &mut found);
        if_there(if number == 0 { Ok(()) } else { Err(Errno(number)) })?;
        found.as_ref().map(|user| bytes(user.name()))
    };
    Ok(name.and_then(|name| {
        room.get_mut(..name.len())?.copy_from_slice(name);
        Some(name.len())
    }))
}
