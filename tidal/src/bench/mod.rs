//! `tidal bench`: Tidal and its peers side by side, in one run.
//!
//! A workload is one C source, `tests/bench/GROUP/NAME.c`, linked with each C library, or the same work in Rust for the
//! Rust peers ([`rust_peers`]). It prints lines `metric value unit`. Rounds are interleaved: every peer runs once in each
//! round, in an order that rotates, pinned to the same CPUs. A figure is the median over the rounds; a ratio is the median
//! of the rounds' own ratios, because the machine's speed drifts between rounds and hardly within one.

mod allocators;
mod chart;
mod family;
mod machine;
mod measure;
mod report_html;
mod report_text;
pub mod rust_peers;
mod stats;
mod workload;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::toolchain::{Libc, Runtime};

pub use measure::Results;

/// What to measure and where the results go.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Groups by name; all if empty.
    pub groups: Vec<String>,
    /// Under a minute instead of minutes.
    pub quick: bool,
    /// How many rounds, if not the default.
    pub rounds: Option<usize>,
    /// Write the results as JSON to this file.
    pub json: Option<PathBuf>,
    /// Write a report as one HTML file.
    pub html: Option<PathBuf>,
}

/// Measures, prints a table, writes what was asked for.
pub fn run(options: &Options) -> Result<()> {
    let workloads = workload::find(&options.groups)?;
    if workloads.is_empty() {
        bail!(
            "no workloads for {}; groups are: {}",
            options.groups.join(", "),
            workload::group_names()?.join(", ")
        );
    }
    let mut libcs = vec![Libc::Tidal(Runtime::ensure()?)];
    libcs.extend(Libc::installed_peers());
    let results = measure::measure(&workloads, &libcs, options)?;
    report_text::print(&results);
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&results)?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &options.html {
        fs::write(path, report_html::page(&results)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("Report: {}", path.display());
    }
    Ok(())
}
