//! `<dirent.h>`: reading directories.
//!
//! A `DIR` is one block of the heap with its buffer inside, so that opening and closing cost one allocation each: a
//! vfork child that closes the descriptors it finds in `/proc/self/fd` does this. The kernel's entries have the very
//! layout of `struct dirent`, so `readdir` gives out pointers into the buffer.

pub mod scan;

use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::offset_of;
use core::ptr;

use linux_raw_sys::general::{AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY, S_IFDIR, S_IFMT, SEEK_SET};
use tidal_rt::Errno;
use tidal_rt::lock::RawLock;

use crate::errno::{or_errno, zero_or_number};
use crate::heap;
use crate::macros::{aliases, returned, syscalls};

/// `struct dirent`, which is the kernel's `struct linux_dirent64`.
#[repr(C)]
pub struct Entry {
    d_ino: u64,
    d_off: i64,
    d_reclen: u16,
    d_type: u8,
    d_name: [c_char; 256],
}

impl Entry {
    /// The name, which ends within the entry.
    pub(crate) fn name(&self) -> *const c_char {
        self.d_name.as_ptr()
    }
}

/// # Safety
/// A live entry.
pub(crate) unsafe fn entry_name<'a>(entry: *const Entry) -> &'a CStr {
    // SAFETY: by the caller's contract.
    unsafe { CStr::from_ptr((&raw const (*entry).d_name).cast()) }
}

const _: () = assert!(size_of::<Entry>() == 280 && offset_of!(Entry, d_name) == 19);

const BUFFER: usize = 32_768;

/// `DIR`.
#[repr(C)]
pub struct Directory {
    fd: c_int,
    lock: RawLock,
    /// Where the next entry starts, and where the entries end, in the buffer.
    next: usize,
    end: usize,
    /// Where the directory's own position is before the next entry: what `telldir` gives.
    position: i64,
    buffer: Buffer,
}

#[repr(C, align(16))]
struct Buffer([u8; BUFFER]);

impl Directory {
    /// The next entry, or null at the end.
    fn read(&mut self) -> Result<*mut Entry, Errno> {
        if self.next == self.end {
            // SAFETY: the buffer is live and that long.
            let filled =
                unsafe { tidal_rt::syscall!(__NR_getdents64, self.fd, self.buffer.0.as_mut_ptr(), BUFFER) };
            match filled {
                // A directory that has been removed has no entries.
                Ok(0) | Err(Errno::ENOENT) => return Ok(ptr::null_mut()),
                Ok(count) => (self.next, self.end) = (0, count),
                Err(e) => return Err(e),
            }
        }
        let entry: *mut Entry = self.buffer.0[self.next..].as_mut_ptr().cast();
        // SAFETY: the kernel wrote whole entries, aligned to eight bytes.
        unsafe {
            self.next += usize::from((*entry).d_reclen);
            self.position = (*entry).d_off;
        }
        Ok(entry)
    }

    fn move_to(&mut self, position: i64) {
        // SAFETY: no pointers; a position that is none gives no entries.
        let _ = unsafe { tidal_rt::syscall!(__NR_lseek, self.fd, position, SEEK_SET) };
        (self.next, self.end, self.position) = (0, 0, position);
    }
}

/// Runs `f` with a directory's lock held.
///
/// # Safety
/// `directory` is open.
unsafe fn locked<R>(directory: *mut Directory, f: impl FnOnce(&mut Directory) -> R) -> R {
    // SAFETY: by the caller's contract; the lock is used by reference to it alone.
    let lock = unsafe { &(*directory).lock };
    lock.lock();
    // SAFETY: the lock is held.
    let result = f(unsafe { &mut *directory });
    // SAFETY: taken above.
    unsafe { (*directory).lock.unlock() };
    result
}

fn from_descriptor(fd: c_int) -> Result<*mut Directory, Errno> {
    let directory = heap::allocate(size_of::<Directory>()).ok_or(Errno::ENOMEM)?.cast::<Directory>().as_ptr();
    // SAFETY: fresh memory; the buffer needs no contents.
    unsafe {
        (&raw mut (*directory).fd).write(fd);
        (&raw mut (*directory).lock).write(RawLock::new());
        (&raw mut (*directory).next).write(0);
        (&raw mut (*directory).end).write(0);
        (&raw mut (*directory).position).write(0);
    }
    Ok(directory)
}

fn open_at(dir: c_int, path: *const c_char) -> Result<*mut Directory, Errno> {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    // SAFETY: a C string by contract of the callers.
    let fd = unsafe { tidal_rt::syscall!(__NR_openat, dir, path, flags, 0u32) }? as c_int;
    from_descriptor(fd).inspect_err(|_| close(fd))
}

