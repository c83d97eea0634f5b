//! The first thread's TLS and block.

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::ptr;

use linux_raw_sys::elf::{Elf_Phdr, PT_TLS};
use linux_raw_sys::general::ARCH_SET_FS;
use tidal_rt::block::Block;
use tidal_rt::sys::memory::{self, Prot};
use tidal_rt::{auxv, message, provider, syscall, tls};

/// Room for a program with little thread-local data, which spares it a system call.
const ROOM: usize = size_of::<Block>() + 512;

#[repr(C, align(64))]
struct Area(UnsafeCell<[u8; ROOM]>);

// SAFETY: used once, at start, by the one thread there is.
unsafe impl Sync for Area {}

static AREA: Area = Area(UnsafeCell::new([0; ROOM]));

/// Lays out the first thread's block, makes it the thread pointer, and has the provider fill it in.
///
/// # Safety
/// Called once, before anything that needs a thread pointer.
pub unsafe fn set_up(headers: &[Elf_Phdr], bias: usize) {
    provider::choose();
    tls::init(headers.iter().find(|h| h.p_type == PT_TLS).map(|h| tls::Segment {
        image: bias + h.p_vaddr,
        file_size: h.p_filesz,
        memory_size: h.p_memsz,
        align: h.p_align,
        virtual_address: h.p_vaddr,
    }));
    let size = tls::area_size();
    let area: *mut u8 = if size <= ROOM {
        AREA.0.get().cast()
    } else {
        match memory::map_anonymous(size, Prot::READ | Prot::WRITE) {
            Ok(area) => area.cast(),
            // There is no block yet to look a TID up in, so no SIGABRT to oneself either.
            Err(_) => message::exit_now(127),
        }
    };
    let (canary, guard) = random_words();
    // SAFETY: the area is zeroed, large enough, and ours.
    let block = unsafe {
        let block = tls::lay_out(area);
        Block::init(block, canary, guard);
        block
    };
    // SAFETY: the block is laid out as compiled code expects one at the thread pointer.
    unsafe { set_thread_pointer(block) };
    // SAFETY: the first thread's block lives as long as the process.
    provider::start(unsafe { &*block });
}

/// `AT_HWCAP2` bit of the kernel: programs may use `wrfsbase` (`arch/x86/include/uapi/asm/hwcap2.h`).
const HWCAP2_FSGSBASE: usize = 1 << 1;

/// # Safety
/// `block` is ready to be the running thread's.
unsafe fn set_thread_pointer(block: *mut Block) {
    if auxv::get(auxv::AT_HWCAP2).unwrap_or(0) & HWCAP2_FSGSBASE != 0 {
        // SAFETY: the kernel allows the instruction; the block is the caller's word.
        unsafe { core::arch::asm!("wrfsbase {}", in(reg) block, options(nostack, preserves_flags)) };
        return;
    }
    // SAFETY: the block is the caller's word.
    if unsafe { syscall!(__NR_arch_prctl, ARCH_SET_FS, block.cast::<c_void>()) }.is_err() {
        message::exit_now(127);
    }
}

/// Stack canary and pointer guard from the sixteen random bytes that the kernel gave. The canary's first byte is 0,
/// so that an overflowing string neither passes it nor reads it.
fn random_words() -> (usize, usize) {
    let Some(address) = auxv::get(auxv::AT_RANDOM) else { return (0, 0) };
    // SAFETY: AT_RANDOM points to sixteen bytes.
    let [a, b]: [usize; 2] = unsafe { ptr::with_exposed_provenance::<[usize; 2]>(address).read_unaligned() };
    (a & !0xff, b)
}
