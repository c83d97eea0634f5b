//! What a running program may change: `mallopt(3)` without its numbers.

use core::ptr;
use core::sync::atomic::{Ordering::SeqCst, fence};

use crate::slow;
use crate::supply::Block;
use crate::{collect, options, percpu};

/// From now on new blocks are filled with the complement of a byte and freed ones with the byte, except that large blocks
/// keep what is in them when they are freed; or no longer. Meanwhile every block goes the slow way: fast paths do not fill.
pub fn fill(byte: Option<u8>) {
    // Without a secret CPUs may keep nothing.
    slow::secret();
    options::set_fill(byte);
    follow_options();
    if !options::caching() {
        // Where another task is giving memory back, or in a vfork child, objects stay with the CPUs: out of use, until
        // CPUs may keep objects again or a `malloc_trim` comes.
        collect::exclusively(collect::empty_cpus);
    }
}

/// Lets CPUs keep objects, or no longer, as the options say; whoever changes them calls it afterwards. Several tasks may be
/// here at once, and one may sleep between looking and doing: so each looks again. Of all, the last to open or close finds
/// what every other one had changed before it opened or closed, and the fences are what makes it find that.
pub(crate) fn follow_options() {
    loop {
        fence(SeqCst);
        let caching = options::caching();
        if caching {
            percpu::open();
        } else {
            percpu::close();
        }
        fence(SeqCst);
        if options::caching() == caching {
            return;
        }
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
