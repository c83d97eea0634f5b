//! Compiling one C program against Tidal or a peer.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::Runtime;
use crate::tools;

/// Where a program's text may lie in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkMode {
    /// At fixed addresses: `-static -no-pie`.
    Static,
    /// Anywhere: `-static-pie`.
    StaticPie,
}

/// A C library that a program is linked with, statically.
#[derive(Clone, Debug)]
pub enum Libc {
    /// This project.
    Tidal(Runtime),
    /// The host's.
    Glibc,
    /// musl, by `musl-gcc`.
    Musl,
}

impl Libc {
    /// For tables.
    pub fn name(&self) -> &'static str {
        match self {
            Libc::Tidal(_) => "Tidal",
            Libc::Glibc => "glibc",
            Libc::Musl => "musl",
        }
    }

    /// The peers that this machine has.
    pub fn installed_peers() -> Vec<Libc> {
        let mut peers = vec![Libc::Glibc];
        if tools::MUSL_GCC.find().is_some() {
            peers.push(Libc::Musl);
        }
        peers
    }
}

/// A program to compile.
#[derive(Clone, Debug)]
pub struct Program {
    /// C sources.
    pub sources: Vec<PathBuf>,
    /// Where the executable goes.
    pub output: PathBuf,
    /// How it is linked.
    pub mode: LinkMode,
    /// Further arguments, such as `-O2` or `-lm`.
    pub arguments: Vec<String>,
}

impl Program {
    /// One source, `-O2`, at fixed addresses.
    pub fn new(source: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        Program {
            sources: vec![source.into()],
            output: output.into(),
            mode: LinkMode::Static,
            arguments: vec!["-O2".into()],
        }
    }

    /// Compiles and links; gcc's messages are in the error.
    pub fn compile(&self, libc: &Libc) -> Result<()> {
        if let Some(missing) = self.sources.iter().find(|s| !s.exists()) {
            bail!("no such file: {}", missing.display());
        }
        tools::run(&mut self.command(libc))?;
        Ok(())
    }

    fn command(&self, libc: &Libc) -> Command {
        let mut command = match libc {
            Libc::Musl => tools::MUSL_GCC.command(),
            _ => tools::GCC.command(),
        };
        match self.mode {
            LinkMode::Static => command.args(["-static", "-no-pie"]),
            LinkMode::StaticPie => command.args(["-static-pie", "-fPIE"]),
        };
        if let Libc::Tidal(runtime) = libc {
            command.args(link_arguments(runtime));
        }
        command.args(["-pthread", "-Wall", "-Wextra"]).args(&self.sources);
        // After the sources, because libraries may be among them.
        command.args(&self.arguments).arg("-o").arg(&self.output);
        command
    }
}

/// What makes gcc link with a runtime instead of the system's libc; clang wants `CLANG_LINK_OPTIONS` too.
pub fn link_arguments(runtime: &Runtime) -> Vec<String> {
    let folder = |prefix: &str, p: &Path| format!("{prefix}{}", p.display());
    vec![folder("-B", &runtime.lib), folder("-L", &runtime.lib), folder("-isystem", &runtime.include)]
}
