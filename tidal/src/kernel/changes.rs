//! Kernels with a further change: defects that the checks must find, and other areas that Tidal must cope with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::boots::Boots;
use super::hooks::Hooks;
use super::image::{Kernel, Wanted};
use super::table;
use super::variant::Variant;
use super::verdict::Verdict;
use super::{TestArgs, kernel_tests};

/// The KTLS kernel with each change of a folder of `linux`.
pub struct Changed {
    kernels: Vec<(Kernel, Hooks)>,
}

impl Changed {
    /// Has them built, or the one of that name.
    pub fn kernels(folder: &str, name: &str, jobs: usize) -> Result<Changed> {
        let kernels = files(folder, name)?.into_iter().map(|file| {
            let hooks = Hooks::read(&file)?;
            let wanted = Wanted { variant: Variant::Ktls, change: Some(file) };
            Ok((wanted.kernel(jobs)?, hooks))
        });
        Ok(Changed { kernels: kernels.collect::<Result<_>>()? })
    }

    /// For `linux/mutations`: whether the checks that each names fail. No kernel may pass for want of a boot.
    pub fn are_caught(&self, args: &TestArgs, initramfs: &Path) -> Result<bool> {
        let mut all_caught = true;
        for (kernel, Hooks { must_fail, .. }) in &self.kernels {
            let columns = args.boots(kernel, 2, 1).run(initramfs)?;
            let outcome = &columns[0].outcome;
            let failed = |check: &String| {
                outcome.rows.iter().any(|(n, v)| n == check && matches!(v, Verdict::Failed(_)))
            };
            let missed: Vec<_> =
                must_fail.iter().filter(|check| !failed(check)).map(String::as_str).collect();
            let (name, total) = (kernel.wanted.name(), must_fail.len());
            if !outcome.faults.is_empty() {
                println!("{name}: {}", outcome.faults.join("; "));
            } else if missed.is_empty() {
                println!("{name}: found by {}", must_fail.join(", "));
            } else {
                println!("{name}: NOT FOUND by {} of {total} checks: {}", missed.len(), missed.join(", "));
            }
            all_caught &= outcome.faults.is_empty() && missed.is_empty() && total > 0;
        }
        Ok(all_caught)
    }

    /// For `linux/layouts`: whether Tidal's own tests pass, with the provider that each names.
    pub fn are_coped_with(&self, args: &TestArgs, initramfs: &Path) -> Result<bool> {
        let mut all_passed = true;
        for (kernel, hooks) in &self.kernels {
            let name = kernel.wanted.name();
            let Some(provider) = &hooks.provider else { bail!("{name} has no line with a provider") };
            let boots = Boots { features: None, provider, ..args.boots(kernel, 2, 1) };
            let columns = boots.run(initramfs)?;
            let failures = table::failures(&columns);
            failures.iter().for_each(|line| println!("FAIL {line}"));
            if failures.is_empty() {
                let programs = columns[0].outcome.rows.len();
                println!("{name}: provider {provider}, {programs} programs pass");
            }
            all_passed &= failures.is_empty();
        }
        Ok(all_passed)
    }
}

/// The folder's files in order; without a name all of them.
fn files(folder: &str, name: &str) -> Result<Vec<PathBuf>> {
    let folder = kernel_tests()?.join("linux").join(folder);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    files.retain(|file| name.is_empty() || file.file_name().is_some_and(|n| n == name));
    files.sort();
    if files.is_empty() {
        bail!("no file {name} in {}", folder.display());
    }
    Ok(files)
}
