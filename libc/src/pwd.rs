//! `<pwd.h>`: users, from `/etc/passwd`. Other sources (LDAP and the like) need plug-ins, which a static program has not.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_uint};
use core::mem::MaybeUninit;
use core::ptr;

use tidal_rt::Errno;
use tidal_rt::lock::RawLock;

use crate::errno::zero_or_number;
use crate::files::Lines;
use crate::text::parse_decimal;

const FILE: &CStr = c"/etc/passwd";
/// The longest line that is read, in bytes.
const LINE: usize = 4096;

/// `struct passwd`.
#[repr(C)]
pub struct Passwd {
    name: *mut c_char,
    password: *mut c_char,
    uid: c_uint,
    gid: c_uint,
    gecos: *mut c_char,
    directory: *mut c_char,
    shell: *mut c_char,
}

const _: () = assert!(size_of::<Passwd>() == 48);

impl Passwd {
    /// The name: a string.
    pub(crate) fn name(&self) -> *const c_char {
        self.name
    }

    /// The home directory: a string.
    pub(crate) fn home(&self) -> *const c_char {
        self.directory
    }
}

/// A line taken apart, the strings still inside it.
struct Fields<'l> {
    line: &'l [u8],
    /// Where each of the seven fields starts.
    starts: [usize; 7],
    uid: u32,
    gid: u32,
}

impl<'l> Fields<'l> {
    fn parse(line: &'l [u8]) -> Option<Self> {
        let mut starts = [0; 7];
        let mut fields = line.split(|&b| b == b':');
        let mut numbers = [0; 2];
        let mut at = 0;
        for (i, start) in starts.iter_mut().enumerate() {
            let field = fields.next()?;
            *start = at;
            at += field.len() + 1;
            if i == 2 || i == 3 {
                let (number, rest) = parse_decimal(field)?;
                numbers[i - 2] = u32::try_from(number).ok().filter(|_| rest.is_empty())?;
            }
        }
        let complete = fields.next().is_none() && !line.is_empty() && line[0] != b'+' && line[0] != b'-';
        complete.then_some(Fields { line, starts, uid: numbers[0], gid: numbers[1] })
    }

    fn name(&self) -> &[u8] {
        &self.line[..self.starts[1] - 1]
    }

    /// Copies the strings and points at them.
    ///
    /// # Safety
    /// The buffer has `size` bytes, and `result` is writable.
    unsafe fn store(&self, buffer: *mut c_char, size: usize, result: *mut Passwd) -> Result<(), Errno> {
        if size < self.line.len() + 1 {
            return Err(Errno::ERANGE);
        }
        // SAFETY: by the caller's contract; each field ends with a NUL.
        unsafe {
            ptr::copy_nonoverlapping(self.line.as_ptr().cast(), buffer, self.line.len());
            *buffer.add(self.line.len()) = 0;
            for start in &self.starts[1..] {
                *buffer.add(start - 1) = 0;
            }
            let field = |i: usize| buffer.add(self.starts[i]);
            result.write(Passwd {
                name: field(0),
                password: field(1),
                uid: self.uid,
                gid: self.gid,
                gecos: field(4),
                directory: field(5),
                shell: field(6),
            });
        }
        Ok(())
    }
}

/// Finds a user and stores it; whether there is one.
///
/// # Safety
/// As for [`Fields::store`].
unsafe fn find(
    wanted: impl Fn(&Fields) -> bool,
    result: *mut Passwd,
    buffer: *mut c_char,
    size: usize,
) -> Result<bool, Errno> {
    let mut lines = match Lines::<LINE>::open(FILE) {
        Ok(lines) => lines,
        Err(Errno::ENOENT) => return Ok(false),
        Err(e) => return Err(e),
    };
    while let Some(line) = lines.next_line() {
        if let Some(fields) = Fields::parse(line)
            && wanted(&fields)
        {
            // SAFETY: by the caller's contract.
            return unsafe { fields.store(buffer, size, result) }.map(|()| true);
        }
    }
    Ok(false)
}

/// # Safety
/// As for [`Fields::store`], and `found` is writable.
unsafe fn find_r(
    wanted: impl Fn(&Fields) -> bool,
    result: *mut Passwd,
    buffer: *mut c_char,
    size: usize,
    found: *mut *mut Passwd,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        let outcome = find(wanted, result, buffer, size);
        found.write(if outcome == Ok(true) { result } else { ptr::null_mut() });
        zero_or_number(outcome)
    }
}

