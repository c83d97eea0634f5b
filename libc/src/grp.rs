//! `<grp.h>`: groups, from `/etc/group`; `setgroups` is in `unistd/credentials.rs`.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_uint};
use core::mem::MaybeUninit;
use core::ptr;

use tidal_rt::Errno;
use tidal_rt::lock::RawLock;

use crate::errno::zero_or_number;
use crate::files::Lines;
use crate::text::parse_decimal;

const FILE: &CStr = c"/etc/group";
/// The longest line that is read, in bytes.
const LINE: usize = 8192;
/// Room for the strings of the longest line and a pointer to each member.
const ROOM: usize = LINE + (LINE / 2 + 2) * size_of::<usize>();

/// `struct group`.
#[repr(C)]
pub struct Group {
    name: *mut c_char,
    password: *mut c_char,
    gid: c_uint,
    members: *mut *mut c_char,
}

const _: () = assert!(size_of::<Group>() == 32);

/// A line taken apart.
struct Fields<'l> {
    name: &'l [u8],
    password: &'l [u8],
    gid: u32,
    members: &'l [u8],
}

impl<'l> Fields<'l> {
    fn parse(line: &'l [u8]) -> Option<Self> {
        let mut fields = line.split(|&b| b == b':');
        let (name, password, gid, members) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let (gid, rest) = parse_decimal(gid)?;
        let gid = u32::try_from(gid).ok().filter(|_| rest.is_empty())?;
        let complete = fields.next().is_none() && !name.is_empty() && name[0] != b'+' && name[0] != b'-';
        complete.then_some(Fields { name, password, gid, members })
    }

    fn members(&self) -> impl Iterator<Item = &'l [u8]> {
        self.members.split(|&b| b == b',').filter(|name| !name.is_empty())
    }

    /// Puts the pointers to the members and then the strings into the buffer.
    ///
    /// # Safety
    /// The buffer has `size` bytes, and `result` is writable.
    unsafe fn store(&self, buffer: *mut c_char, size: usize, result: *mut Group) -> Result<(), Errno> {
        let pad = buffer.align_offset(align_of::<*mut c_char>());
        let table = pad + (self.members().count() + 1) * size_of::<*mut c_char>();
        let texts: usize = self.members().map(|m| m.len() + 1).sum();
        let need = table + self.name.len() + 1 + self.password.len() + 1 + texts;
        if size < need {
            return Err(Errno::ERANGE);
        }
        let mut at = table;
        let mut put = |text: &[u8]| {
            // SAFETY: below `need`.
            unsafe {
                let to = buffer.add(at);
                ptr::copy_nonoverlapping(text.as_ptr().cast(), to, text.len());
                to.add(text.len()).write(0);
                at += text.len() + 1;
                to
            }
        };
        // SAFETY: aligned by the padding, and room for all pointers.
        let members = unsafe { buffer.add(pad) }.cast::<*mut c_char>();
        let mut count = 0;
        for member in self.members() {
            // SAFETY: as above.
            unsafe { members.add(count).write(put(member)) };
            count += 1;
        }
        let (name, password) = (put(self.name), put(self.password));
        // SAFETY: as above; the result by the caller's contract.
        unsafe {
            members.add(count).write(ptr::null_mut());
            result.write(Group { name, password, gid: self.gid, members });
        }
        Ok(())
    }
}

/// Finds a group and stores it; whether there is one.
///
/// # Safety
/// As for [`Fields::store`].
unsafe fn find(
    wanted: impl Fn(&Fields) -> bool,
    result: *mut Group,
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
    result: *mut Group,
    buffer: *mut c_char,
    size: usize,
    found: *mut *mut Group,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        let outcome = find(wanted, result, buffer, size);
        found.write(if outcome == Ok(true) { result } else { ptr::null_mut() });
        zero_or_number(outcome)
    }
}

/// A group by name, with strings in the buffer; `*found` is null if there is none.
///
/// # Errors
/// An error number: `ERANGE` (buffer too small), `EIO`, `EMFILE`, `ENFILE`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getgrnam_r(
    name: *const c_char,
    result: *mut Group,
    buffer: *mut c_char,
    size: usize,
    found: *mut *mut Group,
) -> c_int {
    // SAFETY: the caller's string, structures and buffer.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes();
        find_r(|fields| fields.name == name, result, buffer, size, found)
    }
}

/// A group by number, with strings in the buffer; `*found` is null if there is none.
///
/// # Errors
/// As [`getgrnam_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getgrgid_r(
    gid: c_uint,
    result: *mut Group,
    buffer: *mut c_char,
    size: usize,
    found: *mut *mut Group,
) -> c_int {
    // SAFETY: the caller's structures and buffer.
    unsafe { find_r(|fields| fields.gid == gid, result, buffer, size, found) }
}

