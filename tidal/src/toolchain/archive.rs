//! `libc.a` from what cargo builds: its members taken out, made weak, and put together again.
//!
//! rustc leaves one object with all of Tidal (fat LTO), one with the memory primitives (compiled apart, because the
//! optimiser must not recognise `memcpy` in `memcpy`), and `compiler_builtins`, whose place libgcc takes in C programs.
//! Every global symbol is made weak, so that a program may define any of them itself, as it may with an archive of small
//! members.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::object_file;
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
            object_file::prepare(&path).with_context(|| format!("cannot read the symbols of {name}"))?;
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
