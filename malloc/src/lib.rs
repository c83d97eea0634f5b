//! The memory allocator. For now the plainest one that is correct: powers of two, one lock; the real one replaces it.
#![cfg_attr(not(test), no_std)]

use core::ptr;

use tidal_rt::lock::RawLock;
use tidal_rt::sys::memory::{self, Prot};

const HEADER: usize = 16;
const CHUNK: usize = 1 << 20;

struct Heap {
    lists: [*mut u8; 64],
    next: usize,
    end: usize,
}

static LOCK: RawLock = RawLock::new();
static mut HEAP: Heap = Heap { lists: [ptr::null_mut(); 64], next: 0, end: 0 };

/// Allocates `size` bytes on a multiple of `align` (a power of two); null when there are none.
pub fn allocate(size: usize, align: usize) -> *mut u8 {
    let align = align.max(HEADER);
    let Some(total) = size.checked_add(HEADER + align).filter(|&t| t < 1 << 46) else {
        return ptr::null_mut();
    };
    let class = total.next_power_of_two().max(64).trailing_zeros() as usize;
    let block = take(class);
    if block.is_null() {
        return block;
    }
    let user = (block as usize + HEADER).next_multiple_of(align);
    let user = block.wrapping_add(user - block as usize);
    // SAFETY: the header lies between the block's start and the user's part.
    unsafe {
        user.sub(16).cast::<usize>().write(class);
        user.sub(8).cast::<*mut u8>().write(block);
    }
    user
}

fn take(class: usize) -> *mut u8 {
    let size = 1usize << class;
    if size >= CHUNK {
        return memory::map_anonymous(size, Prot::READ | Prot::WRITE).map_or(ptr::null_mut(), |p| p.cast());
    }
    LOCK.lock();
    let heap = &raw mut HEAP;
    // SAFETY: as above.
    let heap = unsafe { &mut *heap };
    let mut block = heap.lists[class];
    if !block.is_null() {
        // SAFETY: a free block starts with the link.
        heap.lists[class] = unsafe { block.cast::<*mut u8>().read() };
    } else {
        if heap.end - heap.next < size {
            let chunk = memory::map_anonymous(CHUNK, Prot::READ | Prot::WRITE).map_or(0, |p| p as usize);
            (heap.next, heap.end) = (chunk, if chunk == 0 { 0 } else { chunk + CHUNK });
        }
        if heap.end - heap.next >= size {
            block = heap.next as *mut u8;
            heap.next += size;
        }
    }
    // SAFETY: taken above.
    unsafe { LOCK.unlock() };
    block
}

/// Bytes that may be used of a block.
///
/// # Safety
/// The block is from [`allocate`] and live.
pub unsafe fn usable(user: *mut u8) -> usize {
    // SAFETY: the header is in front.
    let (class, block) =
        unsafe { (user.sub(16).cast::<usize>().read(), user.sub(8).cast::<*mut u8>().read()) };
    (1usize << class) - (user as usize - block as usize)
}

/// Gives a block back.
///
/// # Safety
/// The block is from [`allocate`], live, and not used any more.
pub unsafe fn release(user: *mut u8) {
    // SAFETY: the header is in front.
    let (class, block) =
        unsafe { (user.sub(16).cast::<usize>().read(), user.sub(8).cast::<*mut u8>().read()) };
    if 1usize << class >= CHUNK {
        // SAFETY: a mapping of its own.
        let _ = unsafe { memory::unmap(block.cast(), 1 << class) };
        return;
    }
    LOCK.lock();
    // SAFETY: the lock is held, the block is ours.
    unsafe {
        let heap = &raw mut HEAP;
        let heap = &mut *heap;
        block.cast::<*mut u8>().write(heap.lists[class]);
        heap.lists[class] = block;
        LOCK.unlock();
    }
}
