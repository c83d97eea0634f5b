//! `<ktls.h>`: the layout of the block, for whoever wants to read it; and the symbols by which librseq and tcmalloc find
//! the registered rseq area.

use core::ffi::{CStr, c_char, c_int, c_uint};

use tidal_rt::{block, identity, provider, rseq, tls};

/// The rseq area's offset from the thread pointer, in bytes (`<sys/rseq.h>`).
#[unsafe(no_mangle)]
pub static __rseq_offset: isize = block::RSEQ as isize;

/// Flags of the registration (`<sys/rseq.h>`): none.
#[unsafe(no_mangle)]
pub static __rseq_flags: c_uint = 0;

// `__rseq_size` is what is registered: 0 without rseq. rt keeps it; the C name is another name for that word.
core::arch::global_asm!(
    ".globl __rseq_size",
    ".set __rseq_size, {size}",
    size = sym rseq::REGISTERED_SIZE,
);

// What `<ktls.h>`'s inline `ktls_tid` reads.
core::arch::global_asm!(
    ".globl __ktls_tid_offset",
    ".set __ktls_tid_offset, {offset}",
    offset = sym identity::TID_OFFSET,
);

// The header's constants.
const _: () = {
    assert!(block::ERRNO == 0x80 && block::LOCK_ID == 0x88 && block::GATE == 0x8c);
    assert!(block::FLAGS == 0x90 && block::RSEQ == 0x400 && block::CPU_ID == block::RSEQ + 4);
};

/// Version of the block's layout. Fields are only ever added.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_version() -> c_uint {
    block::VERSION
}

/// Size of the block in bytes, with the rseq area that this kernel asked for.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_size() -> usize {
    tls::block_size()
}

/// Offset of the block from the thread pointer in bytes: 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_offset() -> isize {
    0
}

/// Who maintains the block: `"mainline"` or `"ktls"`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_provider() -> *const c_char {
    provider::current().name.as_ptr()
}

/// Why Tidal did without a kernel's KTLS although the kernel has it; null if it has none, or if it serves.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_declined() -> *const c_char {
    provider::declined().map_or(core::ptr::null(), CStr::as_ptr)
}

/// The fields that can be asked for, numbered as in `<ktls.h>`.
fn field(number: c_int) -> Option<(isize, usize)> {
    let (offset, size) = match number {
        0 => (block::ERRNO, 4),
        1 => (identity::tid_offset(), 4),
        2 => (block::LOCK_ID, 4),
        3 => (block::GATE, 4),
        4 => (block::FLAGS, 4),
        5 => (block::ROBUST, size_of::<block::RobustList>()),
        6 => (block::RSEQ, rseq::area_size()),
        7 => (block::CPU_ID, 4),
        8 => (block::NODE_ID, 4),
        9 => (block::MM_CID, 4),
        _ => return None,
    };
    // What the kernel does not fill is not there.
    let kept = match number {
        8 => rseq::feature_size() >= block::NODE_ID - block::RSEQ + 4,
        9 => rseq::has_mm_cid(),
        _ => true,
    };
    kept.then_some((offset as isize, size))
}

/// Offset of a field from the thread pointer in bytes; -1 if this block or this kernel has no such field.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_field_offset(number: c_int) -> isize {
    field(number).map_or(-1, |f| f.0)
}

/// Size of a field in bytes; 0 if there is no such field.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn ktls_field_size(number: c_int) -> usize {
    field(number).map_or(0, |f| f.1)
}
