//! The `tidal` command.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use tidal::cc::{self, Driver};
use tidal::kernel::{self, KernelArgs};
use tidal::vfork::{self, VforkArgs};
use tidal::{bench, doctor, install, main_job, symbols};

/// A libc runtime on one block per thread, shared with the kernel.
///
/// Without a command: builds the runtime, links and runs programs, and shows the result.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Install the runtime, its compiler wrappers and ktls.h below a prefix
    Install {
        /// Where to: P/lib/tidal, P/include, P/bin
        #[arg(long, value_name = "P")]
        prefix: PathBuf,
    },
    /// Compile and link C with Tidal (gcc, or what TIDAL_CC names; static unless -static-pie is given)
    Cc(Passed),
    /// Compile and link C++ with Tidal (g++, or what TIDAL_CXX names)
    #[command(name = "c++")]
    Cxx(Passed),
    /// Measure Tidal and its peers side by side
    Bench {
        /// Groups: mutex, malloc, spawn, thread, start, ktls; all if none is named
        groups: Vec<String>,
        /// Under a minute: fewer rounds, shorter workloads
        #[arg(long)]
        quick: bool,
        /// How many interleaved rounds
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        rounds: Option<u16>,
        /// Write the results as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Write a report with charts, one self-contained page
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// What `bench` runs for a Rust peer
    #[command(hide = true)]
    RustPeer { peer: String, workload: String, speed: Option<String> },
    /// List what libc.a exports, header by header (docs/symbols.md)
    Symbols,
    /// Show what this kernel offers and what Tidal makes of it
    Doctor,
    /// Check what may be done in a vfork child, program by program or (--kill) instruction by instruction
    Vfork(VforkArgs),
    /// Build and boot kernels with and without KTLS
    Kernel(KernelArgs),
}

#[derive(Args)]
#[command(disable_help_flag = true)]
struct Passed {
    /// The compiler's own arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tidal: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        None => main_job::run()?,
        Some(Action::Install { prefix }) => install::install(&prefix)?,
        Some(Action::Cc(passed)) => return compile(Driver::C, &passed),
        Some(Action::Cxx(passed)) => return compile(Driver::Cxx, &passed),
        Some(Action::Bench { groups, quick, rounds, json, html }) => {
            bench::run(&bench::Options { groups, quick, rounds: rounds.map(usize::from), json, html })?;
        }
        Some(Action::RustPeer { peer, workload, speed }) => {
            bench::rust_peers::run(&peer, &workload, speed.as_deref() == Some("quick"))?;
        }
        Some(Action::Symbols) => symbols::print()?,
        Some(Action::Doctor) => doctor::doctor()?,
        Some(Action::Vfork(args)) => return vfork::run(&args),
        Some(Action::Kernel(args)) => return kernel::run(&args),
    }
    Ok(ExitCode::SUCCESS)
}

fn compile(driver: Driver, passed: &Passed) -> Result<ExitCode> {
    let status = cc::run(driver, &passed.arguments)?;
    Ok(status.code().and_then(|c| u8::try_from(c).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
