//! The program's own ELF headers, as the kernel tells of them.

use core::ptr;
use core::slice;

use linux_raw_sys::elf::{Elf_Phdr, PT_PHDR};
use tidal_rt::auxv;

/// The program headers; empty if the kernel did not tell.
pub fn program_headers() -> &'static [Elf_Phdr] {
    let (Some(address), Some(count)) = (auxv::get(auxv::AT_PHDR), auxv::get(auxv::AT_PHNUM)) else {
        return &[];
    };
    // SAFETY: the kernel gives address and count of the table that it mapped; it stays.
    unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(address), count) }
}

/// What to add to an address in the headers to get one in memory: 0 but for a static-pie.
pub fn load_bias(headers: &[Elf_Phdr]) -> usize {
    unsafe extern "C" {
        // Defined by the linker: the first byte of the image, at address 0 in a static-pie's own terms.
        static __ehdr_start: u8;
    }
    match headers.iter().find(|h| h.p_type == PT_PHDR) {
        Some(h) => (headers.as_ptr() as usize).wrapping_sub(h.p_vaddr),
        // Without the entry, the first loaded segment tells, which starts with the ELF header.
        None => {
            let load = headers.iter().find(|h| h.p_type == linux_raw_sys::elf::PT_LOAD);
            load.map_or(0, |h| (&raw const __ehdr_start as usize).wrapping_sub(h.p_vaddr - h.p_offset))
        }
    }
}

/// The address of a symbol that the linker or the program may define; 0 if neither does.
#[macro_export]
macro_rules! linker_symbol {
    ($name:literal) => {{
        let address: usize;
        // SAFETY: loads an entry of the global offset table, which the linker makes in programs of every kind.
        unsafe {
            core::arch::asm!(concat!(".weak ", $name), concat!("mov {}, [rip + ", $name, "@GOTPCREL]"),
                out(reg) address, options(pure, readonly, nostack, preserves_flags));
        }
        address
    }};
}