/// A user by name, with strings in the buffer; `*found` is null if there is none.
///
/// # Errors
/// An error number: `ERANGE` (buffer too small), `EIO`, `EMFILE`, `ENFILE`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getpwnam_r(
    name: *const c_char,
    result: *mut Passwd,
    buffer: *mut c_char,
    size: usize,
    found: *mut *mut Passwd,
) -> c_int {
    // SAFETY: the caller's string, structures and buffer.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes();
        find_r(|fields| fields.name() == name, result, buffer, size, found)
    }
}

/// A user by number, with strings in the buffer; `*found` is null if there is none.
///
/// # Errors
/// As [`getpwnam_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getpwuid_r(
    uid: c_uint,
    result: *mut Passwd,
    buffer: *mut c_char,
    size: usize,
    found: *mut *mut Passwd,
) -> c_int {
    // SAFETY: the caller's structures and buffer.
    unsafe { find_r(|fields| fields.uid == uid, result, buffer, size, found) }
}

/// What the functions without `_r` give out, and where `getpwent` is.
struct Shared {
    user: UnsafeCell<Passwd>,
    strings: UnsafeCell<[c_char; LINE + 1]>,
    /// Initialised while `open`; apart, so that all of it is zero at start and takes no room in the file.
    lines: UnsafeCell<MaybeUninit<Lines<LINE>>>,
    open: UnsafeCell<bool>,
}

// SAFETY: POSIX lets no two threads be in these functions at once, and has the results overwritten.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared {
    // SAFETY: null pointers and zeros.
    user: UnsafeCell::new(unsafe { core::mem::zeroed() }),
    strings: UnsafeCell::new([0; LINE + 1]),
    lines: UnsafeCell::new(MaybeUninit::zeroed()),
    open: UnsafeCell::new(false),
};
static LOCK: RawLock = RawLock::new();

fn find_shared(wanted: impl Fn(&Fields) -> bool) -> *mut Passwd {
    let user = SHARED.user.get();
    // SAFETY: the shared structure and buffer; see `Shared`.
    match unsafe { find(wanted, user, SHARED.strings.get().cast(), LINE + 1) } {
        Ok(true) => user,
        Ok(false) => ptr::null_mut(),
        Err(e) => {
            e.set();
            ptr::null_mut()
        }
    }
}

/// A user by name, in memory that the next call overwrites; null, with `errno` as it was, if there is none.
///
/// # Errors
/// Null, and `EIO`, `EMFILE`, `ENFILE`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getpwnam(name: *const c_char) -> *mut Passwd {
    // SAFETY: a C string by contract.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    find_shared(|fields| fields.name() == name)
}

/// A user by number; as `getpwnam`.
///
/// # Errors
/// As [`getpwnam`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getpwuid(uid: c_uint) -> *mut Passwd {
    find_shared(|fields| fields.uid == uid)
}

/// The next user, in memory that the next call overwrites; null at the end.
///
/// # Errors
/// Null, and those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getpwent() -> *mut Passwd {
    LOCK.lock();
    // SAFETY: the lock is held.
    let result = unsafe { next_shared() };
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
    result.unwrap_or_else(|e| {
        e.set();
        ptr::null_mut()
    })
}

/// # Safety
/// The lock is held.
unsafe fn next_shared() -> Result<*mut Passwd, Errno> {
    // SAFETY: by the caller's contract; initialised when `open` is set.
    let lines = unsafe {
        let lines = &mut *SHARED.lines.get();
        if !*SHARED.open.get() {
            lines.write(Lines::open(FILE)?);
            *SHARED.open.get() = true;
        }
        lines.assume_init_mut()
    };
    while let Some(line) = lines.next_line() {
        if let Some(fields) = Fields::parse(line) {
            let user = SHARED.user.get();
            // SAFETY: the shared structure and buffer; see `Shared`.
            unsafe { fields.store(SHARED.strings.get().cast(), LINE + 1, user) }?;
            return Ok(user);
        }
    }
    Ok(ptr::null_mut())
}

/// Starts over with the first user.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setpwent() {
    LOCK.lock();
    // SAFETY: the lock is held.
    unsafe {
        if core::mem::take(&mut *SHARED.open.get()) {
            (*SHARED.lines.get()).assume_init_drop();
        }
        LOCK.unlock();
    }
}

/// Closes the list of users.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn endpwent() {
    // SAFETY: the same.
    unsafe { setpwent() }
}
