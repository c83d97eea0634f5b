//! Where a thread's TLS image and block lie in memory.
//!
//! ```text
//!   area start                 thread pointer, aligned for TLS, block and rseq
//!   │ (pad) │ TLS image, .tdata then zeros │ Block … rseq area │ room of the caller's │
//! ```
//!
//! x86-64 uses TLS variant II: the linker addresses thread-local variables at negative offsets from the thread pointer.

use core::mem::{align_of, size_of};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::block::{self, Block};
use crate::rseq;

#[unsafe(link_section = ".data.tidal_start")]
static IMAGE: AtomicUsize = AtomicUsize::new(0);
#[unsafe(link_section = ".data.tidal_start")]
static FILE_SIZE: AtomicUsize = AtomicUsize::new(0);
#[unsafe(link_section = ".data.tidal_start")]
static BELOW: AtomicUsize = AtomicUsize::new(0);
static ALIGN: AtomicUsize = AtomicUsize::new(align_of::<Block>());

/// The program's `PT_TLS` segment.
#[derive(Clone, Copy)]
pub struct Segment {
    /// Where its initial contents lie in memory.
    pub image: usize,
    /// Bytes of initial contents.
    pub file_size: usize,
    /// Bytes in all; the rest is zero.
    pub memory_size: usize,
    /// Its alignment, a power of two.
    pub align: usize,
    /// Its address in the file's own terms, which alignment is counted from.
    pub virtual_address: usize,
}

/// Remembers the TLS segment and the rseq area's alignment. Called once, at start, by one thread.
pub fn init(segment: Option<Segment>) {
    let mut align = align_of::<Block>().max(rseq::area_align());
    if let Some(s) = segment {
        let segment_align = s.align.max(1);
        IMAGE.store(s.image, Relaxed);
        FILE_SIZE.store(s.file_size, Relaxed);
        // The linker puts the thread pointer at the segment's end, rounded up to its alignment.
        BELOW.store(
            (s.virtual_address + s.memory_size).next_multiple_of(segment_align) - s.virtual_address,
            Relaxed,
        );
        align = align.max(segment_align);
    }
    ALIGN.store(align, Relaxed);
}

/// Bytes of TLS below the thread pointer.
pub fn size_below() -> usize {
    BELOW.load(Relaxed)
}

/// What the thread pointer is a multiple of, in bytes.
pub fn align() -> usize {
    ALIGN.load(Relaxed)
}

/// Bytes from the thread pointer to the end of the rseq area and what the kernel keeps behind it.
pub fn block_size() -> usize {
    (block::RSEQ + rseq::reserved_size()).next_multiple_of(align_of::<Block>()).max(size_of::<Block>())
}

/// Bytes that an area for a thread needs at most, wherever it starts.
pub fn area_size() -> usize {
    size_below() + align() + block_size()
}

/// Lays out TLS and block in a zeroed area: the first possible thread pointer in it.
///
/// # Safety
/// `area` is zeroed memory of at least [`area_size`] bytes that nobody else uses. The block is not yet prepared.
pub unsafe fn lay_out(area: *mut u8) -> *mut Block {
    let address = (area as usize + size_below()).next_multiple_of(align());
    // SAFETY: inside the area, by `area_size`.
    let tp = unsafe { area.add(address - area as usize) };
    // SAFETY: as above.
    unsafe { copy_image(tp) };
    tp.cast()
}

/// Writes the TLS image below a thread pointer; the zero part must be zero already.
///
/// # Safety
/// [`size_below`] bytes below `tp` are zeroed memory of the caller's.
pub unsafe fn copy_image(tp: *mut u8) {
    let size = FILE_SIZE.load(Relaxed);
    if size != 0 {
        let image = ptr::with_exposed_provenance::<u8>(IMAGE.load(Relaxed));
        // SAFETY: the image is the program's own segment; the target is the caller's word.
        unsafe { ptr::copy_nonoverlapping(image, tp.sub(size_below()), size) };
    }
}
