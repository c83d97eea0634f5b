//! Rust's door to the allocator: `#[global_allocator] static HEAP: tidal_malloc::Malloc = tidal_malloc::Malloc;`

use core::alloc::{GlobalAlloc, Layout};

use crate::api;

/// The global allocator for programs on Tidal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Malloc;

/// What every block is aligned to.
const ALIGN: usize = 16;

// SAFETY: blocks are as large and as aligned as asked for, belong to nobody else, and stay until they are released.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            api::allocate(layout.size()).cast()
        } else {
            api::allocate_aligned(layout.align(), layout.size()).cast()
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            return api::allocate_zeroed(layout.size()).cast();
        }
        // SAFETY: by the caller's contract.
        let block = unsafe { self.alloc(layout) };
        if !block.is_null() {
            // SAFETY: a block of that size.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: by the caller's contract.
        unsafe { api::release(block.cast()) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= ALIGN {
            // SAFETY: by the caller's contract.
            return unsafe { api::reallocate(block.cast(), size) }.cast();
        }
        let new = api::allocate_aligned(layout.align(), size).cast::<u8>();
        if !new.is_null() {
            // SAFETY: both are live and that long.
            unsafe {
                core::ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                api::release(block.cast());
            }
        }
        new
    }
}
