//! The kernel's source trees: one as unpacked, one with the KTLS change, made of hard links to the first.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::hooks::Hooks;
use super::needs;
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

/// The files of our change and where they go in the tree.
const NEW_FILES: [(&str, &str); 2] = [("ktls.c", "kernel/ktls.c"), ("ktls.h", "include/linux/ktls.h")];

/// The version of the tarball in a name: its size and date, which the Debian package fixes.
pub fn version() -> Result<String> {
    let tarball = needs::tarball();
    let metadata = fs::metadata(&tarball).with_context(|| format!("cannot read {}", tarball.display()))?;
    Ok(format!("{:x}-{:x}", metadata.mtime(), metadata.size()))
}

/// The trees of one version of the kernel.
pub struct Source {
    pristine: PathBuf,
    patched: PathBuf,
}

impl Source {
    /// Unpacks the tarball below `folder`, if that was not done before.
    pub fn unpack(folder: &Path) -> Result<Source> {
        let source = Source { pristine: folder.join("source"), patched: folder.join("source-ktls") };
        if !source.pristine.exists() {
            let unfinished = folder.join("unpacking");
            remove_tree(&unfinished)?;
            fs::create_dir_all(&unfinished)
                .with_context(|| format!("cannot create {}", unfinished.display()))?;
            let mut tar = Command::new("tar");
            tar.arg("-C").arg(&unfinished).args(["--strip-components=1", "-xf"]).arg(needs::tarball());
            tools::run(tar.args(NOT_UNPACKED.map(|pattern| format!("--exclude={pattern}"))))?;
            fs::rename(&unfinished, &source.pristine)?;
        }
        Ok(source)
    }

    /// The tree as Debian ships it.
    pub fn pristine(&self) -> &Path {
        &self.pristine
    }

    /// The tree with the change in `linux`, and further changes on top of it. Only files whose text differs are written,
    /// so that `make` compiles what it must.
    pub fn patched(&self, linux: &Path, mutation: Option<&Hooks>) -> Result<&Path> {
        if !self.patched.exists() {
            let unfinished = self.patched.with_extension("unfinished");
            remove_tree(&unfinished)?;
            tools::run(Command::new("cp").arg("-al").arg(&self.pristine).arg(&unfinished))?;
            fs::rename(&unfinished, &self.patched)?;
        }
        for (file, text) in self.changed_files(linux, mutation)? {
            replace_link(&self.patched.join(file), &text)?;
        }
        Ok(&self.patched)
    }

    fn changed_files(&self, linux: &Path, mutation: Option<&Hooks>) -> Result<BTreeMap<String, String>> {
        let read = |path: PathBuf| {
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        let mut texts = BTreeMap::new();
        for (name, target) in NEW_FILES {
            texts.insert(target.to_owned(), read(linux.join(name))?);
        }
        Hooks::read(&linux.join("hooks"))?.apply(&mut texts, |file| read(self.pristine.join(file)))?;
        if let Some(mutation) = mutation {
            mutation.apply(&mut texts, |file| bail!("{file} is not a file of the change"))?;
        }
        Ok(texts)
    }
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
