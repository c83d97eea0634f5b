//! Which workloads there are, and what they ask for in their first lines.
//!
//! | line | meaning |
//! |---|---|
//! | `/* bench: what TEXT */` | what is measured, for people |
//! | `/* bench: cpus 1 */` | pinned to one CPU, instead of all |
//! | `/* bench: flags … */` | further arguments for gcc |
//! | `/* bench: only tidal glibc */` | the peers that it makes sense for |
//! | `/* bench: rust std parking_lot */` | Rust peers that do the same work |
//! | `/* bench: allocators */` | other allocators do the same work, linked into glibc programs |
//! | `/* bench: full */` | left out of `--quick` |

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::toolchain::source_root;

/// One C source and how to run it.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The folder it lies in.
    pub group: String,
    /// Its name without `.c`.
    pub name: String,
    /// The source.
    pub source: PathBuf,
    /// What it measures.
    pub what: String,
    /// Whether it is pinned to a single CPU.
    pub one_cpu: bool,
    /// Further arguments for gcc.
    pub flags: Vec<String>,
    /// Peers by lower-case name; all if empty.
    pub only: Vec<String>,
    /// Rust peers.
    pub rust: Vec<String>,
    /// Whether other allocators than the C libraries' run it.
    pub allocators: bool,
    /// Whether it is left out of a quick run.
    pub full_only: bool,
}

impl Workload {
    fn read(group: &str, source: PathBuf) -> Result<Workload> {
        let text =
            fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut w = Workload {
            group: group.into(),
            name,
            source,
            what: String::new(),
            one_cpu: false,
            flags: Vec::new(),
            only: Vec::new(),
            rust: Vec::new(),
            allocators: false,
            full_only: false,
        };
        for line in text.lines() {
            let Some((_, rest)) = line.split_once("/* bench:") else { continue };
            let rest = rest.split("*/").next().unwrap_or_default().trim();
            let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
            let words = || value.split_whitespace().map(str::to_owned).collect();
            match key {
                "what" => w.what = value.trim().to_owned(),
                "cpus" => w.one_cpu = value.trim() == "1",
                "flags" => w.flags = words(),
                "only" => w.only = words(),
                "rust" => w.rust = words(),
                "allocators" => w.allocators = true,
                "full" => w.full_only = true,
                _ => anyhow::bail!("{}: unknown key `{key}`", w.source.display()),
            }
        }
        Ok(w)
    }

    /// Whether a C library of this name runs it.
    pub fn wants(&self, peer: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|o| o.eq_ignore_ascii_case(peer))
    }
}

fn folder() -> Result<PathBuf> {
    Ok(source_root()?.join("tests/bench"))
}

/// The groups, by name.
pub fn group_names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder()?)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The workloads of some groups, or of all.
pub fn find(groups: &[String]) -> Result<Vec<Workload>> {
    let mut found = Vec::new();
    for group in group_names()? {
        if !groups.is_empty() && !groups.contains(&group) {
            continue;
        }
        let mut sources: Vec<PathBuf> = fs::read_dir(folder()?.join(&group))?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "c"))
            .collect();
        sources.sort();
        for source in sources {
            found.push(Workload::read(&group, source)?);
        }
    }
    Ok(found)
}
