//! The kernel's source trees: one as unpacked, and others made of hard links to it and changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::hooks::Hooks;
use super::variant::Variant;
use super::{kernel_tests, needs};
use crate::tools;

/// What no build for x86-64 without drivers reads; leaving it out makes unpacking three times as fast.
const NOT_UNPACKED: [&str; 9] = [
    "*/arch/[a-wyz]*/*.[chS]",
    "*/arch/[a-wyz]*/*.dts",
    "*/arch/[a-wyz]*/*.dtsi",
    "*/drivers/[gnms]*/*.[ch]",
    "*/sound/*.[ch]",
    "*/tools/testing",
    "*/tools/perf",
    "*/Documentation/*.rst",
    "*/Documentation/*.yaml",
];

/// The version of the tarball in a name: its size and date, which the Debian package fixes.
pub fn version() -> Result<String> {
    let tarball = needs::tarball();
    let metadata = fs::metadata(&tarball).with_context(|| format!("cannot read {}", tarball.display()))?;
    Ok(format!("{:x}-{:x}", metadata.mtime(), metadata.size()))
}

/// The tree for a kernel, below `folder`: as Debian ships it, or with the variant's changes and `change` on top of them.
/// Only files whose text differs are written, so that `make` compiles what it must.
pub fn tree(folder: &Path, variant: Variant, change: Option<&Hooks>) -> Result<PathBuf> {
    let pristine = folder.join("source");
    if !pristine.exists() {
        unpack(&pristine)?;
    }
    let Some(hooks) = variant.hooks() else { return Ok(pristine) };
    let tree = folder.join(format!("source-{}", variant.name()));
    if !tree.exists() {
        let unfinished = tree.with_extension("unfinished");
        remove_tree(&unfinished)?;
        tools::run(Command::new("cp").arg("-al").arg(&pristine).arg(&unfinished))?;
        fs::rename(&unfinished, &tree)?;
    }
    let tests = kernel_tests()?;
    let mut texts = BTreeMap::new();
    for (file, target) in variant.new_files() {
        texts.insert((*target).to_owned(), read(&tests.join(file))?);
    }
    Hooks::read(&tests.join(hooks))?.apply(&mut texts, |file| read(&pristine.join(file)))?;
    if let Some(change) = change {
        change.apply(&mut texts, |file| bail!("{file} is not a file of the change"))?;
    }
    for (file, text) in texts {
        replace_link(&tree.join(file), &text)?;
    }
    Ok(tree)
}

fn unpack(target: &Path) -> Result<()> {
    let unfinished = target.with_extension("unfinished");
    remove_tree(&unfinished)?;
    fs::create_dir_all(&unfinished).with_context(|| format!("cannot create {}", unfinished.display()))?;
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(&unfinished).args(["--strip-components=1", "-xf"]).arg(needs::tarball());
    tools::run(tar.args(NOT_UNPACKED.map(|pattern| format!("--exclude={pattern}"))))?;
    Ok(fs::rename(&unfinished, target)?)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn remove_tree(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Writes a new file in place of the old name: the old one may be a link to the pristine tree's.
fn replace_link(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let new = path.with_extension("new");
    fs::write(&new, text).with_context(|| format!("cannot write {}", new.display()))?;
    fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
}
