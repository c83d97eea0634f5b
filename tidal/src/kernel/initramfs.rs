//! The files that guests boot from: programs compiled once, and an archive of them for each kind of run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::guest::{self, GuestProgram};
use super::{image, suites};
use crate::main_job::with_spinner;

/// What a guest runs.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// The checks, and then Tidal's own tests as far as they were compiled.
    Everything,
    /// The checks on the kernel.
    Checks,
    /// Tidal's own tests, for kernels that the checks are not about.
    Suites,
}

/// What guests run, compiled.
pub struct Programs {
    folder: PathBuf,
    init: PathBuf,
    checks: GuestProgram,
    suites: Vec<GuestProgram>,
    /// What does not link, a line each.
    pub failures: Vec<String>,
}

impl Programs {
    /// Compiles the checks, and Tidal's own tests of these folders (none named: of all) if there are to be any.
    pub fn compile(suites: Option<&[String]>) -> Result<Programs> {
        let folder = image::cache()?.join("guest");
        remove_abandoned(&folder);
        let (init, checks) = guest::compile_checks(&folder)?;
        let compiled = suites.map_or_else(
            || Ok(suites::Compiled::default()),
            |only| with_spinner("building the runtime and its tests", || suites::compile(&folder, only)),
        )?;
        Ok(Programs { folder, init, checks, suites: compiled.programs, failures: compiled.failures })
    }

    /// An archive of these programs.
    pub fn archive(&self, content: Content) -> Result<Initramfs> {
        let (checks, suites) = match content {
            Content::Everything => (Some(&self.checks), &self.suites[..]),
            Content::Checks => (Some(&self.checks), &[][..]),
            Content::Suites => (None, &self.suites[..]),
        };
        let archive = guest::archive(&self.init, checks.into_iter().chain(suites))?;
        // Another run of this command may be booting from a file of its own.
        let name = format!("initramfs.{}.{content:?}.cpio", std::process::id());
        let path = self.folder.join(name.to_lowercase());
        fs::write(&path, archive).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Initramfs { path })
    }
}

/// A file that is removed when done with.
pub struct Initramfs {
    /// Where it is.
    pub path: PathBuf,
}

impl Drop for Initramfs {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What runs that were killed have left.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|n| n.strip_prefix("initramfs.")).and_then(|n| n.split('.').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
