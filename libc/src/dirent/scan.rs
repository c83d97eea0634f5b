//! `<dirent.h>`: a directory's entries collected and sorted.

use core::cmp::Ordering;
use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use linux_raw_sys::general::AT_FDCWD;
use tidal_rt::Errno;

use super::{Entry, closedir, entry_name, open_at};
use crate::errno::or_errno;
use crate::heap;
use crate::macros::aliases;

type Select = unsafe extern "C" fn(*const Entry) -> c_int;
type Compare = unsafe extern "C" fn(*const *const Entry, *const *const Entry) -> c_int;

/// Compares two entries by name.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn alphasort(a: *const *const Entry, b: *const *const Entry) -> c_int {
    // SAFETY: two entries by contract.
    let names = unsafe { (entry_name(*a), entry_name(*b)) };
    match names.0.cmp(names.1) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// Compares two entries by name, numbers within by value.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn versionsort(a: *const *const Entry, b: *const *const Entry) -> c_int {
    unsafe extern "C" {
        fn strverscmp(a: *const c_char, b: *const c_char) -> c_int;
    }
    // SAFETY: two entries by contract.
    unsafe { strverscmp(entry_name(*a).as_ptr(), entry_name(*b).as_ptr()) }
}

/// Entries that `scandir` has collected, in the C heap.
struct Collected {
    entries: *mut *mut Entry,
    count: usize,
    room: usize,
}

impl Collected {
    /// # Safety
    /// A live entry.
    unsafe fn push(&mut self, entry: *const Entry) -> Result<(), Errno> {
        if self.count == self.room {
            let room = (self.room * 2).max(16);
            // SAFETY: the array is ours.
            let grown = unsafe { heap::resize(self.entries.cast(), room * size_of::<*mut Entry>()) };
            self.entries = grown.ok_or(Errno::ENOMEM)?.cast().as_ptr();
            self.room = room;
        }
        // SAFETY: by the caller's contract.
        let length = usize::from(unsafe { (*entry).d_reclen });
        let copy = heap::allocate(length).ok_or(Errno::ENOMEM)?.cast::<u8>().as_ptr();
        // SAFETY: as long as the entry says; the array has room.
        unsafe {
            ptr::copy_nonoverlapping(entry.cast::<u8>(), copy, length);
            self.entries.add(self.count).write(copy.cast());
        }
        self.count += 1;
        Ok(())
    }

    fn release(self) {
        for i in 0..self.count {
            // SAFETY: ours.
            unsafe { heap::release(*self.entries.add(i)) };
        }
        // SAFETY: ours.
        unsafe { heap::release(self.entries) };
    }
}

/// Collects and sorts the entries of a directory that `select` takes, in memory from `malloc`; how many.
///
/// # Errors
/// Those of `opendir` and `readdir`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scandirat(
    dir: c_int,
    path: *const c_char,
    result: *mut *mut *mut Entry,
    select: Option<Select>,
    compare: Option<Compare>,
) -> c_int {
    unsafe extern "C" {
        fn qsort(base: *mut c_void, count: usize, size: usize, compare: Compare);
    }
    let directory = match open_at(dir, path) {
        Ok(directory) => directory,
        Err(e) => return or_errno(Err(e)),
    };
    let mut all = Collected { entries: ptr::null_mut(), count: 0, room: 0 };
    // SAFETY: opened above; the functions are the caller's.
    let outcome = unsafe {
        loop {
            match (*directory).read() {
                Ok(entry) if entry.is_null() => break Ok(()),
                Ok(entry) if select.is_none_or(|f| f(entry) != 0) => {
                    if let Err(e) = all.push(entry) {
                        break Err(e);
                    }
                }
                Ok(_) => {}
                Err(e) => break Err(e),
            }
        }
    };
    // SAFETY: opened above.
    unsafe { closedir(directory) };
    if let Err(e) = outcome {
        all.release();
        return or_errno(Err(e));
    }
    // SAFETY: the array and the function are as `qsort` wants them; the result is the caller's word.
    unsafe {
        if let Some(compare) = compare
            && all.count > 1
        {
            qsort(all.entries.cast(), all.count, size_of::<*mut Entry>(), compare);
        }
        result.write(all.entries);
    }
    all.count as c_int
}

/// As `scandirat`, from the working directory.
///
/// # Errors
/// As [`scandirat`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scandir(
    path: *const c_char,
    result: *mut *mut *mut Entry,
    select: Option<Select>,
    compare: Option<Compare>,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { scandirat(AT_FDCWD, path, result, select, compare) }
}

aliases! {
    fn alphasort64(a: *const *const Entry, b: *const *const Entry) -> c_int = alphasort;
    fn versionsort64(a: *const *const Entry, b: *const *const Entry) -> c_int = versionsort;
    fn scandir64(path: *const c_char, result: *mut *mut *mut Entry, select: Option<Select>, compare: Option<Compare>)
        -> c_int = scandir;
}