fn close(fd: c_int) {
    // SAFETY: the callers own the descriptor.
    let _ = unsafe { tidal_rt::syscall!(__NR_close, fd) };
}

/// Opens a directory.
///
/// # Errors
/// Null, and those of `open(2)`, or `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn opendir(path: *const c_char) -> *mut Directory {
    or_errno(open_at(AT_FDCWD, path))
}

/// Makes an open descriptor a directory stream, which owns it then.
///
/// # Errors
/// Null, and `EBADF`, `ENOTDIR`, `EINVAL`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdopendir(fd: c_int) -> *mut Directory {
    or_errno(adopt(fd))
}

fn adopt(fd: c_int) -> Result<*mut Directory, Errno> {
    use linux_raw_sys::general::{F_GETFL, F_SETFD, FD_CLOEXEC, O_PATH, O_WRONLY};
    let mut about = crate::sys::stat::zeroed();
    // SAFETY: the result is live; the rest has no pointers.
    let flags = unsafe {
        tidal_rt::syscall!(__NR_fstat, fd, ptr::from_mut(&mut about))?;
        tidal_rt::syscall!(__NR_fcntl, fd, F_GETFL, 0usize)? as u32
    };
    if about.st_mode & S_IFMT != S_IFDIR {
        return Err(Errno::ENOTDIR);
    }
    if flags & O_PATH != 0 {
        return Err(Errno::EBADF);
    }
    if flags & O_WRONLY != 0 {
        return Err(Errno::EINVAL);
    }
    // SAFETY: no pointers.
    unsafe { tidal_rt::syscall!(__NR_fcntl, fd, F_SETFD, FD_CLOEXEC) }?;
    from_descriptor(fd)
}

/// Closes a directory stream and its descriptor.
///
/// # Errors
/// `EINVAL` for null, `EBADF`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn closedir(directory: *mut Directory) -> c_int {
    if directory.is_null() {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: open until here, by contract.
    let fd = unsafe { (*directory).fd };
    // SAFETY: as above.
    unsafe { heap::release(directory) };
    // SAFETY: the stream owned it.
    returned(unsafe { tidal_rt::syscall!(__NR_close, fd) })
}

/// The next entry, in memory of the stream; null at the end, and then `errno` is as it was.
///
/// # Errors
/// Null, and `EBADF`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn readdir(directory: *mut Directory) -> *mut Entry {
    // SAFETY: open, by contract.
    or_errno(unsafe { locked(directory, Directory::read) })
}

/// As `readdir`, into an entry of the caller's; `*result` is it, or null at the end.
///
/// # Errors
/// An error number: `EBADF`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn readdir_r(
    directory: *mut Directory,
    entry: *mut Entry,
    result: *mut *mut Entry,
) -> c_int {
    // SAFETY: open, by contract.
    let read = unsafe { locked(directory, Directory::read) };
    // SAFETY: the caller's word.
    unsafe { result.write(ptr::null_mut()) };
    zero_or_number(read.map(|found| {
        if !found.is_null() {
            // SAFETY: an entry is as long as it says, and no longer than the caller's.
            unsafe {
                let length = usize::from((*found).d_reclen).min(size_of::<Entry>());
                ptr::copy_nonoverlapping(found.cast::<u8>(), entry.cast(), length);
                result.write(entry);
            }
        }
    }))
}

/// Goes back to the first entry.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rewinddir(directory: *mut Directory) {
    // SAFETY: open, by contract.
    unsafe { locked(directory, |d| d.move_to(0)) };
}

/// Goes to a place that `telldir` gave.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seekdir(directory: *mut Directory, position: i64) {
    // SAFETY: open, by contract.
    unsafe { locked(directory, |d| d.move_to(position)) };
}

/// The place of the next entry.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn telldir(directory: *mut Directory) -> i64 {
    // SAFETY: open, by contract.
    unsafe { locked(directory, |d| d.position) }
}

/// The descriptor of a stream.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dirfd(directory: *mut Directory) -> c_int {
    // SAFETY: open, by contract.
    unsafe { (*directory).fd }
}

syscalls! {
    /// Reads entries from a descriptor.
    fn getdents64(fd: c_int, buffer: *mut c_void, size: usize) -> isize = __NR_getdents64(fd, buffer, size);
}

aliases! {
    fn readdir64(directory: *mut Directory) -> *mut Entry = readdir;
    fn readdir64_r(directory: *mut Directory, entry: *mut Entry, result: *mut *mut Entry) -> c_int = readdir_r;
}
