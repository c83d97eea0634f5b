//! `<stdlib.h>`: `realpath`: an absolute name without links, `.` and `..`.

use core::ffi::{CStr, c_char};
use core::ptr;

use tidal_rt::Errno;

use crate::errno::or_errno;
use crate::heap;

const PATH_MAX: usize = linux_raw_sys::general::PATH_MAX as usize;
/// How many symbolic links are followed, as the kernel does.
const LINKS_MAX: u32 = 40;

/// A path on the stack with its NUL.
struct Path {
    bytes: [u8; PATH_MAX],
    length: usize,
}

impl Path {
    fn push(&mut self, piece: &[u8]) -> Result<(), Errno> {
        let end = self.length + piece.len();
        if end >= PATH_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        self.bytes[self.length..end].copy_from_slice(piece);
        self.bytes[end] = 0;
        self.length = end;
        Ok(())
    }

    /// Takes the last component off; the root stays, empty.
    fn pop(&mut self) {
        while self.length > 0 {
            self.length -= 1;
            if self.bytes[self.length] == b'/' {
                break;
            }
        }
        self.bytes[self.length] = 0;
    }
}

/// What is still to be resolved; it lies at the end of its buffer, so that a link's target fits in front.
struct Rest {
    bytes: [u8; PATH_MAX],
    start: usize,
}

impl Rest {
    fn prepend(&mut self, piece: &[u8]) -> Result<(), Errno> {
        let start = self.start.checked_sub(piece.len()).ok_or(Errno::ENAMETOOLONG)?;
        self.bytes[start..self.start].copy_from_slice(piece);
        self.start = start;
        Ok(())
    }

    /// Takes the first component off, without slashes; nothing at the end.
    fn next(&mut self) -> Option<core::ops::Range<usize>> {
        let text = &self.bytes[self.start..];
        let slashes = text.iter().take_while(|&&b| b == b'/').count();
        let name = text[slashes..].iter().take_while(|&&b| b != b'/').count();
        let range = self.start + slashes..self.start + slashes + name;
        self.start = range.end;
        (name > 0).then_some(range)
    }
}

#[inline(never)]
fn resolve(path: &[u8], result: &mut Path) -> Result<(), Errno> {
    if path.is_empty() {
        return Err(Errno::ENOENT);
    }
    let mut rest = Rest { bytes: [0; PATH_MAX], start: PATH_MAX };
    rest.prepend(path)?;
    if path[0] != b'/' {
        // SAFETY: the buffer is live and that long.
        let length = unsafe { tidal_rt::syscall!(__NR_getcwd, result.bytes.as_mut_ptr(), PATH_MAX) }?;
        result.length = length - 1;
        if result.bytes[0] != b'/' {
            return Err(Errno::ENOENT);
        }
        if result.length == 1 {
            result.pop();
        }
    }
    let mut links = 0;
    let mut link = [0; PATH_MAX];
    while let Some(name) = rest.next() {
        match &rest.bytes[name.clone()] {
            b"." => continue,
            b".." => {
                result.pop();
                continue;
            }
            name => {
                result.push(b"/")?;
                result.push(name)?;
            }
        }
        // SAFETY: the path ends with NUL, the buffer is live and that long.
        let target = unsafe {
            tidal_rt::syscall!(__NR_readlink, result.bytes.as_ptr(), link.as_mut_ptr(), link.len())
        };
        match target {
            Ok(length) => {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::ELOOP);
                }
                result.pop();
                if link[0] == b'/' {
                    result.length = 0;
                }
                rest.prepend(b"/")?;
                rest.prepend(&link[..length])?;
            }
            // Not a link: but what has a slash behind it must be a directory.
            Err(Errno::EINVAL) => {
                if rest.bytes.get(rest.start) == Some(&b'/') {
                    check_directory(result)?;
                }
            }
            Err(e) => return Err(e),
        }
    }
    if result.length == 0 { result.push(b"/") } else { Ok(()) }
}

fn check_directory(path: &Path) -> Result<(), Errno> {
    use linux_raw_sys::general::{S_IFDIR, S_IFMT};
    let mut about = crate::sys::stat::zeroed();
    // SAFETY: the path ends with NUL, the result is live.
    unsafe { tidal_rt::syscall!(__NR_stat, path.bytes.as_ptr(), ptr::from_mut(&mut about)) }?;
    if about.st_mode & S_IFMT == S_IFDIR { Ok(()) } else { Err(Errno::ENOTDIR) }
}

/// The absolute name of a file without links, `.` and `..`, in a buffer of `PATH_MAX` bytes or memory from `malloc`.
///
/// # Errors
/// Null, and `EINVAL` (null path), `ENOENT`, `ENOTDIR`, `ELOOP`, `EACCES`, `ENAMETOOLONG`, `ENOMEM`.
///
/// Signal-safe: with a buffer. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn realpath(path: *const c_char, buffer: *mut c_char) -> *mut c_char {
    if path.is_null() {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: a C string by contract.
    let path = unsafe { CStr::from_ptr(path) }.to_bytes();
    let mut result = Path { bytes: [0; PATH_MAX], length: 0 };
    let resolved = resolve(path, &mut result);
    or_errno(resolved.and_then(|()| {
        let size = result.length + 1;
        let to = if buffer.is_null() {
            heap::allocate(size).ok_or(Errno::ENOMEM)?.as_ptr().cast()
        } else {
            buffer
        };
        // SAFETY: the buffer has PATH_MAX bytes by contract, the allocation as many as are copied.
        unsafe { ptr::copy_nonoverlapping(result.bytes.as_ptr().cast(), to, size) };
        Ok(to)
    }))
}

/// `realpath` into memory from `malloc`.
///
/// # Errors
/// As [`realpath`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn canonicalize_file_name(path: *const c_char) -> *mut c_char {
    // SAFETY: the same contract.
    unsafe { realpath(path, ptr::null_mut()) }
}
