//! `<malloc.h>` and the memory part of `<stdlib.h>`.

mod inspect;
mod tune;

use core::ffi::{c_int, c_void};
use core::ptr;

use tidal_crt::exit::Handler;
use tidal_rt::Errno;
use tidal_rt::sys::memory::PAGE;

/// Null sets `ENOMEM`.
fn or_enomem(block: *mut c_void) -> *mut c_void {
    if block.is_null() {
        Errno::ENOMEM.set();
    }
    block
}

/// Allocates memory, aligned to 16 bytes. Zero bytes are a block of their own.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub extern "C" fn malloc(size: usize) -> *mut c_void {
    tidal_malloc::malloc_body!(malloc_slow)
}

#[cold]
extern "C" fn malloc_slow(size: usize) -> *mut c_void {
    let block = tidal_malloc::slow::malloc(size);
    if let Some(handler) = tidal_malloc::exit_handler() {
        // Without room for one more handler the program goes without its statistics.
        let _ = tidal_crt::exit::at_exit(Handler::Plain(handler));
    }
    block
}

/// Gives memory back; null is nothing. A block that is no block, or not any more, ends the program with one line.
///
/// # Safety
/// The block is null or from this family, and not used any more.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(block: *mut c_void) {
    tidal_malloc::free_body!()
}

/// Allocates zeroed memory for an array.
///
/// # Errors
/// Null and `ENOMEM`, also when the product overflows.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    tidal_malloc::calloc_body!(tidal_malloc::slow::calloc)
}

/// Changes a block's size, moving it if need be.
///
/// # Errors
/// Null and `ENOMEM`; the block stays.
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// The block is null or from this family; it is not used after success.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        return malloc(size);
    }
    if size == 0 {
        // SAFETY: by the caller's contract. glibc frees and returns null.
        unsafe { free(block) };
        return ptr::null_mut();
    }
    // SAFETY: by the caller's contract.
    or_enomem(unsafe { tidal_malloc::reallocate(block, size) })
}

/// As [`realloc`], for an array.
///
/// # Errors
/// Null and `ENOMEM`, also when the product overflows.
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// As [`realloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn reallocarray(block: *mut c_void, count: usize, size: usize) -> *mut c_void {
    match count.checked_mul(size) {
        // SAFETY: by the caller's contract.
        Some(total) => unsafe { realloc(block, total) },
        None => or_enomem(ptr::null_mut()),
    }
}

/// Allocates on a multiple of `align`, a power of two.
///
/// # Errors
/// Null; `EINVAL`, `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
    if !align.is_power_of_two() {
        Errno::EINVAL.set();
        return ptr::null_mut();
    }
    or_enomem(tidal_malloc::allocate_aligned(align, size))
}

/// C11's name for [`memalign`].
///
/// # Errors
/// As [`memalign`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    memalign(align, size)
}

/// POSIX's [`memalign`].
///
/// # Errors
/// Returns `EINVAL` (alignment) or `ENOMEM`; `errno` stays.
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// `result` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_memalign(result: *mut *mut c_void, align: usize, size: usize) -> c_int {
    if !align.is_power_of_two() || !align.is_multiple_of(size_of::<usize>()) {
        return Errno::EINVAL.0;
    }
    let block = tidal_malloc::allocate_aligned(align, size);
    if block.is_null() {
        return Errno::ENOMEM.0;
    }
    // SAFETY: by the caller's contract.
    unsafe { result.write(block) };
    0
}

/// Allocates on a page boundary.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn valloc(size: usize) -> *mut c_void {
    memalign(PAGE, size)
}

/// Bytes that may be used of a block; 0 for null.
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// The block is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc_usable_size(block: *mut c_void) -> usize {
    if block.is_null() {
        return 0;
    }
    // SAFETY: by the caller's contract.
    unsafe { tidal_malloc::usable(block) }
}

/// Allocates whole pages.
///
/// # Errors
/// Null and `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pvalloc(size: usize) -> *mut c_void {
    match size.checked_next_multiple_of(PAGE) {
        Some(size) => memalign(PAGE, size.max(PAGE)),
        None => or_enomem(ptr::null_mut()),
    }
}