/// What the functions without `_r` give out, and where `getgrent` is.
struct Shared {
    group: UnsafeCell<Group>,
    strings: UnsafeCell<[usize; ROOM / size_of::<usize>()]>,
    /// Initialised while `open`; apart, so that all of it is zero at start and takes no room in the file.
    lines: UnsafeCell<MaybeUninit<Lines<LINE>>>,
    open: UnsafeCell<bool>,
}

// SAFETY: POSIX lets no two threads be in these functions at once, and has the results overwritten.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared {
    // SAFETY: null pointers and zeros.
    group: UnsafeCell::new(unsafe { core::mem::zeroed() }),
    strings: UnsafeCell::new([0; ROOM / size_of::<usize>()]),
    lines: UnsafeCell::new(MaybeUninit::zeroed()),
    open: UnsafeCell::new(false),
};
static LOCK: RawLock = RawLock::new();

fn find_shared(wanted: impl Fn(&Fields) -> bool) -> *mut Group {
    let group = SHARED.group.get();
    // SAFETY: the shared structure and buffer; see `Shared`.
    match unsafe { find(wanted, group, SHARED.strings.get().cast(), ROOM) } {
        Ok(true) => group,
        Ok(false) => ptr::null_mut(),
        Err(e) => {
            e.set();
            ptr::null_mut()
        }
    }
}

/// A group by name, in memory that the next call overwrites; null, with `errno` as it was, if there is none.
///
/// # Errors
/// Null, and `EIO`, `EMFILE`, `ENFILE`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getgrnam(name: *const c_char) -> *mut Group {
    // SAFETY: a C string by contract.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    find_shared(|fields| fields.name == name)
}

/// A group by number; as `getgrnam`.
///
/// # Errors
/// As [`getgrnam`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getgrgid(gid: c_uint) -> *mut Group {
    find_shared(|fields| fields.gid == gid)
}

/// The next group, in memory that the next call overwrites; null at the end.
///
/// # Errors
/// Null, and those of `open(2)`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getgrent() -> *mut Group {
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
unsafe fn next_shared() -> Result<*mut Group, Errno> {
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
            let group = SHARED.group.get();
            // SAFETY: the shared structure and buffer; see `Shared`.
            unsafe { fields.store(SHARED.strings.get().cast(), ROOM, group) }?;
            return Ok(group);
        }
    }
    Ok(ptr::null_mut())
}

/// Starts over with the first group.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setgrent() {
    LOCK.lock();
    // SAFETY: the lock is held.
    unsafe {
        if core::mem::take(&mut *SHARED.open.get()) {
            (*SHARED.lines.get()).assume_init_drop();
        }
        LOCK.unlock();
    }
}

/// Closes the list of groups.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn endgrent() {
    // SAFETY: the same.
    unsafe { setgrent() }
}

/// The groups that a user is in, `group` first. The room in, the number of groups out; the same number, or -1 if there is
/// too little room.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getgrouplist(
    user: *const c_char,
    group: c_uint,
    groups: *mut c_uint,
    count: *mut c_int,
) -> c_int {
    // SAFETY: the caller's string and word.
    let (user, room) = unsafe { (CStr::from_ptr(user).to_bytes(), *count) };
    let mut found = 0;
    let mut add = |gid: u32| {
        if found < room {
            // SAFETY: inside the caller's array.
            unsafe { groups.add(found as usize).write(gid) };
        }
        found += 1;
    };
    add(group);
    if let Ok(mut lines) = Lines::<LINE>::open(FILE) {
        while let Some(line) = lines.next_line() {
            if let Some(fields) = Fields::parse(line)
                && fields.gid != group
                && fields.members().any(|m| m == user)
            {
                add(fields.gid);
            }
        }
    }
    // SAFETY: the caller's word.
    unsafe { count.write(found) };
    if found <= room { found } else { -1 }
}

/// Gives the process the groups that a user is in, and one more.
///
/// # Errors
/// `EPERM`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: changes the child alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn initgroups(user: *const c_char, group: c_uint) -> c_int {
    /// More than the kernel's limit of groups makes no sense on the stack.
    const MOST: usize = 1024;
    let mut groups = [0; MOST];
    let mut count = MOST as c_int;
    // SAFETY: the caller's string; the array is that long.
    unsafe {
        getgrouplist(user, group, groups.as_mut_ptr(), &mut count);
        crate::unistd::credentials::setgroups((count as usize).min(MOST), groups.as_ptr())
    }
}
