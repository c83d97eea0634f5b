//! Restartable sequences, `rseq(2)`: registration of the area in the block, and the gate.
//!
//! **The gate** is a word of the block that is nonzero exactly while the kernel protects the running task's restartable
//! sequences. `cpu_id >= 0` does not say that: a vfork child runs on its parent's block with the parent's last `cpu_id`,
//! but the kernel has unregistered it, so nothing aborts its sequences. Who is about to enter a sequence looks at the
//! gate first. It is opened after registration, shut by whoever is about to vfork, and put back by the parent.
//! An open gate holds the thread's `lock_id` ([`gate_of`]): a biased lock learns by one load who it is and whether it
//! may. Who opens a gate has set `lock_id` before, and who puts one back puts back the value that was there.
//!
//! Nobody but the kernel writes `cpu_id_start`, `cpu_id`, `node_id` and `mm_cid`: newer kernels kill a task that does.

pub mod sections;

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::auxv::{self, AT_RSEQ_ALIGN, AT_RSEQ_FEATURE_SIZE};
use crate::block::{self, Block};
use crate::errno::Errno;
use crate::{provider, syscall};

/// The signature before every abort handler: `ud1 SIGNATURE(%rip), %edi`, the same as glibc's and librseq's, so that
/// several users of one registration can live in a process.
pub const SIGNATURE: u32 = 0x5305_3053;

/// The area as it was first defined, 32 bytes (`ORIG_RSEQ_SIZE` of `kernel/rseq.c`); every kernel takes that length.
const ORIGINAL_SIZE: usize = 32;
/// Larger areas than the block is laid out for are declined, and the original length is registered.
const LARGEST_ALIGN: usize = 256;

const FLAG_UNREGISTER: u32 = 1;

static AREA_SIZE: AtomicU32 = AtomicU32::new(ORIGINAL_SIZE as u32);
static AREA_ALIGN: AtomicU32 = AtomicU32::new(ORIGINAL_SIZE as u32);
static FILLED_SIZE: AtomicU32 = AtomicU32::new(0);
static RESERVED_SIZE: AtomicU32 = AtomicU32::new(ORIGINAL_SIZE as u32);
#[unsafe(link_section = ".data.tidal_start")]
static FEATURE_SIZE: AtomicU32 = AtomicU32::new(0);

/// Bytes of the area that is registered with the kernel, 0 while none is: glibc's `__rseq_size` is this very word.
#[unsafe(link_section = ".data.tidal_start")]
pub static REGISTERED_SIZE: AtomicU32 = AtomicU32::new(0);

/// Offset just past `flags`: what a kernel without `AT_RSEQ_FEATURE_SIZE` fills.
const FEATURES_BEFORE_NODE_ID: usize = 20;
/// Offset just past `mm_cid`.
const FEATURES_WITH_MM_CID: usize = 28;

/// Reads from the auxiliary vector what area the kernel wants. Called once, at start, by
/// [`crate::provider::choose`].
pub fn init() {
    let feature = auxv::get(AT_RSEQ_FEATURE_SIZE).unwrap_or(FEATURES_BEFORE_NODE_ID);
    let align = auxv::get(AT_RSEQ_ALIGN).unwrap_or(ORIGINAL_SIZE);
    FEATURE_SIZE.store(feature as u32, Relaxed);
    let (size, align) = area_for(feature, align);
    AREA_SIZE.store(size as u32, Relaxed);
    reserve(size, align);
}

/// A KTLS kernel fills `size` bytes, if it takes the offset. The auxiliary vector speaks of areas that threads register;
/// these may be shorter, and then have fewer features.
pub fn set_filled(size: usize) {
    FILLED_SIZE.store(size.min(area_size()) as u32, Relaxed);
}

/// Length of the area that a KTLS kernel fills, in bytes, as far as registered ones have a meaning there.
pub fn filled_size() -> u32 {
    FILLED_SIZE.load(Relaxed)
}

/// Has at least so much room reserved in each block, at a multiple of `align`. Called at start, before
/// [`crate::tls::init`], by the one thread there is.
pub fn reserve(size: usize, align: usize) {
    RESERVED_SIZE.store(reserved_size().max(size) as u32, Relaxed);
    AREA_ALIGN.store(area_align().max(align) as u32, Relaxed);
}

