//! What a running program may change: `mallopt(3)` without its numbers.

use core::ptr;

use crate::slow::{self, Block};
use crate::{collect, options, percpu};

/// From now on new blocks are filled with the complement of a byte and freed ones with the byte, except that large blocks
/// keep what is in them when they are freed; or no longer. Meanwhile every block goes the slow way: fast paths do not fill.
pub fn fill(byte: Option<u8>) {
    // Whoever starts malloc lets CPUs keep objects: that must be over.
    slow::secret();
    options::set_fill(byte);
    if options::caching() {
        percpu::open();
    } else {
        percpu::close();
        collect::exclusively(collect::empty_cpus);
    }
}

/// Memory goes back to the kernel by itself only when so many bytes have become idle.
pub fn trim_threshold(bytes: usize) {
    collect::set_worthwhile(bytes);
}

/// Fills a new block, if that is wanted.
pub(crate) fn fill_new(block: Block, size: usize) {
    if let Some(byte) = options::fill() {
        write(block.address, size, !byte);
    }
}

/// Fills a block that its owner gave up, if that is wanted.
pub(crate) fn fill_freed(address: usize, size: usize) {
    if let Some(byte) = options::fill() {
        write(address, size, byte);
    }
}

#[cold]
fn write(address: usize, size: usize, byte: u8) {
    // SAFETY: a block of that size, which belongs to the caller.
    unsafe { ptr::with_exposed_provenance_mut::<u8>(address).write_bytes(byte, size) };
}
