//! `crt1.o` and its kin: objects of their own, which the compiler driver links by name.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::object_file;
use crate::tools;

/// An object that the compiler driver puts before a program's own.
pub struct StartObject {
    /// In the library's folder.
    pub name: &'static str,
    /// In `crt/objects`.
    pub source: &'static str,
    options: &'static [&'static str],
}

/// All of them.
pub const START_OBJECTS: [StartObject; 3] = [
    StartObject { name: "crt1.o", source: "crt1.rs", options: &[] },
    StartObject { name: "rcrt1.o", source: "crt1.rs", options: &["--cfg", "pie"] },
    StartObject { name: "crtbeginT.o", source: "crtbegin.rs", options: &[] },
];

impl StartObject {
    /// Compiles it into a folder.
    pub fn build(&self, root: &Path, lib: &Path) -> Result<()> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let args = "--edition 2024 --crate-name crt --crate-type lib --emit obj -Copt-level=2 -Cpanic=abort";
        let path = lib.join(self.name);
        tools::run(
            Command::new(rustc)
                .current_dir(root)
                .args(args.split(' '))
                .args(self.options)
                .arg(Path::new("crt/objects").join(self.source))
                .arg("-o")
                .arg(&path),
        )
        .and_then(|_| object_file::drop_sections(&path))
        .with_context(|| format!("cannot build {}", self.name))
    }
}
