//! `tmpfile`, `tmpnam`, `tempnam`.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use linux_raw_sys::general as linux;
use tidal_rt::{Errno, syscall};

use super::fd::FD;
use super::file::{BUFFER, Stream};
use super::open::create;
use crate::errno::or_errno;
use crate::heap;
use crate::stdlib::temporary::{free, unique};

unsafe extern "C" {
    fn secure_getenv(name: *const c_char) -> *mut c_char;
}

/// `L_tmpnam` of `<stdio.h>`.
const NAME: usize = 20;
const TEMPLATE: &[u8; NAME] = b"/tmp/fileXXXXXX\0\0\0\0\0";

/// An open file without a name.
fn nameless() -> Result<c_int, Errno> {
    let flags = linux::O_RDWR | linux::O_EXCL;
    // SAFETY: a C string.
    let opened = unsafe {
        syscall!(__NR_openat, linux::AT_FDCWD, c"/tmp".as_ptr(), flags | linux::O_TMPFILE, 0o600u32)
    };
    match opened {
        // What file systems (EOPNOTSUPP) and kernels (EISDIR) without O_TMPFILE say.
        Err(Errno::EOPNOTSUPP | Errno::EISDIR | Errno::ENOENT) => {}
        other => return other.map(|fd| fd as c_int),
    }
    let mut template = *TEMPLATE;
    // SAFETY: a writable C string, whose file is ours.
    unsafe {
        let path = template.as_mut_ptr().cast::<c_char>();
        let fd = unique(path, 0, |path| {
            syscall!(__NR_openat, linux::AT_FDCWD, path, flags | linux::O_CREAT, 0o600u32)
        })?;
        let _ = syscall!(__NR_unlinkat, linux::AT_FDCWD, path, 0u32);
        Ok(fd as c_int)
    }
}

/// Opens a file for update that is gone when it is closed.
///
/// # Errors
/// Null: those of `open(2)`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn tmpfile() -> *mut Stream {
    or_errno(nameless().and_then(|fileno| {
        create(fileno, 0, &FD, BUFFER, 0).inspect_err(|_| {
            // SAFETY: just opened, known to nobody.
            let _ = unsafe { syscall!(__NR_close, fileno) };
        })
    }))
}

/// As [`tmpfile`].
#[unsafe(no_mangle)]
pub extern "C" fn tmpfile64() -> *mut Stream {
    tmpfile()
}

struct Shared(UnsafeCell<[u8; NAME]>);

// SAFETY: C gives the buffer to one thread at a time, and says so.
unsafe impl Sync for Shared {}

static NAME_BUFFER: Shared = Shared(UnsafeCell::new([0; NAME]));

/// Finds a name that no file has; in a static buffer for null.
///
/// # Errors
/// Null: no name is free.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tmpnam(name: *mut c_char) -> *mut c_char {
    let into = if name.is_null() { NAME_BUFFER.0.get().cast() } else { name };
    // SAFETY: `L_tmpnam` bytes, by the function's contract.
    unsafe { tmpnam_r(into) }
}

/// [`tmpnam`] without a static buffer: null for null.
///
/// # Errors
/// Null: no name is free.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tmpnam_r(name: *mut c_char) -> *mut c_char {
    if name.is_null() {
        return name;
    }
    // SAFETY: `L_tmpnam` bytes, by the function's contract.
    unsafe {
        ptr::copy_nonoverlapping(TEMPLATE.as_ptr(), name.cast(), NAME);
        or_errno(unique(name, 0, free).map(|_| name))
    }
}

/// Finds a name that no file has, in `$TMPDIR`, `folder` or `/tmp`, whichever is the first to be writable.
///
/// # Errors
/// Null: `ENOENT` (no folder), `EEXIST`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tempnam(folder: *const c_char, prefix: *const c_char) -> *mut c_char {
    // SAFETY: null or C strings, by the functions' contracts.
    or_errno(unsafe {
        let candidates = [secure_getenv(c"TMPDIR".as_ptr()).cast_const(), folder, c"/tmp".as_ptr()];
        let writable = |path: &&*const c_char| {
            let mode = linux::W_OK | linux::X_OK;
            !path.is_null() && syscall!(__NR_faccessat, linux::AT_FDCWD, **path, mode).is_ok()
        };
        let prefix = if prefix.is_null() { c"file" } else { CStr::from_ptr(prefix) }.to_bytes();
        candidates.iter().find(writable).ok_or(Errno::ENOENT).and_then(|&folder| {
            let pieces =
                [CStr::from_ptr(folder).to_bytes(), b"/", &prefix[..prefix.len().min(5)], b"XXXXXX\0"];
            let length = pieces.iter().map(|piece| piece.len()).sum();
            let memory = heap::allocate(length).ok_or(Errno::ENOMEM)?.as_ptr().cast::<c_char>();
            let mut at = memory.cast::<u8>();
            for piece in pieces {
                ptr::copy_nonoverlapping(piece.as_ptr(), at, piece.len());
                at = at.add(piece.len());
            }
            unique(memory, 0, free).map(|_| memory).inspect_err(|_| heap::release(memory))
        })
    })
}
