//! Relocation of the program by itself: static-pie's relative relocations, and IRELATIVE ones of either kind.

use core::ptr;

use linux_raw_sys::elf::{Elf_Dyn, Elf_Phdr, Elf_Rela, PT_GNU_RELRO};
use tidal_rt::message;
use tidal_rt::sys::memory::{self, Prot};

use crate::linker_symbol;

// <elf.h>: dynamic tags and x86-64 relocation types.
const DT_RELA: i64 = 7;
const DT_RELASZ: i64 = 8;
const DT_PLTRELSZ: i64 = 2;
const DT_JMPREL: i64 = 23;
const DT_RELRSZ: i64 = 35;
const DT_RELR: i64 = 36;
const R_X86_64_NONE: u32 = 0;
const R_X86_64_RELATIVE: u32 = 8;
const R_X86_64_DTPMOD64: u32 = 16;
const R_X86_64_IRELATIVE: u32 = 37;

/// The tables that a static-pie's dynamic section names.
struct Tables {
    rela: (usize, usize),
    plt: (usize, usize),
    relr: (usize, usize),
}

/// # Safety
/// `dynamic` is the program's dynamic section, which ends with a zero tag.
#[inline(always)]
unsafe fn tables(mut dynamic: *const Elf_Dyn, base: usize) -> Tables {
    let mut t = Tables { rela: (0, 0), plt: (0, 0), relr: (0, 0) };
    loop {
        // SAFETY: by the caller's contract.
        let (tag, value) = unsafe { ((*dynamic).d_tag as i64, (*dynamic).d_un.d_val as usize) };
        // Comparisons, not a `match`: a jump table would need the relocations that are about to be made.
        if tag == 0 {
            return t;
        }
        if tag == DT_RELA {
            t.rela.0 = base + value;
        }
        if tag == DT_RELASZ {
            t.rela.1 = value;
        }
        if tag == DT_JMPREL {
            t.plt.0 = base + value;
        }
        if tag == DT_PLTRELSZ {
            t.plt.1 = value;
        }
        if tag == DT_RELR {
            t.relr.0 = base + value;
        }
        if tag == DT_RELRSZ {
            t.relr.1 = value;
        }
        // SAFETY: the entry was not the last.
        dynamic = unsafe { dynamic.add(1) };
    }
}

/// Where the image of this very program lies.
#[inline(always)]
fn base() -> usize {
    let base;
    // SAFETY: takes an address relative to the program counter, which needs no relocation.
    unsafe {
        core::arch::asm!(".hidden __ehdr_start", "lea {}, [rip + __ehdr_start]", out(reg) base,
            options(pure, nomem, nostack, preserves_flags));
    }
    base
}

/// Makes the relative relocations of a static-pie; nothing if `dynamic` is null. Runs before any address in the program's
/// data can be trusted.
///
/// # Safety
/// The first thing the program does; `dynamic` is its dynamic section, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __tidal_relocate(dynamic: *const Elf_Dyn) {
    if dynamic.is_null() {
        return;
    }
    let base = base();
    // SAFETY: by the caller's contract, here and below; the linker's tables name words of the program's own data.
    unsafe {
        let t = tables(dynamic, base);
        let mut at = ptr::with_exposed_provenance::<Elf_Rela>(t.rela.0);
        let end = ptr::with_exposed_provenance::<Elf_Rela>(t.rela.0 + t.rela.1);
        while at < end {
            if (*at).type_() == R_X86_64_RELATIVE {
                let word = ptr::with_exposed_provenance_mut::<usize>(base + (*at).r_offset);
                word.write(base.wrapping_add((*at).r_addend));
            }
            at = at.add(1);
        }
        relr(ptr::with_exposed_provenance(t.relr.0), t.relr.1 / size_of::<usize>(), base);
    }
}