/// The length to register and the alignment to keep, for what a kernel says of itself.
fn area_for(feature_size: usize, align: usize) -> (usize, usize) {
    if align > LARGEST_ALIGN || !align.is_power_of_two() || feature_size <= ORIGINAL_SIZE {
        (ORIGINAL_SIZE, ORIGINAL_SIZE)
    } else {
        (feature_size, align.max(ORIGINAL_SIZE))
    }
}

/// Length of the area that is registered, in bytes.
pub fn area_size() -> usize {
    AREA_SIZE.load(Relaxed) as usize
}

/// Bytes that blocks have for the area and for what the kernel keeps behind it.
pub fn reserved_size() -> usize {
    RESERVED_SIZE.load(Relaxed) as usize
}

/// Alignment of the area, in bytes.
pub fn area_align() -> usize {
    AREA_ALIGN.load(Relaxed) as usize
}

/// Bytes at the start of the area that the kernel keeps up to date.
pub fn feature_size() -> usize {
    let feature = FEATURE_SIZE.load(Relaxed) as usize;
    if provider::is_mainline() { feature } else { feature.min(filled_size() as usize) }
}

/// Whether the kernel keeps `mm_cid`.
#[inline]
pub fn has_mm_cid() -> bool {
    feature_size() >= FEATURES_WITH_MM_CID
}

/// Registers the running thread's area with the kernel.
///
/// # Errors
/// `ENOSYS` (no rseq), `EPERM` (seccomp, or another signature), `EBUSY`, `EINVAL` (another area is registered).
pub fn register(block: &Block) -> Result<(), Errno> {
    // SAFETY: the area lives as long as the thread and is of the size and alignment that the kernel asked for.
    unsafe { syscall!(__NR_rseq, ptr::from_ref(block.rseq()), area_size(), 0u32, SIGNATURE) }.map(drop)
}

/// Unregisters the running thread's area, before its memory goes away.
///
/// # Errors
/// `EINVAL` if it was not registered.
pub fn unregister(block: &Block) -> Result<(), Errno> {
    // SAFETY: as in `register`.
    unsafe { syscall!(__NR_rseq, ptr::from_ref(block.rseq()), area_size(), FLAG_UNREGISTER, SIGNATURE) }
        .map(drop)
}

/// An open gate's value in a block without a `lock_id` yet: it equals nobody's bias.
const OPEN_TO_NO_BIAS: u32 = 0x7fff_ffff;

/// The value that opens the gate of a block: its `lock_id`.
pub fn gate_of(block: &Block) -> u32 {
    match block.ktls.lock_id.load(Relaxed) {
        0 => OPEN_TO_NO_BIAS,
        id => id,
    }
}

/// Whether the kernel protects the running task's sequences.
#[inline(always)]
pub fn gate_open() -> bool {
    let gate: u32;
    // SAFETY: reads a word of the block.
    unsafe {
        core::arch::asm!("mov {0:e}, fs:[{1}]", out(reg) gate, const block::GATE,
            options(readonly, nostack, preserves_flags));
    }
    gate != 0
}

/// The CPU that the thread runs on, if the gate is open.
#[inline]
pub fn cpu() -> Option<u32> {
    gate_open().then(|| block::current().rseq().cpu_id.load(Relaxed))
}

#[cfg(test)]
mod tests {
    use super::{area_for, area_size, filled_size, init, set_filled};

    #[test]
    fn area_follows_the_kernel_and_never_shrinks() {
        assert_eq!(area_for(20, 32), (32, 32));
        assert_eq!(area_for(28, 32), (32, 32));
        assert_eq!(area_for(33, 64), (33, 64));
        assert_eq!(area_for(200, 256), (200, 256));
    }

    #[test]
    fn of_what_a_ktls_kernel_fills_no_more_counts_than_a_registered_area_has() {
        init();
        set_filled(20);
        assert_eq!(filled_size(), 20);
        set_filled(1000);
        assert_eq!(filled_size() as usize, area_size());
    }

    #[test]
    fn an_area_that_does_not_fit_the_block_is_declined() {
        assert_eq!(area_for(600, 1024), (32, 32));
        assert_eq!(area_for(40, 48), (32, 32));
    }
}
