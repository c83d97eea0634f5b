//! `tidal kernel`: Linux with the KTLS RFC's system calls, and the same Linux without, booted in QEMU.
//!
//! What the guest runs and the kernel change are in `tests/kernel`; this is the host's half: `source` unpacks and changes
//! Debian's kernel, `image` builds it, `guest` and `cpio` make the initramfs, `qemu` boots it, `verdict` reads its console,
//! `table` shows the result. A host without the packages skips with exit status [`SKIPPED`] and a line that says so.

mod changes;
mod cpio;
mod guest;
mod hooks;
mod image;
mod needs;
mod qemu;
mod source;
mod suites;
mod table;
mod variant;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::main_job::with_spinner;
use crate::toolchain::source_root;
use image::Wanted;
use table::Column;
pub use variant::Variant;
use verdict::Outcome;

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
    /// Boot each so many times in a row
    #[arg(long, default_value_t = 1)]
    boots: u32,
    /// Also build kernels with a defect each, and see that the checks find it
    #[arg(long)]
    mutate: bool,
    /// Also build kernels that offer other areas: larger, without a TID, and such as must be declined
    #[arg(long, conflicts_with = "checks_only")]
    layouts: bool,
    /// Check the kernel alone, without Tidal's own test programs
    #[arg(long)]
    checks_only: bool,
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
    for variant in selection.variants() {
        let image = selection.image(&Wanted { variant, change: None })?;
        println!("{:14} {}", variant.name(), image.display());
    }
    Ok(())
}

/// `tidal kernel test`: whether all passed.
pub fn test(args: &TestArgs) -> Result<bool> {
    needs::check_for_boot()?;
    let initramfs = Initramfs::make(true, !args.checks_only)?;
    let mut columns = Vec::new();
    for variant in args.selection.variants() {
        let wanted = Wanted { variant, change: None };
        let image = args.selection.image(&wanted)?;
        for cpus in args.cpus() {
            let boots = Boots::new(&wanted, cpus, args.boots);
            columns.extend(boots.run(args, &image, &initramfs.path)?);
        }
    }
    println!("\n{}\n", table::render(&columns));
    let mut failures = initramfs.failures.clone();
    failures.extend(table::failures(&columns));
    failures.iter().for_each(|line| println!("FAIL {line}"));
    let passed = columns.iter().filter(|column| column.outcome.passed()).count();
    println!("{passed} of {} boots passed", columns.len());
    let caught = !args.mutate || changes::mutants(args, &initramfs.path)?;
    let fitting = !args.layouts || changes::layouts(args)?;
    Ok(caught && fitting && failures.is_empty() && passed == columns.len())
}

/// `tests/kernel` of the checkout.
fn kernel_tests() -> Result<PathBuf> {
    Ok(source_root()?.join("tests/kernel"))
}

/// The file, removed when done with, and what should be in it but does not link.
struct Initramfs {
    path: PathBuf,
    failures: Vec<String>,
}

impl Drop for Initramfs {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl Initramfs {
    fn make(with_checks: bool, with_suites: bool) -> Result<Initramfs> {
        let folder = image::cache()?.join("guest");
        remove_abandoned(&folder);
        let (init, checks) = guest::compile_checks(&folder)?;
        let mut programs = Vec::new();
        let mut failures = Vec::new();
        if with_checks {
            programs.push(checks);
        }
        if with_suites {
            let compiled = with_spinner("building the runtime and its tests", || suites::compile(&folder))?;
            programs.extend(compiled.programs);
            failures = compiled.failures;
        }
        // Another run of this command may be booting from a file of its own.
        let unique = format!("initramfs.{}.{}.cpio", std::process::id(), u8::from(with_checks));
        let path = folder.join(unique);
        fs::write(&path, guest::archive(&init, &programs)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Initramfs { path, failures })
    }
}

/// What runs that were killed have left.
fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|n| n.strip_prefix("initramfs.")).and_then(|n| n.split('.').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Selection {
    fn variants(&self) -> Vec<Variant> {
        if self.kernel.is_empty() { Variant::ALL.to_vec() } else { self.kernel.clone() }
    }

    fn image(&self, wanted: &Wanted) -> Result<PathBuf> {
        let cpus = || std::thread::available_parallelism().map_or(1, usize::from);
        let start = Instant::now();
        let image = with_spinner(&format!("kernel {}", wanted.name()), || {
            wanted.image(self.jobs.unwrap_or_else(cpus))
        })?;
        if start.elapsed() > Duration::from_secs(5) {
            println!("kernel {} built in {} s", wanted.name(), start.elapsed().as_secs());
        }
        Ok(image)
    }
}

impl TestArgs {
    fn cpus(&self) -> Vec<u32> {
        if self.cpus.is_empty() { vec![1, 2] } else { self.cpus.clone() }
    }
}

/// Boots of one kernel in a row.
struct Boots<'a> {
    wanted: &'a Wanted,
    cpus: u32,
    times: u32,
    features: Option<&'static str>,
    provider: String,
}

impl<'a> Boots<'a> {
    fn new(wanted: &'a Wanted, cpus: u32, times: u32) -> Self {
        let variant = wanted.variant;
        let (features, provider) = (Some(variant.expected_features()), variant.provider().to_owned());
        Boots { wanted, cpus, times, features, provider }
    }

    fn run(&self, args: &TestArgs, image: &Path, initramfs: &Path) -> Result<Vec<Column>> {
        let (name, cpus, times) = (self.wanted.name(), self.cpus, self.times);
        let log = image::cache()?.join(format!("{name}.{cpus}.console.log"));
        let limit = Duration::from_secs(args.seconds);
        let mut columns = Vec::new();
        for boot in 1..=times {
            let start = Instant::now();
            let result = with_spinner(&format!("booting {name}, CPUs: {cpus}, {boot} of {times}"), || {
                qemu::boot(image, initramfs, cpus, &self.provider, limit)
            })?;
            fs::write(&log, &result.console).with_context(|| format!("cannot write {}", log.display()))?;
            if args.verbose {
                print!("{}", result.console);
            }
            let outcome = Outcome::of(&result, self.features, cpus);
            let word = match (outcome.passed(), &self.wanted.change) {
                (true, _) => "passed",
                (false, None) => "FAILED",
                (false, Some(_)) => "something failed",
            };
            let seconds = start.elapsed().as_secs_f32();
            println!("{name}, CPUs: {cpus}, boot {boot} of {times}: {word} in {seconds:.1} s");
            columns.push(Column { kernel: name.clone(), cpus, outcome });
        }
        Ok(columns)
    }
}
