//! `<utmp.h>` and `<utmpx.h>`: who is logged in, as records of one size in a file.

mod file;
pub mod login;
pub(crate) mod record;

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use tidal_rt::Errno;
use tidal_rt::lock::RawLock;

use crate::cstr::bytes_with_nul;
use crate::errno::{or_errno, zero_or_errno};
use crate::macros::aliases;
use file::{Access, Database};
use record::Record;

/// The file that is read and written, and how far it is read.
struct State {
    /// What `utmpname` has named, or nothing.
    name: [u8; 256],
    open: Option<Database>,
}

impl State {
    fn name(&self) -> &CStr {
        match CStr::from_bytes_until_nul(&self.name) {
            Ok(name) if !name.is_empty() => name,
            _ => FILE,
        }
    }

    /// The next record that is wanted; `None` at the end.
    fn next(&mut self, wanted: impl Fn(&Record) -> bool) -> Result<Option<Record>, Errno> {
        let database = match self.open.take() {
            Some(database) => database,
            None => Database::open(self.name(), Access::Read)?,
        };
        self.open.insert(database).find(wanted)
    }
}

struct Shared<T>(UnsafeCell<T>);

// SAFETY: the state is touched with `LOCK` held; POSIX has the record overwritten, and lets no two threads be in the
// functions that give it out.
unsafe impl<T> Sync for Shared<T> {}

static STATE: Shared<State> = Shared(UnsafeCell::new(State { name: [0; 256], open: None }));
/// What the functions without `_r` give out.
// SAFETY: all zeros is an empty record.
static RECORD: Shared<Record> = Shared(UnsafeCell::new(unsafe { core::mem::zeroed() }));
static LOCK: RawLock = RawLock::new();

/// The file, unless `utmpname` has named another.
const FILE: &CStr = c"/var/run/utmp";

/// Runs `f` with the lock held.
fn locked<R>(f: impl FnOnce(&mut State) -> R) -> R {
    LOCK.lock();
    // SAFETY: the lock is held, and `f` cannot come here again.
    let result = f(unsafe { &mut *STATE.0.get() });
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
    result
}

/// The next record that is wanted, with the result where C wants it: 0 or -1.
///
/// # Safety
/// `into` and `result` are writable.
unsafe fn next_r(
    into: *mut Record,
    result: *mut *mut Record,
    none: Option<Errno>,
    wanted: impl Fn(&Record) -> bool,
) -> c_int {
    let found = locked(|state| state.next(wanted));
    // SAFETY: by the caller's contract.
    unsafe {
        result.write(ptr::null_mut());
        if let Ok(Some(record)) = &found {
            into.write(*record);
            result.write(into);
        }
    }
    match (found, none) {
        (Ok(Some(_)), _) => 0,
        (Ok(None), None) => -1,
        (Ok(None), Some(e)) | (Err(e), _) => zero_or_errno(Err::<(), _>(e)),
    }
}

/// Names the file to read and write instead of `/var/run/utmp`.
///
/// # Errors
/// -1 and `ENAMETOOLONG`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn utmpname(path: *const c_char) -> c_int {
    // SAFETY: a C string by contract.
    let path = unsafe { bytes_with_nul(path) };
    zero_or_errno(locked(|state| {
        state.open = None;
        state.name.get_mut(..path.len()).ok_or(Errno::ENAMETOOLONG)?.copy_from_slice(path);
        Ok(())
    }))
}

/// Starts over with the first record.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setutent() {
    locked(|state| state.open = None);
}

/// Closes the file.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn endutent() {
    locked(|state| state.open = None);
}

/// The next record, in the caller's memory.
///
/// # Errors
/// -1 at the end, and those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutent_r(into: *mut Record, result: *mut *mut Record) -> c_int {
    // SAFETY: the caller's memory.
    unsafe { next_r(into, result, None, |_| true) }
}

