//! What `tidal` does when told nothing: builds the runtime, links programs with it, runs them, and shows the result.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::ProgressBar;

use crate::toolchain::{Libc, Program, Runtime, source_root};
use crate::{bench, tools, vfork};

/// Runs the main job. Fails if a program or a check of the vfork suite does.
pub fn run() -> Result<()> {
    let runtime = with_spinner("building the runtime (libc.a, crt1.o)", Runtime::ensure)?;
    println!("Tidal: libc.a, crt1.o and companions are in {}\n", runtime.lib.display());
    examples(&runtime)?;
    println!();
    vfork::brief(&runtime)?;
    println!("\nBenchmark, in short (`tidal bench` takes its time)");
    let html = source_root()?.join("target/tidal/report.html");
    bench::run(&bench::Options { quick: true, html: Some(html), ..bench::Options::default() })?;
    Ok(())
}

/// Shows that something goes on while `job` runs.
pub fn with_spinner<T>(what: &str, job: impl FnOnce() -> Result<T>) -> Result<T> {
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    let result = job();
    bar.finish_and_clear();
    result
}

/// Links the C and Rust examples and shows what they print.
fn examples(runtime: &Runtime) -> Result<()> {
    let root = source_root()?;
    let out = root.join("target/tidal/examples");
    fs::create_dir_all(&out)?;
    println!("Examples, each a static program");
    let sources = root.join("rt/src/lib.rs");
    for (name, arguments) in
        [("hello", &[][..]), ("ktls", &[]), ("wordfreq", &["-i", "-n3", &sources.to_string_lossy()])]
    {
        let mut program = Program::new(root.join(format!("examples/c/{name}.c")), out.join(name));
        program.arguments.push("-s".into());
        program.compile(&Libc::Tidal(runtime.clone()))?;
        show(&format!("{name}.c"), &program.output, arguments)?;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    tools::run(
        Command::new(cargo)
            .args(["build", "--quiet", "--release", "--package", "tidal-examples"])
            .current_dir(&root)
            .env("CARGO_TARGET_DIR", root.join("target/tidal")),
    )
    .context("cannot build the Rust examples")?;
    for name in ["hello", "ktls"] {
        show(&format!("{name}.rs"), &root.join("target/tidal/release").join(name), &[])?;
    }
    Ok(())
}

fn show(title: &str, program: &Path, arguments: &[&str]) -> Result<()> {
    let size = fs::metadata(program)?.len();
    println!("\n  {title} ({} KiB)", size.div_ceil(1024));
    let output = tools::run(Command::new(program).args(arguments))?;
    for line in String::from_utf8_lossy(&output).lines() {
        println!("    {line}");
    }
    Ok(())
}
