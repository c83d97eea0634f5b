//! The C heap as the other files use it.
//!
//! Memory that a C function hands out must suit the program's `free`, and the program may bring its own allocator: so
//! these are calls of the *symbols*, which the linker binds to whichever allocator the program has.

use core::ffi::c_void;
use core::ptr::NonNull;

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn realloc(memory: *mut c_void, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
}

/// Memory of `malloc`, or nothing when there is none.
pub fn allocate(size: usize) -> Option<NonNull<c_void>> {
    // SAFETY: `malloc` takes any size.
    NonNull::new(unsafe { malloc(size) })
}

/// Memory grown or shrunk by `realloc`; null memory is allocated.
///
/// # Safety
/// `memory` is null or from the C heap, and is not used after success.
pub unsafe fn resize(memory: *mut c_void, size: usize) -> Option<NonNull<c_void>> {
    // SAFETY: by the caller's contract.
    NonNull::new(unsafe { realloc(memory, size) })
}

/// Gives memory back; null is nothing.
///
/// # Safety
/// `memory` is null or from the C heap, and is not used any more.
pub unsafe fn release<T>(memory: *mut T) {
    // SAFETY: by the caller's contract.
    unsafe { free(memory.cast()) }
}
