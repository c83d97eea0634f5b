//! Programs of the host that Tidal needs, and the package to install where one is missing.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A program and the Debian package that has it.
#[derive(Clone, Copy)]
pub struct Tool {
    /// As it is called.
    pub program: &'static str,
    /// The package's name.
    pub package: &'static str,
}

/// The C compiler and linker driver.
pub const GCC: Tool = Tool { program: "gcc", package: "gcc" };
/// The archiver.
pub const AR: Tool = Tool { program: "ar", package: "binutils" };
/// The editor of object files.
pub const OBJCOPY: Tool = Tool { program: "objcopy", package: "binutils" };
/// The compiler of musl-based programs, for comparison.
pub const MUSL_GCC: Tool = Tool { program: "musl-gcc", package: "musl-tools" };

impl Tool {
    /// Where on the `PATH` it is.
    pub fn find(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|d| d.join(self.program)).find(|p| p.is_file())
    }

    /// Fails with the package's name if it is not installed.
    pub fn require(self) -> Result<()> {
        if self.find().is_none() {
            bail!(
                "`{}` is not installed; on Debian or Ubuntu: apt-get install {}",
                self.program,
                self.package
            );
        }
        Ok(())
    }

    /// A command that starts it.
    pub fn command(self) -> Command {
        Command::new(self.program)
    }
}

/// Fails with the package's name unless the C headers are there.
pub fn require_headers() -> Result<()> {
    if !std::path::Path::new("/usr/include/stdio.h").exists() {
        bail!(
            "the C headers (/usr/include/stdio.h) are not installed; on Debian or Ubuntu: apt-get install libc6-dev"
        );
    }
    Ok(())
}

/// Copies the files of a folder, and of those inside it.
pub fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_files(&source, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}

/// Runs a command that should succeed; on failure the error has its output.
pub fn run(command: &mut Command) -> Result<Vec<u8>> {
    let name = command.get_program().to_owned();
    let output = command.output().with_context(|| format!("cannot start {}", OsStr::display(&name)))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}):\n{}{}",
            OsStr::display(&name),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output.stdout)
}
