//! The allocation functions beside `malloc` and `free`, without C's manners.

use core::ffi::c_void;
use core::ptr;

use crate::slow;
use crate::supply::Block;
use crate::{class, large, options, pagemap, report, tune};

/// `malloc`, for callers that do not need the C symbol. Null and `ENOMEM` when there is no memory.
#[cfg(not(any(test, feature = "host")))]
#[unsafe(naked)]
pub extern "C" fn allocate(size: usize) -> *mut c_void {
    crate::malloc_body!(slow::malloc)
}

/// `free`, for callers that do not need the C symbol.
///
/// # Safety
/// The block is null or from this crate, and not used any more.
#[cfg(not(any(test, feature = "host")))]
#[unsafe(naked)]
pub unsafe extern "C" fn release(block: *mut c_void) {
    crate::free_body!()
}

/// Without Tidal's block there are no fast paths.
#[cfg(any(test, feature = "host"))]
pub extern "C" fn allocate(size: usize) -> *mut c_void {
    slow::malloc(size)
}

/// Without Tidal's block there are no fast paths.
///
/// # Safety
/// The block is null or from this crate, and not used any more.
#[cfg(any(test, feature = "host"))]
pub unsafe extern "C" fn release(block: *mut c_void) {
    // SAFETY: by the caller's contract.
    unsafe { slow::free(block) };
}

fn pointer(block: Option<Block>) -> *mut c_void {
    block.map_or(ptr::null_mut(), |b| ptr::with_exposed_provenance_mut(b.address))
}

/// From here on a block that is known to be zero is worth the slow path's price.
const ZERO_KNOWN: usize = 4096;

/// Zeroed memory; null when there is none.
#[inline]
pub fn allocate_zeroed(size: usize) -> *mut c_void {
    if size < ZERO_KNOWN {
        let block = allocate(size);
        if !block.is_null() {
            // SAFETY: a block of that size.
            unsafe { block.write_bytes(0, size) };
        }
        return block;
    }
    zeroed_slow(size)
}

#[cold]
fn zeroed_slow(size: usize) -> *mut c_void {
    let block = slow::allocate(size);
    if let Some(Block { address, zeroed: false }) = block {
        // SAFETY: a block of that size.
        unsafe { ptr::with_exposed_provenance_mut::<u8>(address).write_bytes(0, size) };
    }
    pointer(block)
}

/// Memory on a multiple of `align`, a power of two; null when there is none.
pub fn allocate_aligned(align: usize, size: usize) -> *mut c_void {
    if align <= 16 {
        return allocate(size);
    }
    let block = match slow::guarded(size, align) {
        Some(block) => Some(block),
        None => match class::aligned(size, align) {
            0 => large::allocate(size, align),
            class => return allocate(class::size(class)),
        },
    };
    if let Some(block) = block {
        tune::fill_new(block, size);
    }
    pointer(block)
}

/// Bytes that may be used of a block.
///
/// # Safety
/// The block is live and from this crate.
pub unsafe fn usable(block: *mut c_void) -> usize {
    let address = block.expose_provenance();
    match pagemap::class_at(address) {
        0 => large::usable(address).unwrap_or_else(|| report::foreign(address)),
        class => class::size(class),
    }
}

/// From this size on a block that grows by little moves to pages of its own.
const APPENDED: usize = 32 << 10;

/// Gives a block another size; null when there is no memory, and the block stays.
///
/// # Safety
/// The block is live and from this crate; it is not used after success.
pub unsafe fn reallocate(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: by the caller's contract.
    let old = unsafe { usable(block) };
    // A guarded block moves, so that its end is where the inaccessible page is.
    if size <= old && size > old / 2 && !options::guard() {
        return block;
    }
    let address = block.expose_provenance();
    let is_large = pagemap::class_at(address) == 0;
    if is_large
        && !options::guard()
        && size > APPENDED
        && let Some(at) = large::resize(address, size)
    {
        return ptr::with_exposed_provenance_mut(at);
    }
    let grows_by_little = !is_large && old >= APPENDED && size > old && size - old <= old / 4;
    let new = if grows_by_little { pointer(large::allocate(size, 1)) } else { allocate(size) };
    if new.is_null() {
        // What is there is enough when it was to shrink.
        return if size <= old { block } else { new };
    }
    // SAFETY: both are live and that long; the old one is the caller's to give.
    unsafe {
        ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast(), old.min(size));
        release(block);
    }
    new
}
