//! Changes to one of rustc's object files that no option of rustc's makes.

use std::fs;
use std::path::Path;

use anyhow::Result;
use object::LittleEndian as Le;
use object::elf::{
    FileHeader64, R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_REX_GOTPCRELX, Rela64, SHT_SYMTAB,
    STB_GLOBAL, STB_WEAK, SectionHeader64, Sym64,
};
use object::read::elf::{FileHeader, SectionHeader, Sym};

use crate::tools::{OBJCOPY, run};

/// Makes an object's global symbols weak and its references direct, where the linker can.
pub fn prepare(path: &Path) -> Result<()> {
    drop_sections(path)?;
    let mut bytes = fs::read(path)?;
    let mut patches = weak_symbols(&bytes)?;
    patches.extend(relaxable_references(&bytes)?);
    for (at, byte) in patches {
        bytes[at] = byte;
    }
    fs::write(path, bytes)?;
    Ok(())
}

/// Takes LLVM bitcode out: where clang's linker plugin is installed, `ar` would take the object for one to be compiled
/// yet, and find no symbols in it. And the compiler's version, which would be in each program.
pub fn drop_sections(path: &Path) -> Result<()> {
    run(OBJCOPY.command().args(["-R", ".llvmbc", "-R", ".llvmcmd", "-R", ".comment"]).arg(path))?;
    Ok(())
}

/// A byte to write at an offset in the file.
type Patch = (usize, u8);

/// Turns every defined global symbol into a weak one.
fn weak_symbols(bytes: &[u8]) -> Result<Vec<Patch>> {
    let header = FileHeader64::<Le>::parse(bytes)?;
    let sections = header.sections(Le, bytes)?;
    let symbols = sections.symbols(Le, bytes, SHT_SYMTAB)?;
    let table = sections.section(symbols.section())?.sh_offset(Le) as usize;
    let global = symbols.enumerate().filter(|(_, s)| s.st_bind() == STB_GLOBAL && !s.is_undefined(Le));
    // `st_info`, the byte after the four of `st_name`: binding above, type below.
    Ok(global
        .map(|(i, s)| (table + i.0 * size_of::<Sym64<Le>>() + 4, (STB_WEAK << 4) | s.st_type()))
        .collect())
}

/// Tells the linker where it may make a load from the global offset table into an address, and a call through it into a
/// direct one (psABI B.2). rustc marks none of them so.
fn relaxable_references(bytes: &[u8]) -> Result<Vec<Patch>> {
    let header = FileHeader64::<Le>::parse(bytes)?;
    let sections = header.sections(Le, bytes)?;
    let mut patches = Vec::new();
    for section in sections.iter() {
        let Some((relocations, _)) = section.rela(Le, bytes)? else { continue };
        let code = sections.section(section.info_link(Le))?.data(Le, bytes)?;
        for (i, relocation) in relocations.iter().enumerate() {
            if relocation.r_type(Le, false) == R_X86_64_GOTPCREL
                && let Some(kind) = relaxable(code, relocation.r_offset.get(Le) as usize)
            {
                patches.push((type_offset(section, i), kind as u8));
            }
        }
    }
    Ok(patches)
}

/// Where in the file the type of a section's relocation is: the low half of `r_info`.
fn type_offset(section: &SectionHeader64<Le>, index: usize) -> usize {
    section.sh_offset(Le) as usize + index * size_of::<Rela64<Le>>() + 8
}

/// The type for a reference in an instruction of a form that the linker knows how to change.
fn relaxable(code: &[u8], at: usize) -> Option<u32> {
    // A call, a jump, and a load into a 64-bit register, each relative to the program counter.
    match *code.get(at.checked_sub(3)?..at)? {
        [_, 0xff, 0x15 | 0x25] => Some(R_X86_64_GOTPCRELX),
        [0x48 | 0x4c, 0x8b, modrm] if modrm & 0xc7 == 0x05 => Some(R_X86_64_REX_GOTPCRELX),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_the_linker_can_change() {
        let of = |code: &[u8]| relaxable(code, code.len());
        assert_eq!(of(&[0x90, 0xff, 0x15]), Some(R_X86_64_GOTPCRELX), "call");
        assert_eq!(of(&[0x90, 0xff, 0x25]), Some(R_X86_64_GOTPCRELX), "jmp");
        assert_eq!(of(&[0x4c, 0x8b, 0x3d]), Some(R_X86_64_REX_GOTPCRELX), "mov to r15");
        assert_eq!(of(&[0x90, 0xff, 0x35]), None, "push");
        assert_eq!(of(&[0x48, 0x3b, 0x05]), None, "cmp");
        assert_eq!(of(&[0xff, 0x15]), None, "nothing before it");
    }
}