/// Packed relative relocations: an even entry is the address of a word; an odd one is a bitmap of the 63 words after.
///
/// # Safety
/// `entries` are the program's `DT_RELR` table.
#[inline(always)]
unsafe fn relr(entries: *const usize, count: usize, base: usize) {
    let mut word: *mut usize = ptr::null_mut();
    let mut i = 0;
    while i < count {
        // SAFETY: inside the table; the words named are the program's own data.
        unsafe {
            let entry = *entries.add(i);
            if entry & 1 == 0 {
                word = ptr::with_exposed_provenance_mut(base + entry);
                *word = (*word).wrapping_add(base);
                word = word.add(1);
            } else {
                let mut bits = entry >> 1;
                let mut at = word;
                while bits != 0 {
                    if bits & 1 != 0 {
                        *at = (*at).wrapping_add(base);
                    }
                    at = at.add(1);
                    bits >>= 1;
                }
                word = word.add(usize::BITS as usize - 1);
            }
        }
        i += 1;
    }
}

/// Makes the relocations that run program code to learn an address (GNU indirect functions) in a program at fixed
/// addresses, where the linker puts its own symbols around them. Runs when the thread pointer is set, because resolvers
/// may have a stack protector.
///
/// # Safety
/// Called once at start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __tidal_indirect_fixed() {
    let (start, end) = (linker_symbol!("__rela_iplt_start"), linker_symbol!("__rela_iplt_end"));
    // SAFETY: the linker's table, or twice the same address.
    unsafe { indirect_table(start, end - start, 0) };
}

/// The same in a program of either kind.
///
/// # Safety
/// Called once at start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __tidal_indirect() {
    let dynamic = linker_symbol!("_DYNAMIC");
    if dynamic == 0 {
        // SAFETY: by the caller's contract.
        return unsafe { __tidal_indirect_fixed() };
    }
    let base = base();
    // SAFETY: the program's own dynamic section, and the tables that it names.
    unsafe {
        let t = tables(ptr::with_exposed_provenance(dynamic), base);
        indirect_table(t.rela.0, t.rela.1, base);
        indirect_table(t.plt.0, t.plt.1, base);
    }
}

/// # Safety
/// `start` and `size` (bytes) are a table of relocations of this program.
unsafe fn indirect_table(start: usize, size: usize, base: usize) {
    for i in 0..size / size_of::<Elf_Rela>() {
        // SAFETY: inside the table.
        let rela = unsafe { &*ptr::with_exposed_provenance::<Elf_Rela>(start).add(i) };
        let word = ptr::with_exposed_provenance_mut::<usize>(base + rela.r_offset);
        match rela.type_() {
            R_X86_64_IRELATIVE => {
                let resolver = ptr::with_exposed_provenance::<()>(base.wrapping_add(rela.r_addend));
                // SAFETY: the linker says that there is a resolver of this type.
                let resolver: extern "C" fn() -> usize = unsafe { core::mem::transmute(resolver) };
                // SAFETY: the word is the program's own data.
                unsafe { word.write(resolver()) };
            }
            // SAFETY: as above. The program is the one module, number 1.
            R_X86_64_DTPMOD64 => unsafe { word.write(1) },
            R_X86_64_NONE | R_X86_64_RELATIVE => {}
            _ => message::fatal("the program has a relocation that a static program cannot have"),
        }
    }
}

/// Makes the relocated data that nobody writes any more read-only, as the linker asks by `PT_GNU_RELRO`.
pub fn protect(headers: &[Elf_Phdr], bias: usize) {
    for h in headers.iter().filter(|h| h.p_type == PT_GNU_RELRO) {
        let start = (bias + h.p_vaddr) & !(memory::PAGE - 1);
        let end = (bias + h.p_vaddr + h.p_memsz) & !(memory::PAGE - 1);
        if end > start {
            // SAFETY: the linker promises that nothing in these pages changes after relocation.
            let _ =
                unsafe { memory::protect(ptr::with_exposed_provenance_mut(start), end - start, Prot::READ) };
        }
    }
}
