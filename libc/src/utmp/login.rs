//! Logins and logouts put on record.

use core::ffi::{CStr, c_char, c_int};

use tidal_rt::vdso;

use super::file::{Access, Database};
use super::record::{DEAD_PROCESS, Record, USER_PROCESS, set};
use super::{FILE, getutline_r, pututline, setutent, updwtmp};
use crate::cstr::bytes;
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
pub fn on_terminal(line: &[u8]) -> Option<Record> {
    let mut wanted = Record::empty();
    set(&mut wanted.line, line);
    let mut database = Database::open(FILE, Access::Read).ok()?;
    while let Ok(Some(record)) = database.read() {
        if record.is_login_on(&wanted) {
            return Some(record);
        }
    }
    None
}

/// Records a login on this process's terminal.
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
            // SAFETY: live records.
            unsafe {
                setutent();
                pututline(&record);
            }
        }
        None => set(&mut record.line, b"???"),
    }
    // SAFETY: a C string and a live record.
    unsafe { updwtmp(LOG.as_ptr(), &record) };
}

/// Records that the user on a terminal has left: 1, or 0 if nobody was there.
///
/// # Errors
/// 0, and as `getutline_r` and `pututline`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn logout(line: *const c_char) -> c_int {
    let mut wanted = Record::empty();
    let mut found = Record::empty();
    let mut result = core::ptr::null_mut();
    // SAFETY: a C string by contract; live records.
    unsafe {
        set(&mut wanted.line, bytes(line));
        setutent();
        if getutline_r(&wanted, &mut found, &mut result) != 0 {
            return 0;
        }
        found.kind = DEAD_PROCESS;
        set(&mut found.user, b"");
        set(&mut found.host, b"");
        stamp(&mut found);
        c_int::from(!pututline(&found).is_null())
    }
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
