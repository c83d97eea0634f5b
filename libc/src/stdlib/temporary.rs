//! `<stdlib.h>`: files and directories with names that nobody else has.

use core::ffi::{CStr, c_char, c_int};

use linux_raw_sys::general::{GRND_NONBLOCK, O_CREAT, O_EXCL, O_RDWR};
use tidal_rt::{Errno, vdso};

use crate::errno::or_errno;
use crate::macros::aliases;

const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// How many names are tried; glibc's `TMP_MAX`.
const ATTEMPTS: u32 = 238_328;

fn random() -> u64 {
    let mut value = 0u64;
    // SAFETY: the word is live.
    let got = unsafe { tidal_rt::syscall!(__NR_getrandom, &raw mut value, 8usize, GRND_NONBLOCK) };
    if got != Ok(8) {
        // Early at boot: the name need not be secret, `O_EXCL` decides.
        let now = vdso::clock_gettime(0).unwrap_or_default();
        value = (now.tv_nsec as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ now.tv_sec as u64;
    }
    value
}

/// Fills in the six `X` before a suffix until `make` finds the name free.
///
/// # Safety
/// `template` is a C string that may be written.
pub unsafe fn unique(
    template: *mut c_char,
    suffix: c_int,
    mut make: impl FnMut(*const c_char) -> Result<usize, Errno>,
) -> Result<usize, Errno> {
    // SAFETY: by the caller's contract.
    let length = unsafe { CStr::from_ptr(template) }.count_bytes();
    let start = usize::try_from(suffix).ok().and_then(|s| length.checked_sub(s)?.checked_sub(6));
    let start = start.ok_or(Errno::EINVAL)?;
    // SAFETY: inside the string.
    let letters = unsafe { core::slice::from_raw_parts_mut(template.add(start).cast::<u8>(), 6) };
    if letters != b"XXXXXX" {
        return Err(Errno::EINVAL);
    }
    for _ in 0..ATTEMPTS {
        let mut bits = random();
        for letter in letters.iter_mut() {
            *letter = LETTERS[(bits % 62) as usize];
            bits /= 62;
        }
        match make(template) {
            Err(Errno::EEXIST) => {}
            result => return result,
        }
    }
    Err(Errno::EEXIST)
}

/// Makes a file and opens it; the last six letters of the name before a suffix must be `XXXXXX`.
///
/// # Errors
/// `EINVAL` (template), `EEXIST` (no free name found), and those of `open(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkostemps(template: *mut c_char, suffix: c_int, flags: c_int) -> c_int {
    let flags = flags as u32 | O_RDWR | O_CREAT | O_EXCL;
    // SAFETY: the caller's template; the path made of it is a C string.
    let made =
        unsafe { unique(template, suffix, |path| tidal_rt::syscall!(__NR_open, path, flags, 0o600u32)) };
    or_errno(made.map(|fd| fd as c_int))
}

/// As `mkostemps`, without flags.
///
/// # Errors
/// As [`mkostemps`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkstemps(template: *mut c_char, suffix: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { mkostemps(template, suffix, 0) }
}

/// As `mkostemps`, without a suffix.
///
/// # Errors
/// As [`mkostemps`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkostemp(template: *mut c_char, flags: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { mkostemps(template, 0, flags) }
}

/// As `mkostemps`, without a suffix and flags.
///
/// # Errors
/// As [`mkostemps`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkstemp(template: *mut c_char) -> c_int {
    // SAFETY: the same contract.
    unsafe { mkostemps(template, 0, 0) }
}

aliases! {
    fn mkostemps64(template: *mut c_char, suffix: c_int, flags: c_int) -> c_int = mkostemps;
    fn mkstemps64(template: *mut c_char, suffix: c_int) -> c_int = mkstemps;
    fn mkostemp64(template: *mut c_char, flags: c_int) -> c_int = mkostemp;
    fn mkstemp64(template: *mut c_char) -> c_int = mkstemp;
}

/// Makes a directory; the last six letters of its name must be `XXXXXX`.
///
/// # Errors
/// Null, and `EINVAL` (template), `EEXIST` (no free name found), or those of `mkdir(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdtemp(template: *mut c_char) -> *mut c_char {
    // SAFETY: as for `mkostemps`.
    let made = unsafe { unique(template, 0, |path| tidal_rt::syscall!(__NR_mkdir, path, 0o700u32)) };
    or_errno(made.map(|_| template))
}

/// Whether nothing has a name now.
///
/// # Errors
/// `EEXIST`: something has; those of `lstat(2)`.
pub fn free(path: *const c_char) -> Result<usize, Errno> {
    let mut about = crate::sys::stat::zeroed();
    // SAFETY: `unique` gives C strings; the result is live.
    match unsafe { tidal_rt::syscall!(__NR_lstat, path, &raw mut about) } {
        Ok(_) => Err(Errno::EEXIST),
        Err(Errno::ENOENT) => Ok(0),
        Err(e) => Err(e),
    }
}

/// Finds a name that is free at this moment, which it need not stay; the template is emptied if there is none.
///
/// # Errors
/// An empty template, and `EINVAL` or `EEXIST`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mktemp(template: *mut c_char) -> *mut c_char {
    // SAFETY: as for `mkostemps`.
    let found = unsafe { unique(template, 0, free) };
    if let Err(e) = found {
        e.set();
        // SAFETY: the caller's template.
        unsafe { template.write(0) };
    }
    template
}
