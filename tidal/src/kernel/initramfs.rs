//! The files that guests boot from: programs compiled once, and an archive of them for each kind of run.

use std::fs::{self, File};
use std::io::ErrorKind;
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
        let (init, checks) = guest::compile_checks(&folder.path)?;
        let compiled = suites.map_or_else(
            || Ok(suites::Compiled::default()),
            |only| with_spinner("building the runtime and its tests", || suites::compile(&folder.path, only)),
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
        let path = self.folder.path.join(format!("{content:?}.cpio").to_lowercase());
        fs::write(&path, archive).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// A folder of this process's own, because another run of this command may use the same cache; removed when done with. What
/// shows that it is in use is a lock in it: the cache may be shared by containers that do not see each other's processes.
struct Folder {
    path: PathBuf,
    _in_use: File,
}

/// The lock's name in such a folder, and in the folder of them all, where it is held while one is made or some are removed.
const LOCK: &str = "lock";

impl Folder {
    fn create(parent: &Path) -> Result<Folder> {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        let _alone = lock_in(parent)?;
        remove_abandoned(parent);
        let path = new_folder(parent)?;
        Ok(Folder { _in_use: lock_in(&path)?, path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The name is free before the removal is done with it: nobody must take it meanwhile.
        let _alone = self.path.parent().map(lock_in);
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn new_folder(parent: &Path) -> Result<PathBuf> {
    let mut number = 0;
    loop {
        let path = parent.join(number.to_string());
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error).with_context(|| format!("cannot create {}", path.display())),
        }
    }
}

fn lock_in(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// What runs that were killed have left. A lock that cannot be looked at may be held.
fn remove_abandoned(parent: &Path) {
    for path in fs::read_dir(parent).into_iter().flatten().flatten().map(|e| e.path()) {
        if path.is_dir() {
            let abandoned = match File::open(path.join(LOCK)) {
                Ok(lock) => lock.try_lock().is_ok(),
                Err(error) => error.kind() == ErrorKind::NotFound,
            };
            if abandoned {
                let _ = fs::remove_dir_all(path);
            }
        } else if path.file_name().is_some_and(|name| name != LOCK) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn parent_for(test: &str) -> PathBuf {
        std::env::temp_dir().join(format!("tidal-initramfs-{test}-{}", std::process::id()))
    }

    #[test]
    fn what_is_in_use_stays_and_what_was_left_goes() {
        let parent = parent_for("use");
        let in_use = Folder::create(&parent).expect("a folder");
        let left = parent.join("left");
        for (folder, file) in [("left", LOCK), ("left-half-made", "init"), (".", "file")] {
            fs::create_dir_all(parent.join(folder)).expect("a folder");
            fs::write(parent.join(folder).join(file), "").expect("a file");
        }
        let second = Folder::create(&parent).expect("another folder");
        assert!(in_use.path.exists() && in_use.path != second.path && !left.exists());
        let mut names: Vec<_> =
            fs::read_dir(&parent).expect("listed").map(|e| e.expect("an entry").path()).collect();
        names.sort();
        assert_eq!(names, [in_use.path.clone(), second.path.clone(), parent.join(LOCK)]);
        drop((in_use, second));
        fs::remove_dir_all(&parent).expect("removed");
    }

    #[test]
    fn what_cannot_be_looked_at_stays() {
        let parent = parent_for("look");
        fs::create_dir_all(parent.join("0")).expect("a folder");
        // An error that root gets too.
        symlink(LOCK, parent.join("0").join(LOCK)).expect("a link to itself");
        let folder = Folder::create(&parent).expect("another folder");
        assert!(parent.join("0").is_dir() && folder.path == parent.join("1"));
        drop(folder);
        fs::remove_dir_all(&parent).expect("removed");
    }

    #[test]
    fn none_is_removed_while_one_is_made() {
        let parent = parent_for("race");
        let folder = Folder::create(&parent).expect("a folder");
        let path = folder.path.clone();
        let alone = lock_in(&parent).expect("locked");
        let remover = thread::spawn(move || drop(folder));
        // Time enough for a removal that does not wait.
        thread::sleep(Duration::from_millis(50));
        assert!(path.join(LOCK).exists());
        drop(alone);
        remover.join().expect("removed");
        assert!(!path.exists());
        fs::remove_dir_all(&parent).expect("removed");
    }
}
