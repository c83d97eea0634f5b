//! `libc.a` from what cargo builds: its members taken out, made weak, and put together again.
//!
//! rustc leaves one object with all of Tidal (fat LTO), one with the memory primitives (compiled apart, because the
//! optimiser must not recognise `memcpy` in `memcpy`), and `compiler_builtins`, whose place libgcc takes in C programs.
//! Every global symbol is made weak, so that a program may define any of them itself, as it may with an archive of small
//! members.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use object::LittleEndian;
use object::elf::{FileHeader64, STB_GLOBAL, STB_WEAK, Sym64};
use object::read::elf::{FileHeader, SectionHeader, Sym};

use crate::tools::{AR, OBJCOPY, run};

/// Makes `target` from rustc's `staticlib`, using `work` for the members.
pub fn make(staticlib: &Path, work: &Path, target: &Path) -> Result<()> {
    AR.require()?;
    OBJCOPY.require()?;
    if work.exists() {
        fs::remove_dir_all(work)?;
    }
    fs::create_dir_all(work)?;
    run(AR.command().arg("x").arg(staticlib).current_dir(work))?;
    let mut members = Vec::new();
    for entry in fs::read_dir(work)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("tidal_") {
            drop_bitcode(&path)?;
            weaken(&path).with_context(|| format!("cannot make the symbols of {name} weak"))?;
            members.push(path);
        }
    }
    if members.is_empty() {
        bail!("{} holds no object of Tidal's", staticlib.display());
    }
    members.sort();
    empty(target)?;
    run(AR.command().arg("rcsD").arg(target).args(&members))?;
    Ok(())
}

/// The member of rustc's `staticlib` that holds Tidal's own code.
pub fn main_member(staticlib: &[u8]) -> Result<Vec<u8>> {
    let archive = object::read::archive::ArchiveFile::parse(staticlib)?;
    for member in archive.members() {
        let member = member?;
        if member.name().starts_with(b"tidal_libc") {
            return Ok(member.data(staticlib)?.to_vec());
        }
    }
    bail!("the archive holds no object of Tidal's")
}

/// Makes an archive without members.
pub fn empty(target: &Path) -> Result<()> {
    fs::write(target, "!<arch>\n").with_context(|| format!("cannot write {}", target.display()))
}

/// Takes LLVM bitcode out of an object: where clang's linker plugin is installed, `ar` would take the object for one to
/// be compiled yet, and find no symbols in it.
fn drop_bitcode(path: &Path) -> Result<()> {
    run(OBJCOPY.command().args(["-R", ".llvmbc", "-R", ".llvmcmd"]).arg(path))?;
    Ok(())
}

/// Turns every defined global symbol of an object file into a weak one, in place.
fn weaken(path: &Path) -> Result<()> {
    let mut bytes = fs::read(path)?;
    let endian = LittleEndian;
    let mut places = Vec::new();
    {
        let header = FileHeader64::<LittleEndian>::parse(&*bytes)?;
        let sections = header.sections(endian, &*bytes)?;
        let symbols = sections.symbols(endian, &*bytes, object::elf::SHT_SYMTAB)?;
        let table = sections.section(symbols.section())?.sh_offset(endian);
        for (index, symbol) in symbols.enumerate() {
            if symbol.st_bind() == STB_GLOBAL && !symbol.is_undefined(endian) {
                places.push((table as usize + index.0 * size_of::<Sym64<LittleEndian>>(), symbol.st_type()));
            }
        }
    }
    // `st_info`, the byte after the four of `st_name`: binding above, type below.
    for (at, kind) in places {
        bytes[at + 4] = (STB_WEAK << 4) | kind;
    }
    fs::write(path, bytes)?;
    Ok(())
}
