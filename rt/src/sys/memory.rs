//! Memory mappings: `mmap(2)`, `munmap(2)`, `mprotect(2)`, `mremap(2)`, `madvise(2)`.

use core::ffi::c_void;
use core::ptr;

use linux_raw_sys::general as linux;

use crate::errno::Errno;
use crate::syscall;

bitflags::bitflags! {
    /// Protection of pages.
    #[derive(Clone, Copy)]
    pub struct Prot: u32 {
        /// May be read.
        const READ = linux::PROT_READ;
        /// May be written.
        const WRITE = linux::PROT_WRITE;
    }
}

/// Size of a page in bytes; x86-64 has no other base size.
pub const PAGE: usize = 4096;

/// Maps fresh zeroed private memory.
///
/// # Errors
/// `ENOMEM`; `EAGAIN` where `mlockall(2)` holds.
pub fn map_anonymous(length: usize, prot: Prot) -> Result<*mut c_void, Errno> {
    let flags = linux::MAP_PRIVATE | linux::MAP_ANONYMOUS;
    // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
    unsafe { syscall!(__NR_mmap, 0usize, length, prot.bits(), flags, -1i32, 0usize) }
        .map(|p| p as *mut c_void)
}

/// Maps fresh zeroed private memory for a stack. `MAP_STACK` keeps huge pages away (Linux 6.7 and later), which a
/// stack's first touch would have to clear as a whole.
///
/// # Errors
/// As [`map_anonymous`].
pub fn map_stack(length: usize, prot: Prot) -> Result<*mut c_void, Errno> {
    let flags = linux::MAP_PRIVATE | linux::MAP_ANONYMOUS | linux::MAP_STACK;
    // SAFETY: as in `map_anonymous`.
    unsafe { syscall!(__NR_mmap, 0usize, length, prot.bits(), flags, -1i32, 0usize) }
        .map(|p| p as *mut c_void)
}

/// Unmaps pages.
///
/// # Errors
/// `EINVAL`; `ENOMEM` where it would split a mapping and there are too many.
///
/// # Safety
/// Nobody uses the pages any more.
pub unsafe fn unmap(start: *mut c_void, length: usize) -> Result<(), Errno> {
    // SAFETY: by the caller's contract.
    unsafe { syscall!(__NR_munmap, start, length) }.map(drop)
}

/// Changes the protection of pages.
///
/// # Errors
/// `EINVAL`, `ENOMEM`, `EACCES`.
///
/// # Safety
/// Nobody relies on an access that the new protection forbids.
pub unsafe fn protect(start: *mut c_void, length: usize, prot: Prot) -> Result<(), Errno> {
    // SAFETY: by the caller's contract.
    unsafe { syscall!(__NR_mprotect, start, length, prot.bits()) }.map(drop)
}

/// Grows, shrinks or moves a mapping; contents move along.
///
/// # Errors
/// `ENOMEM`, `EFAULT`, `EAGAIN`, `EINVAL`.
///
/// # Safety
/// `start..start + old` is a mapping of the caller's, and no pointer into it is used after a move.
pub unsafe fn remap(
    start: *mut c_void,
    old: usize,
    new: usize,
    may_move: bool,
) -> Result<*mut c_void, Errno> {
    let flags = if may_move { linux::MREMAP_MAYMOVE } else { 0 };
    // SAFETY: by the caller's contract.
    unsafe { syscall!(__NR_mremap, start, old, new, flags, ptr::null::<c_void>()) }.map(|p| p as *mut c_void)
}

/// Tells the kernel how pages will be used; `advice` is a `MADV_` number.
///
/// # Errors
/// `EINVAL`, `ENOMEM`, `EAGAIN`.
///
/// # Safety
/// With advice that drops contents (`MADV_DONTNEED`, `MADV_FREE`), nobody needs them.
pub unsafe fn advise(start: *mut c_void, length: usize, advice: u32) -> Result<(), Errno> {
    // SAFETY: by the caller's contract.
    unsafe { syscall!(__NR_madvise, start, length, advice) }.map(drop)
}
