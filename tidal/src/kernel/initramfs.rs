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
    folder: Folder,
    init: PathBuf,
    checks: GuestProgram,
    suites: Vec<GuestProgram>,
    /// What does not link, a line each.
    pub failures: Vec<String>,
}

impl Programs {
    /// Compiles the checks, and Tidal's own tests of these folders (none named: of all) if there are to be any.
    pub fn compile(suites: Option<&[String]>) -> Result<Programs> {
        let folder = Folder::create(&image::cache()?.join("guest"))?;
        let (init, checks) = guest::compile_checks(&folder.0)?;
        let compiled = suites.map_or_else(
            || Ok(suites::Compiled::default()),
            |only| with_spinner("building the runtime and its tests", || suites::compile(&folder.0, only)),
        )?;
        Ok(Programs { folder, init, checks, suites: compiled.programs, failures: compiled.failures })
    }

    /// An archive of these programs, which lasts as long as they do.
    pub fn archive(&self, content: Content) -> Result<PathBuf> {
        let (checks, suites) = match content {
            Content::Everything => (Some(&self.checks), &self.suites[..]),
            Content::Checks => (Some(&self.checks), &[][..]),
            Content::Suites => (None, &self.suites[..]),
        };
        let archive = guest::archive(&self.init, checks.into_iter().chain(suites))?;
        let path = self.folder.0.join(format!("{content:?}.cpio").to_lowercase());
        fs::write(&path, archive).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// A folder of this process's own, because another run of this command may use the same cache; removed when done with.
struct Folder(PathBuf);

impl Folder {
    fn create(parent: &Path) -> Result<Folder> {
        remove_abandoned(parent);
        let folder = parent.join(std::process::id().to_string());
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What runs that were killed have left.
fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !Path::new("/proc").join(entry.file_name()).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
