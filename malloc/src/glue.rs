//! The one door to the runtime core. With `cfg(test)` or the feature `host` there is no block at the thread pointer, and
//! a thread-local stands in for it: then the gate is shut for ever.

use tidal_rt::block;
use tidal_rt::sys::memory::{self, PAGE, Prot};
use tidal_rt::syscall;

pub(crate) use tidal_rt::rseq::SIGNATURE;

pub(crate) const GATE: usize = block::GATE;
pub(crate) const RSEQ_CS: usize = block::RSEQ_CS;
pub(crate) const CPU_ID: usize = block::CPU_ID;
pub(crate) const MM_CID: usize = block::MM_CID;

/// Fresh zeroed memory, by address.
pub(crate) fn map(length: usize) -> Option<usize> {
    memory::map_anonymous(length, Prot::READ | Prot::WRITE).ok().map(|p| p.expose_provenance())
}

/// As [`map`], on a multiple of `align`, a power of two above the page size.
pub(crate) fn map_aligned(length: usize, align: usize) -> Option<usize> {
    aligned(length, align, Prot::READ | Prot::WRITE)
}

/// As [`map_aligned`], but inaccessible.
pub(crate) fn reserve_aligned(length: usize, align: usize) -> Option<usize> {
    aligned(length, align, Prot::empty())
}

fn aligned(length: usize, align: usize, prot: Prot) -> Option<usize> {
    let room = length.checked_add(align - PAGE)?;
    let start = memory::map_anonymous(room, prot).ok()?.expose_provenance();
    let aligned = start.next_multiple_of(align);
    // SAFETY: the ends of a mapping just made, which nobody uses.
    unsafe {
        if aligned != start {
            unmap(start, aligned - start);
        }
        if aligned - start + length != room {
            unmap(aligned + length, room - length - (aligned - start));
        }
    }
    Some(aligned)
}

/// Lets pages be read and written. False when there are too many mappings for that.
#[must_use]
pub(crate) fn make_accessible(start: usize, length: usize) -> bool {
    let start = core::ptr::with_exposed_provenance_mut(start);
    // SAFETY: forbids nothing.
    unsafe { memory::protect(start, length, Prot::READ | Prot::WRITE) }.is_ok()
}

/// Gives pages' memory back and forbids every access to them.
///
/// # Safety
/// They are the caller's, and nobody needs what is in them.
pub(crate) unsafe fn make_inaccessible(start: usize, length: usize) {
    // SAFETY: by the caller's contract. What stays accessible for want of mappings is zero at least.
    unsafe {
        forget(start, length);
        let _ = memory::protect(core::ptr::with_exposed_provenance_mut(start), length, Prot::empty());
    }
}

/// Gives pages back. False when there are too many mappings to split one more: then only their memory went back.
///
/// # Safety
/// They are the caller's, and nobody uses them any more.
pub(crate) unsafe fn unmap(start: usize, length: usize) -> bool {
    // SAFETY: by the caller's contract.
    let done = unsafe { memory::unmap(core::ptr::with_exposed_provenance_mut(start), length) }.is_ok();
    if !done {
        // SAFETY: as above.
        unsafe { forget(start, length) };
    }
    done
}

/// Gives pages' memory back; they read as zero then.
///
/// # Safety
/// Nobody needs what is in them.
pub(crate) unsafe fn forget(start: usize, length: usize) {
    let start = core::ptr::with_exposed_provenance_mut(start);
    // SAFETY: by the caller's contract.
    let _ = unsafe { memory::advise(start, length, linux_raw_sys::general::MADV_DONTNEED) };
}

/// Lets the kernel take pages' memory when it is short of it, as long as nobody writes to them.
///
/// # Safety
/// Nobody needs what is in them.
pub(crate) unsafe fn offer(start: usize, length: usize) {
    let start = core::ptr::with_exposed_provenance_mut(start);
    // SAFETY: by the caller's contract.
    let _ = unsafe { memory::advise(start, length, linux_raw_sys::general::MADV_FREE) };
}

/// Grows or shrinks pages, moving them where that must be.
///
/// # Safety
/// They are the caller's, and pointers into them are not used after a move.
pub(crate) unsafe fn remap(start: usize, old: usize, new: usize) -> Option<usize> {
    let start = core::ptr::with_exposed_provenance_mut(start);
    // SAFETY: by the caller's contract.
    unsafe { memory::remap(start, old, new, true) }.ok().map(|p| p.expose_provenance())
}

pub(crate) fn huge_pages(start: usize, length: usize) {
    let start = core::ptr::with_exposed_provenance_mut(start);
    // SAFETY: changes how pages are backed, not what they hold.
    let _ = unsafe { memory::advise(start, length, linux_raw_sys::general::MADV_HUGEPAGE) };
}

pub(crate) fn no_huge_pages(start: usize, length: usize) {
    let start = core::ptr::with_exposed_provenance_mut(start);
    // SAFETY: changes how pages are backed, not what they hold.
    let _ = unsafe { memory::advise(start, length, linux_raw_sys::general::MADV_NOHUGEPAGE) };
}

