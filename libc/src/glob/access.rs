//! How `glob` reads directories: by the system's functions, or by the program's (`GLOB_ALTDIRFUNC`).

use core::ffi::{CStr, c_char, c_int, c_void};

use super::{Glob, flag};
use linux_raw_sys::general::{S_IFDIR, S_IFMT, stat as Stat};

use crate::dirent::{Entry, closedir, opendir, readdir};
use crate::sys::stat::{lstat, stat};

type Close = unsafe extern "C" fn(*mut c_void);
type Read = unsafe extern "C" fn(*mut c_void) -> *mut Entry;
type Open = unsafe extern "C" fn(*const c_char) -> *mut c_void;
type Describe = unsafe extern "C" fn(*const c_char, *mut Stat) -> c_int;

/// The end of `glob_t`: functions that are there with `GLOB_ALTDIRFUNC` alone.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Functions {
    close: Option<Close>,
    read: Option<Read>,
    open: Option<Open>,
    lstat: Option<Describe>,
    stat: Option<Describe>,
}

/// The functions to use.
#[derive(Clone, Copy)]
pub struct Access(Option<Functions>);

/// What is at a path.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Folder,
    Other,
}

unsafe extern "C" fn system_open(path: *const c_char) -> *mut c_void {
    // SAFETY: by the caller's contract.
    unsafe { opendir(path).cast() }
}

impl Access {
    pub fn new(flags: c_int, glob: &Glob) -> Access {
        Access((flags & flag::ALTDIRFUNC != 0).then_some(glob.functions))
    }

    /// What is at a path: with `follow`, behind a symbolic link.
    pub fn kind(&self, path: &CStr, follow: bool) -> Option<Kind> {
        let mut result = core::mem::MaybeUninit::<Stat>::uninit();
        let own = self.0.map(|f| if follow { f.stat } else { f.lstat });
        // SAFETY: `path` is a string, and the result has room.
        unsafe {
            let status = match own {
                Some(describe) => describe?(path.as_ptr(), result.as_mut_ptr()),
                None if follow => stat(path.as_ptr(), result.as_mut_ptr()),
                None => lstat(path.as_ptr(), result.as_mut_ptr()),
            };
            if status != 0 {
                return None;
            }
            let mode = result.assume_init_ref().st_mode;
            Some(if mode & S_IFMT == S_IFDIR { Kind::Folder } else { Kind::Other })
        }
    }

    /// Opens a folder.
    pub fn open(&self, path: &CStr) -> Option<Folder> {
        let open = self.0.map_or(Some(system_open as Open), |f| f.open)?;
        // SAFETY: `path` is a string.
        let handle = unsafe { open(path.as_ptr()) };
        (!handle.is_null()).then_some(Folder { handle, access: *self })
    }
}

/// A folder being read; closed when dropped.
pub struct Folder {
    handle: *mut c_void,
    access: Access,
}

impl Folder {
    /// The next name, good until the one after it is read.
    pub fn next(&mut self) -> Option<&CStr> {
        // SAFETY: the handle is open; an entry's name is a string.
        unsafe {
            let entry = match self.access.0 {
                Some(functions) => functions.read?(self.handle),
                None => readdir(self.handle.cast()),
            };
            (!entry.is_null()).then(|| CStr::from_ptr((*entry).name()))
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and not used any more.
        unsafe {
            match self.access.0 {
                Some(Functions { close: Some(close), .. }) => close(self.handle),
                Some(_) => {}
                None => {
                    closedir(self.handle.cast());
                }
            }
        }
    }
}