/// The next record of the kind of `id`, or for a process with its `ut_id`; in the caller's memory.
///
/// # Errors
/// -1, and `ESRCH` at the end, `EINVAL` for no such kind, those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutid_r(id: *const Record, into: *mut Record, result: *mut *mut Record) -> c_int {
    // SAFETY: the caller's record, which may be the one to be written.
    let id = unsafe { id.read() };
    if !id.has_kind() {
        // SAFETY: the caller's word.
        unsafe { result.write(ptr::null_mut()) };
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: the caller's memory.
    unsafe { next_r(into, result, Some(Errno::ESRCH), |record| record.is_of(&id)) }
}

/// The next record of a login on the terminal of `line`, in the caller's memory.
///
/// # Errors
/// -1, and `ESRCH` at the end, those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutline_r(
    line: *const Record,
    into: *mut Record,
    result: *mut *mut Record,
) -> c_int {
    // SAFETY: as for `getutid_r`.
    let line = unsafe { line.read() };
    // SAFETY: the caller's memory.
    unsafe { next_r(into, result, Some(Errno::ESRCH), |record| record.is_login_on(&line)) }
}

fn shared(find: impl FnOnce(*mut Record, *mut *mut Record) -> c_int) -> *mut Record {
    let mut result = ptr::null_mut();
    find(RECORD.0.get(), &mut result);
    result
}

/// The next record, in memory that the next call overwrites; null at the end.
///
/// # Errors
/// Null, and those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutent() -> *mut Record {
    // SAFETY: live memory.
    shared(|into, result| unsafe { getutent_r(into, result) })
}

/// As `getutid_r`, in memory that the next call overwrites.
///
/// # Errors
/// Null, and as [`getutid_r`].
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutid(id: *const Record) -> *mut Record {
    // SAFETY: the caller's record, live memory.
    shared(|into, result| unsafe { getutid_r(id, into, result) })
}

/// As `getutline_r`, in memory that the next call overwrites.
///
/// # Errors
/// Null, and as [`getutline_r`].
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutline(line: *const Record) -> *mut Record {
    // SAFETY: the caller's record, live memory.
    shared(|into, result| unsafe { getutline_r(line, into, result) })
}

/// Writes a record in the place of the one with its `ut_id`, else at the end; a copy, which the next call overwrites.
///
/// # Errors
/// Null, and those of `open(2)` and `write(2)`, `EAGAIN` if others keep the file locked.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pututline(record: *const Record) -> *mut Record {
    // SAFETY: the caller's record.
    let record = unsafe { record.read() };
    or_errno(locked(|state| Database::open(state.name(), Access::Write)?.put(&record)).map(|()| {
        // SAFETY: the shared record; see `Shared`.
        unsafe { RECORD.0.get().write(record) };
        RECORD.0.get()
    }))
}

/// Appends a record to a file, if that is there.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn updwtmp(path: *const c_char, record: *const Record) {
    // SAFETY: a C string and the caller's record.
    let (path, record) = unsafe { (CStr::from_ptr(path), &*record) };
    let _ = Database::open(path, Access::Write).and_then(|mut log| log.append(record));
}

/// Copies a record: the structures of both headers are the same.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getutmp(from: *const Record, to: *mut Record) {
    // SAFETY: the caller's records.
    unsafe { to.write(from.read()) }
}

aliases! {
    fn getutmpx(from: *const Record, to: *mut Record) = getutmp;
    fn utmpxname(path: *const c_char) -> c_int = utmpname;
    fn setutxent() = setutent;
    fn endutxent() = endutent;
    fn getutxent() -> *mut Record = getutent;
    fn getutxid(id: *const Record) -> *mut Record = getutid;
    fn getutxline(line: *const Record) -> *mut Record = getutline;
    fn pututxline(record: *const Record) -> *mut Record = pututline;
    fn updwtmpx(path: *const c_char, record: *const Record) = updwtmp;
}