/// An upper bound of CPU numbers: the kernel copies as many bytes as its masks have.
pub(crate) fn cpus() -> usize {
    let mut mask = [0u64; 1024];
    // SAFETY: the mask is live and that long.
    unsafe { syscall!(__NR_sched_getaffinity, 0u32, size_of_val(&mask), mask.as_mut_ptr()) }
        .map_or(usize::MAX, |bytes| bytes * 8)
}

pub(crate) fn pid() -> u32 {
    tidal_rt::sys::process::getpid()
}

/// Milliseconds of a coarse clock that never goes back.
pub(crate) fn now() -> u64 {
    #[cfg(not(any(test, feature = "host")))]
    {
        let clock = linux_raw_sys::general::CLOCK_MONOTONIC_COARSE as core::ffi::c_int;
        tidal_rt::vdso::clock_gettime(clock)
            .map_or(0, |t| t.tv_sec as u64 * 1000 + t.tv_nsec as u64 / 1_000_000)
    }
    #[cfg(any(test, feature = "host"))]
    clock()
}

pub(crate) use place::*;

#[cfg(not(any(test, feature = "host")))]
mod place {
    use core::ffi::CStr;
    use core::sync::atomic::Ordering::Relaxed;

    use tidal_rt::{Errno, auxv, block, identity, membarrier, message, rseq, startup};

    pub(crate) fn gate_open() -> bool {
        rseq::gate_open()
    }

    pub(crate) fn in_vfork_child() -> bool {
        identity::is_vfork_child()
    }

    pub(crate) fn shard() -> u32 {
        block::current().runtime.malloc_shard.load(Relaxed)
    }

    pub(crate) fn set_shard(shard: u32) {
        block::current().runtime.malloc_shard.store(shard, Relaxed);
    }

    pub(crate) fn set_enomem() {
        Errno::ENOMEM.set();
    }

    pub(crate) fn has_mm_cid() -> bool {
        rseq::has_mm_cid()
    }

    pub(crate) fn restart_sequences() -> bool {
        (membarrier::rseq_available() || membarrier::register_rseq()) && membarrier::restart_sequences()
    }

    /// The same random number every time.
    pub(crate) fn random() -> u64 {
        let abi = &block::current().abi;
        let guard = abi.pointer_guard.get() as u64;
        guard ^ (abi.canary.get() as u64).rotate_left(29)
    }

    /// What `TIDAL_MALLOC` says, unless the program runs with privileges of its file's.
    pub(crate) fn options() -> &'static [u8] {
        let mut entry = startup::ENVIRON.load(Relaxed);
        if entry.is_null() || auxv::is_secure() {
            return b"";
        }
        // SAFETY: the environment is a null-terminated array of strings that stay.
        unsafe {
            while !(*entry).is_null() {
                if let Some(value) = CStr::from_ptr(*entry).to_bytes().strip_prefix(b"TIDAL_MALLOC=") {
                    return value;
                }
                entry = entry.add(1);
            }
        }
        b""
    }

    pub(crate) fn fatal(what: &str, address: usize, why: &str) -> ! {
        let mut digits = [0; 18];
        let address = message::hex(address as u64, &mut digits);
        message::fatal_with(&[what.as_bytes(), address, why.as_bytes()])
    }

    pub(crate) fn say(pieces: &[&[u8]]) {
        message::line(pieces);
    }
}

#[cfg(any(test, feature = "host"))]
mod place {
    extern crate std;

    use std::cell::Cell;

    std::thread_local! {
        static SHARD: Cell<u32> = const { Cell::new(0) };
        static VFORKED: Cell<bool> = const { Cell::new(false) };
        static NOW: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn gate_open() -> bool {
        false
    }

    pub(crate) fn in_vfork_child() -> bool {
        VFORKED.get()
    }

    /// Makes the calling thread go the way of a vfork child.
    pub fn pretend_vfork_child(is: bool) {
        VFORKED.set(is);
    }

    /// What the calling thread's clock says.
    pub(crate) fn clock() -> u64 {
        NOW.get()
    }

    /// Sets the calling thread's clock.
    #[cfg(test)]
    pub(crate) fn set_clock(milliseconds: u64) {
        NOW.set(milliseconds);
    }

    pub(crate) fn shard() -> u32 {
        SHARD.get()
    }

    pub(crate) fn set_shard(shard: u32) {
        SHARD.set(shard);
    }

    pub(crate) fn set_enomem() {}

    pub(crate) fn has_mm_cid() -> bool {
        false
    }

    pub(crate) fn restart_sequences() -> bool {
        false
    }

    pub(crate) fn random() -> u64 {
        0x1234_5678_9abc_def1
    }

    pub(crate) fn options() -> &'static [u8] {
        b""
    }

    pub(crate) fn fatal(what: &str, address: usize, why: &str) -> ! {
        panic!("{what}{address:#x}{why}");
    }

    pub(crate) fn say(pieces: &[&[u8]]) {
        for piece in pieces {
            std::eprint!("{}", std::string::String::from_utf8_lossy(piece));
        }
        std::eprintln!();
    }
}
