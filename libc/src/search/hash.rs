//! `hsearch`: hash tables of a fixed size, by open addressing.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::ptr::null_mut;

use tidal_rt::Errno;

use crate::cstr::bytes;
use crate::errno::{or_errno, zero_or_errno};
use crate::heap;

/// `ENTRY` of `<search.h>`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    key: *mut c_char,
    data: *mut c_void,
}

/// `ACTION`: whether an entry that is not there is entered.
const ENTER: c_int = 1;

/// `struct hsearch_data` of `<search.h>`.
#[repr(C)]
pub struct Table {
    entries: *mut Entry,
    size: c_uint,
    filled: c_uint,
}

const _: () = assert!(size_of::<Table>() == 16 && size_of::<Entry>() == 16);

/// The table of the functions without `_r`.
static mut TABLE: Table = Table { entries: null_mut(), size: 0, filled: 0 };

/// FNV-1a: short and even enough for names.
fn hash(key: &CStr) -> usize {
    key.to_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
        as usize
}

/// Makes a table with room for `capacity` entries.
///
/// # Errors
/// 0 and `ENOMEM`, or `EINVAL` for null.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: hcreate_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hcreate_r(capacity: usize, table: *mut Table) -> c_int {
    let create = || {
        if table.is_null() {
            return Err(Errno::EINVAL);
        }
        // SAFETY: `table` is valid.
        let table = unsafe { &mut *table };
        if !table.entries.is_null() {
            return Err(Errno::EINVAL);
        }
        // A third more than asked for: full tables are slow.
        let size = capacity.saturating_add(capacity / 3).max(3);
        let size = c_uint::try_from(size).map_err(|_| Errno::ENOMEM)?;
        let memory = heap::allocate(size as usize * size_of::<Entry>()).ok_or(Errno::ENOMEM)?;
        // SAFETY: that much was allocated.
        unsafe { memory.cast::<Entry>().write_bytes(0, size as usize) };
        *table = Table { entries: memory.as_ptr().cast(), size, filled: 0 };
        Ok(())
    };
    (zero_or_errno(create()) == 0).into()
}

/// Gives a table back, not its keys.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: hdestroy_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hdestroy_r(table: *mut Table) {
    if table.is_null() {
        return Errno::EINVAL.set();
    }
    // SAFETY: `table` is valid.
    unsafe {
        heap::release((*table).entries);
        (*table).entries = null_mut();
    }
}

/// Finds the entry with a key, or enters it.
///
/// # Errors
/// 0 with `ESRCH` if it is not there, `ENOMEM` if the table is full.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: hsearch_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hsearch_r(
    entry: Entry,
    action: c_int,
    result: *mut *mut Entry,
    table: *mut Table,
) -> c_int {
    // SAFETY: the table was made by `hcreate_r`, and keys are strings.
    let found = unsafe {
        let table = &mut *table;
        let size = table.size as usize;
        let start = hash(CStr::from_ptr(entry.key)) % size.max(1);
        let mut places = (0..size).map(|i| table.entries.add((start + i) % size));
        let place = places.find(|p| (**p).key.is_null() || bytes((**p).key) == bytes(entry.key));
        match place {
            Some(place) if !(*place).key.is_null() => Ok(place),
            _ if action != ENTER => Err(Errno::ESRCH),
            Some(place) => {
                *place = entry;
                table.filled += 1;
                Ok(place)
            }
            None => Err(Errno::ENOMEM),
        }
    };
    let found = or_errno(found);
    // SAFETY: `result` is valid.
    unsafe { *result = found };
    (!found.is_null()).into()
}

/// [`hcreate_r`] for the one table of the process.
///
/// # Errors
/// 0 and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, hcreate(3).
#[unsafe(no_mangle)]
pub extern "C" fn hcreate(capacity: usize) -> c_int {
    // SAFETY: POSIX lets one thread at a time use the table.
    unsafe { hcreate_r(capacity, &raw mut TABLE) }
}

/// [`hdestroy_r`] of the one table of the process.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, hdestroy(3).
#[unsafe(no_mangle)]
pub extern "C" fn hdestroy() {
    // SAFETY: POSIX lets one thread at a time use the table.
    unsafe { hdestroy_r(&raw mut TABLE) };
}

/// [`hsearch_r`] in the one table of the process: the entry, or null.
///
/// # Errors
/// As for [`hsearch_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, hsearch(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hsearch(entry: Entry, action: c_int) -> *mut Entry {
    let mut found = null_mut();
    // SAFETY: POSIX lets one thread at a time use the table.
    unsafe { hsearch_r(entry, action, &mut found, &raw mut TABLE) };
    found
}
