//! Logins and logouts put on record.

use core::ffi::{CStr, c_char, c_int};

use tidal_rt::{Errno, vdso};

use super::file::{Access, Database};
use super::record::{DEAD_PROCESS, Record, USER_PROCESS, set};
use super::{FILE, updwtmp};
use crate::cstr::bytes;
use crate::errno::zero_or_errno;
use crate::unistd::terminal::ttyname_r;

const LOG: &CStr = c"/var/log/wtmp";

fn stamp(record: &mut Record) {
    let now = vdso::clock_gettime(0).unwrap_or_default();
    record.seconds = now.tv_sec as i32;
    record.microseconds = (now.tv_nsec / 1000) as i32;
}

/// The terminal of the standard streams, without `/dev/`.
pub fn terminal(name: &mut [c_char; 64]) -> Option<&[u8]> {
    // SAFETY: the buffer is that long.
    (0..3).find(|fd| unsafe { ttyname_r(*fd, name.as_mut_ptr(), name.len()) } == 0)?;
    // SAFETY: `ttyname_r` wrote a string.
    let name = unsafe { bytes(name.as_ptr()) };
    Some(name.strip_prefix(b"/dev/").unwrap_or(name))
}

/// The record of the login on a terminal.
pub fn on_terminal(line: &[u8]) -> Result<Option<Record>, Errno> {
    let mut wanted = Record::empty();
    set(&mut wanted.line, line);
    Database::open(FILE, Access::Read)?.find(|record| record.is_login_on(&wanted))
}

/// Records a login on this process's terminal, in `/var/run/utmp` and `/var/log/wtmp`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn login(entry: *const Record) {
    // SAFETY: the caller's record.
    let mut record = unsafe { entry.read() };
    record.kind = USER_PROCESS;
    record.pid = tidal_rt::sys::process::getpid() as c_int;
    let mut name = [0; 64];
    match terminal(&mut name) {
        Some(line) => {
            set(&mut record.line, line);
            let _ = Database::open(FILE, Access::Write).and_then(|mut file| file.put(&record));
        }
        None => set(&mut record.line, b"???"),
    }
    // SAFETY: a C string and a live record.
    unsafe { updwtmp(LOG.as_ptr(), &record) };
}

/// Records in `/var/run/utmp` that the user on a terminal has left: 1, or 0 if nobody was there.
///
/// # Errors
/// 0, and those of `open(2)` and `write(2)`; `ESRCH` if nobody was there.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn logout(line: *const c_char) -> c_int {
    // SAFETY: a C string by contract.
    let left = on_terminal(unsafe { bytes(line) }).and_then(|found| {
        let mut record = found.ok_or(Errno::ESRCH)?;
        record.kind = DEAD_PROCESS;
        set(&mut record.user, b"");
        set(&mut record.host, b"");
        stamp(&mut record);
        Database::open(FILE, Access::Write)?.put(&record)
    });
    c_int::from(zero_or_errno(left) == 0)
}

/// Appends to `/var/log/wtmp`: a login, or a logout if the name is empty.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn logwtmp(line: *const c_char, name: *const c_char, host: *const c_char) {
    let mut record = Record::empty();
    // SAFETY: C strings by contract; a live record.
    unsafe {
        record.kind = if *name == 0 { DEAD_PROCESS } else { USER_PROCESS };
        record.pid = tidal_rt::sys::process::getpid() as c_int;
        set(&mut record.line, bytes(line));
        set(&mut record.user, bytes(name));
        set(&mut record.host, bytes(host));
        stamp(&mut record);
        updwtmp(LOG.as_ptr(), &record);
    }
}
