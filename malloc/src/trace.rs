//! A trace of allocations against a model: what proptest and the fuzzer share. Contents, alignment, usable sizes and the
//! distinctness of live blocks are checked; at the end the whole heap is.

extern crate std;

use core::ffi::c_void;
use std::vec::Vec;

use crate::glue;

/// One step. Sizes and slots are cut to what the model has.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// `malloc`.
    Allocate(u16, u32),
    /// `calloc`.
    Zeroed(u16, u32),
    /// `memalign` on `16 << n`.
    Aligned(u16, u32, u8),
    /// `realloc`.
    Resize(u16, u32),
    /// `free`.
    Release(u16),
    /// From now on as a vfork child, or not.
    Vfork(bool),
    /// `malloc_trim`.
    Trim,
}

const SLOTS: usize = 64;
const LARGEST: u32 = 3 << 20;

struct Live {
    block: *mut c_void,
    size: usize,
    fill: u8,
}

impl Live {
    fn new(block: *mut c_void, size: usize, align: usize, fill: u8) -> Live {
        assert!(!block.is_null(), "no {size} bytes");
        assert!(block.addr().is_multiple_of(align), "{size} bytes are not on {align}");
        // SAFETY: the block is live.
        assert!(unsafe { crate::usable(block) } >= size);
        let live = Live { block, size, fill };
        // SAFETY: the block has that size.
        unsafe { block.cast::<u8>().write_bytes(fill, size) };
        live
    }

    fn check(&self, up_to: usize, fill: u8) {
        // SAFETY: the block has that size, and was filled.
        let bytes = unsafe { core::slice::from_raw_parts(self.block.cast::<u8>(), up_to) };
        // Each byte is the one before it: a comparison of slices, because a loop takes most of a fuzzer's time.
        let same = bytes.is_empty() || bytes[0] == fill && bytes[1..] == bytes[..bytes.len() - 1];
        assert!(same, "a block of {} bytes was changed", self.size);
    }

    fn release(self) {
        self.check(self.size, self.fill);
        // SAFETY: live, and forgotten here.
        unsafe { crate::release(self.block) };
    }
}

fn cut(size: u32) -> usize {
    // Small sizes are the more interesting ones.
    (match size >> 29 {
        0 => size % LARGEST,
        1..4 => size % 40_000,
        _ => size % 600,
    }) as usize
}

/// Runs a trace; panics where it goes wrong.
pub fn run(steps: &[Step]) {
    let mut slots: Vec<Option<Live>> = (0..SLOTS).map(|_| None).collect();
    for (n, step) in steps.iter().enumerate() {
        let fill = n as u8 | 1;
        match *step {
            Step::Allocate(slot, size) => {
                let block = crate::allocate(cut(size));
                replace(&mut slots, slot, Live::new(block, cut(size), 16, fill));
            }
            Step::Zeroed(slot, size) => {
                let block = crate::allocate_zeroed(cut(size));
                Live { block, size: cut(size), fill: 0 }.check(cut(size), 0);
                replace(&mut slots, slot, Live::new(block, cut(size), 16, fill));
            }
            Step::Aligned(slot, size, shift) => {
                let align = 16 << (shift % 18);
                let block = crate::allocate_aligned(align, cut(size));
                replace(&mut slots, slot, Live::new(block, cut(size), align, fill));
            }
            Step::Resize(slot, size) => {
                if let Some(old) = slots[slot as usize % SLOTS].take() {
                    let new_size = cut(size).max(1);
                    // SAFETY: live, and only the result is used from here on.
                    let block = unsafe { crate::reallocate(old.block, new_size) };
                    let kept = Live { block, size: new_size, fill: old.fill };
                    kept.check(old.size.min(new_size), old.fill);
                    slots[slot as usize % SLOTS] = Some(Live::new(block, new_size, 16, fill));
                }
            }
            Step::Release(slot) => {
                if let Some(live) = slots[slot as usize % SLOTS].take() {
                    live.release();
                }
            }
            Step::Vfork(is) => glue::pretend_vfork_child(is),
            Step::Trim => {
                crate::trim();
            }
        }
    }
    slots.into_iter().flatten().for_each(Live::release);
    glue::pretend_vfork_child(false);
    crate::check();
}

fn replace(slots: &mut [Option<Live>], slot: u16, live: Live) {
    let start = live.block.addr();
    for other in slots.iter().flatten() {
        let from = other.block.addr();
        assert!(start + live.size <= from || from + other.size <= start, "two blocks share bytes");
    }
    if let Some(old) = slots[slot as usize % SLOTS].replace(live) {
        old.release();
    }
}
