//! The auxiliary vector that the kernel put above the environment; see `getauxval(3)`.

use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

pub use linux_raw_sys::auxvec::{
    AT_BASE, AT_CLKTCK, AT_ENTRY, AT_EXECFN, AT_HWCAP, AT_HWCAP2, AT_NULL, AT_PAGESZ, AT_PHDR, AT_PHENT,
    AT_PHNUM, AT_PLATFORM, AT_RANDOM, AT_SECURE, AT_SYSINFO_EHDR,
};

/// Bytes of the rseq area that the kernel fills (`include/uapi/linux/auxvec.h`, since 6.3).
pub const AT_RSEQ_FEATURE_SIZE: u32 = 27;
/// Alignment that the kernel wants of the rseq area, in bytes.
pub const AT_RSEQ_ALIGN: u32 = 28;

/// One entry, `Elf64_auxv_t`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    /// An `AT_` number.
    pub kind: u64,
    /// Its value.
    pub value: usize,
}

#[unsafe(link_section = ".data.tidal_start")]
static VECTOR: AtomicPtr<Entry> = AtomicPtr::new(core::ptr::null_mut());

/// Remembers the vector. Called once, at start.
///
/// # Safety
/// `vector` ends with an `AT_NULL` entry and stays for the life of the process.
pub unsafe fn init(vector: *mut Entry) {
    VECTOR.store(vector, Relaxed);
}

/// The whole vector, without its `AT_NULL`; empty before [`init`].
pub fn entries() -> impl Iterator<Item = Entry> {
    let mut at: *const Entry = VECTOR.load(Relaxed);
    core::iter::from_fn(move || {
        if at.is_null() {
            return None;
        }
        // SAFETY: `init`'s contract; iteration stops at AT_NULL.
        let entry = unsafe { *at };
        if entry.kind == u64::from(AT_NULL) {
            return None;
        }
        // SAFETY: the entry was not the last.
        at = unsafe { at.add(1) };
        Some(entry)
    })
}

/// The value of an entry, if the kernel gave it.
#[inline(never)]
pub fn get(kind: u32) -> Option<usize> {
    entries().find(|e| e.kind == u64::from(kind)).map(|e| e.value)
}

/// Whether the program runs with privileges that its caller lacks (set-user-ID and the like).
pub fn is_secure() -> bool {
    get(AT_SECURE).unwrap_or(0) != 0
}
