//! Boots of one kernel in a row, each a column of the table.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::image::{self, Kernel};
use super::qemu;
use super::table::Column;
use super::verdict::Outcome;
use crate::main_job::with_spinner;

/// What is to be booted, and what it must report.
pub struct Boots<'a> {
    /// The kernel.
    pub kernel: &'a Kernel,
    /// CPUs.
    pub cpus: u32,
    /// How often.
    pub times: u32,
    /// What the checks must find when they probe it; nothing where the checks do not run.
    pub features: Option<&'static str>,
    /// The provider that Tidal must choose.
    pub provider: &'a str,
    /// Time limit of a boot.
    pub limit: Duration,
    /// Whether to show the consoles.
    pub verbose: bool,
}

impl Boots<'_> {
    /// Boots, says in a line how each went, and leaves the last console in the cache.
    pub fn run(&self, initramfs: &Path) -> Result<Vec<Column>> {
        let Boots { kernel, cpus, times, .. } = self;
        let name = kernel.wanted.name();
        let log = image::cache()?.join(format!("{name}.{cpus}.console.log"));
        let mut columns = Vec::new();
        for boot in 1..=*times {
            let start = Instant::now();
            let result = with_spinner(&format!("booting {name}, CPUs: {cpus}, {boot} of {times}"), || {
                qemu::boot(&kernel.image, initramfs, *cpus, self.provider, self.limit)
            })?;
            fs::write(&log, &result.console).with_context(|| format!("cannot write {}", log.display()))?;
            if self.verbose {
                print!("{}", result.console);
            }
            let outcome = Outcome::of(&result, self.features, *cpus);
            let word = match (outcome.passed(), &kernel.wanted.change) {
                (true, _) => "passed",
                (false, None) => "FAILED",
                (false, Some(_)) => "something failed",
            };
            let seconds = start.elapsed().as_secs_f32();
            println!("{name}, CPUs: {cpus}, boot {boot} of {times}: {word} in {seconds:.1} s");
            let provider = self.provider.to_owned();
            columns.push(Column { kernel: name.clone(), cpus: *cpus, provider, outcome });
        }
        Ok(columns)
    }
}
