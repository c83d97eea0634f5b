//! `tidal kernel`: Linux with the KTLS RFC's system calls, and the same Linux without, booted in QEMU.
//!
//! What the guest runs and the kernel change are in `tests/kernel`; this is the host's half. Kernels: `variant` lists them,
//! `source` unpacks Debian's and changes it as `hooks` says, `image` builds it, `changes` are the further ones, with a defect
//! or another area. What they boot from: `guest` compiles the checks and `suites` Tidal's own tests, `initramfs` puts them
//! together in the format of `cpio`. A boot: `boots` repeats it, `qemu` does it, `verdict` reads its console, `table` shows the
//! result. `needs` knows the packages; a host without them skips with exit status [`SKIPPED`] and a line that says so.

mod boots;
mod changes;
mod cpio;
mod guest;
mod hooks;
mod image;
mod initramfs;
mod needs;
mod qemu;
mod source;
mod suites;
mod table;
mod variant;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use crate::toolchain::source_root;
use boots::Boots;
use changes::Changed;
use image::{Kernel, Wanted};
use initramfs::{Content, Programs};
pub use variant::Variant;

/// Exit status of a run that tested nothing, as automake and meson use it.
pub const SKIPPED: u8 = 77;

/// The arguments of `tidal kernel`.
#[derive(Args)]
pub struct KernelArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Build the kernels; what is in the cache (TIDAL_KERNEL_CACHE, or target/kernel) is not built again
    Build(Selection),
    /// Boot each kernel in QEMU, run the checks inside, and print a table
    Test(TestArgs),
}

/// Which kernels.
#[derive(Args)]
pub struct Selection {
    /// Only this kernel; may be given several times
    #[arg(long, value_enum)]
    kernel: Vec<Variant>,
    /// How many compilers at once [default: one for each CPU]
    #[arg(short, long)]
    jobs: Option<usize>,
}

/// What to do with them.
#[derive(Args)]
pub struct TestArgs {
    #[command(flatten)]
    selection: Selection,
    /// Boot with this many CPUs; may be given several times [default: 1 and 2]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=2))]
    cpus: Vec<u32>,
    /// Boot each so many times in a row; 0 for none but those of --mutate and --layouts
    #[arg(long, default_value_t = 1)]
    boots: u32,
    /// Also boot kernels with a defect each, and see that the checks find it; or only the defect of this name
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    mutate: Option<String>,
    /// Also run Tidal's tests on kernels that offer other areas, take the offer back, or refuse threads or clone3; or on one of them
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    #[arg(conflicts_with = "checks_only")]
    layouts: Option<String>,
    /// Check the kernel alone, without Tidal's own test programs
    #[arg(long)]
    checks_only: bool,
    /// Of Tidal's own tests only this folder of tests/c, vfork, or kill; may be given several times
    #[arg(long, value_name = "FOLDER", conflicts_with = "checks_only")]
    suite: Vec<String>,
    /// Stop a boot after so many seconds
    #[arg(long, default_value_t = 3600)]
    seconds: u64,
    /// Show each console
    #[arg(short, long)]
    verbose: bool,
}

/// Runs `tidal kernel`.
pub fn run(args: &KernelArgs) -> Result<ExitCode> {
    let result = match &args.action {
        Action::Build(selection) => build(selection).map(|()| true),
        Action::Test(args) => test(args),
    };
    match result {
        Ok(passed) => Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
        Err(error) => match error.downcast_ref::<needs::Missing>() {
            Some(missing) => {
                println!("SKIPPED: no kernel was tested: {missing}");
                Ok(ExitCode::from(SKIPPED))
            }
            None => Err(error),
        },
    }
}

/// `tidal kernel build`.
pub fn build(selection: &Selection) -> Result<()> {
    for kernel in selection.kernels()? {
        println!("{:14} {}", kernel.wanted.name(), kernel.image.display());
    }
    Ok(())
}

/// `tidal kernel test`: whether all passed. All kernels are there before the first boots, so that a run that lacks one is
/// not taken for a run that tested the others.
pub fn test(args: &TestArgs) -> Result<bool> {
    needs::check_for_boot()?;
    let kernels = if args.boots == 0 { Vec::new() } else { args.selection.kernels()? };
    let changed = |folder, name: &Option<String>| {
        name.as_deref().map(|name| Changed::kernels(folder, name, args.selection.jobs())).transpose()
    };
    let mutants = changed("mutations", &args.mutate)?;
    let layouts = changed("layouts", &args.layouts)?;
    if kernels.is_empty() && mutants.is_none() && layouts.is_none() {
        bail!("nothing to boot");
    }
    let programs = Programs::compile((!args.checks_only).then_some(&args.suite[..]))?;
    programs.failures.iter().for_each(|line| println!("FAIL {line}"));
    let mut good = programs.failures.is_empty();
    if !kernels.is_empty() {
        good &= boot_all(args, &kernels, &programs)?;
    }
    if let Some(mutants) = mutants {
        good &= mutants.are_caught(args, &programs.archive(Content::Checks)?)?;
    }
    if let Some(layouts) = layouts {
        good &= layouts.are_coped_with(args, &programs.archive(Content::Suites)?)?;
    }
    Ok(good)
}

/// Boots the kernels and shows the table.
fn boot_all(args: &TestArgs, kernels: &[Kernel], programs: &Programs) -> Result<bool> {
    let initramfs = programs.archive(Content::Everything)?;
    let mut columns = Vec::new();
    for kernel in kernels {
        for &cpus in args.cpus() {
            columns.extend(args.boots(kernel, cpus, args.boots).run(&initramfs)?);
        }
    }
    println!("\n{}\n", table::render(&columns));
    table::failures(&columns).iter().for_each(|line| println!("FAIL {line}"));
    let passed = columns.iter().filter(|column| column.outcome.passed()).count();
    println!("{passed} of {} boots passed", columns.len());
    Ok(passed == columns.len())
}

/// `tests/kernel` of the checkout.
fn kernel_tests() -> Result<PathBuf> {
    Ok(source_root()?.join("tests/kernel"))
}

impl Selection {
    fn kernels(&self) -> Result<Vec<Kernel>> {
        let variants = if self.kernel.is_empty() { &Variant::ALL[..] } else { &self.kernel };
        variants.iter().map(|&variant| Wanted { variant, change: None }.kernel(self.jobs())).collect()
    }

    fn jobs(&self) -> usize {
        let cpus = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.unwrap_or_else(cpus)
    }
}

impl TestArgs {
    fn cpus(&self) -> &[u32] {
        if self.cpus.is_empty() { &[1, 2] } else { &self.cpus }
    }

    fn boots<'a>(&self, kernel: &'a Kernel, cpus: u32, times: u32) -> Boots<'a> {
        let variant = kernel.wanted.variant;
        Boots {
            kernel,
            cpus,
            times,
            features: Some(variant.expected_features()),
            provider: variant.provider(),
            limit: Duration::from_secs(self.seconds),
            verbose: self.verbose,
        }
    }
}
