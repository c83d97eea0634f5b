//! Other allocators beside the C libraries' own: the workload is compiled for glibc, and its calls of `malloc` and the like
//! go to a library that a crate of `tests/allocators` brings.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Options;
use crate::toolchain::{cargo, source_root};
use crate::tools;

/// An allocator that can be linked.
#[derive(Clone, Debug)]
pub struct Allocator {
    /// Its name, and the feature's.
    pub name: &'static str,
    /// What makes gcc use it.
    pub arguments: Vec<String>,
}

/// How the library's functions are called, or a header that knows.
enum Names {
    Prefix(&'static str),
    Header(&'static str),
}

const KNOWN: [(&str, Names); 4] = [
    ("mimalloc", Names::Prefix("mi_")),
    ("jemalloc", Names::Prefix("_rjem_")),
    ("rpmalloc", Names::Header("rpmalloc.h")),
    ("snmalloc", Names::Prefix("sn_")),
];

/// Builds those that build here. A quick run takes those that are there.
pub fn build_all(options: &Options, failures: &mut Vec<String>) -> Result<Vec<Allocator>> {
    let mut found = Vec::new();
    for (name, names) in KNOWN {
        let library = folder(name)?.join("release/libtidal_bench_allocators.a");
        if options.quick && !library.exists() {
            continue;
        }
        match build(name) {
            Ok(()) => {
                let mut arguments = renamed(&names)?;
                arguments.extend([library.display().to_string(), "-lstdc++".into(), "-lm".into()]);
                found.push(Allocator { name, arguments });
            }
            Err(error) => failures.push(format!("{name} does not build: {error:#}")),
        }
    }
    Ok(found)
}

fn folder(name: &str) -> Result<PathBuf> {
    Ok(source_root()?.join("target/tidal/bench/allocators").join(name))
}

fn build(name: &str) -> Result<()> {
    let target = folder(name)?;
    fs::create_dir_all(&target)?;
    tools::run(
        cargo()
            .current_dir(source_root()?.join("tests/allocators"))
            .args(["build", "--quiet", "--release", "--features", name, "--target-dir"])
            .arg(target),
    )
    .map(drop)
}

fn renamed(names: &Names) -> Result<Vec<String>> {
    match names {
        Names::Prefix(prefix) => {
            let functions = ["malloc", "calloc", "realloc", "free"];
            Ok(functions.iter().map(|f| format!("-D{f}={prefix}{f}")).collect())
        }
        Names::Header(file) => {
            let header = source_root()?.join("tests/allocators").join(file);
            Ok(vec!["-include".into(), header.to_str().context("the path is not UTF-8")?.into()])
        }
    }
}
