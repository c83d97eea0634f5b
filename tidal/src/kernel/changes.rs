//! Kernels with a further change: defects that the checks must find, and other areas that Tidal must cope with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::hooks::Hooks;
use super::image::Wanted;
use super::table;
use super::variant::Variant;
use super::verdict::Verdict;
use super::{Boots, Initramfs, TestArgs, kernel_tests};

/// `linux/mutations`: the checks that each names must fail, and no kernel may pass for want of a boot.
pub fn mutants(args: &TestArgs, initramfs: &Path) -> Result<bool> {
    let mut all_caught = true;
    for change in files("mutations")? {
        let must_fail = Hooks::read(&change)?.must_fail;
        let wanted = Wanted { variant: Variant::Ktls, change: Some(change) };
        let image = args.selection.image(&wanted)?;
        let columns = Boots::new(&wanted, 2, 1).run(args, &image, initramfs)?;
        let outcome = &columns[0].outcome;
        let failed =
            |check: &String| outcome.rows.iter().any(|(n, v)| n == check && matches!(v, Verdict::Failed(_)));
        let missed: Vec<_> = must_fail.iter().filter(|check| !failed(check)).map(String::as_str).collect();
        let (name, total) = (wanted.name(), must_fail.len());
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

/// `linux/layouts`: Tidal's own tests pass, with the provider that each names.
pub fn layouts(args: &TestArgs) -> Result<bool> {
    let initramfs = Initramfs::make(false, true)?;
    let mut all_passed = true;
    for change in files("layouts")? {
        let Some(provider) = Hooks::read(&change)?.provider else {
            bail!("{} names no provider", change.display());
        };
        let wanted = Wanted { variant: Variant::Ktls, change: Some(change) };
        let image = args.selection.image(&wanted)?;
        let boots = Boots { features: None, provider, ..Boots::new(&wanted, 2, 1) };
        let columns = boots.run(args, &image, &initramfs.path)?;
        let failures = table::failures(&columns);
        failures.iter().for_each(|line| println!("FAIL {line}"));
        if failures.is_empty() {
            let programs = columns[0].outcome.rows.len();
            println!("{}: provider {}, {programs} programs pass", wanted.name(), boots.provider);
        }
        all_passed &= failures.is_empty();
    }
    Ok(all_passed)
}

fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = kernel_tests()?.join("linux").join(folder);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<Result<_>>()?;
    files.sort();
    if files.is_empty() {
        bail!("no files in {}", folder.display());
    }
    Ok(files)
}
