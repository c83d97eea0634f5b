//! `tidal vfork`: what may be done in a vfork child, checked program by program, and instruction by instruction.
//!
//! The programs are `tests/vfork/*.c`: each takes a number of iterations, checks one behaviour, and exits with 0. `suite`
//! builds and runs them, with Tidal and on request with the peers. `kill` single-steps children of
//! `tests/vfork/kill/victim.c` and kills them at every instruction: `tracer` is its hold on the processes, `asleep` finds out
//! that they hang, and `patience` is how long either half waits for what cannot be proved. `table` prints what came of it.

mod asleep;
mod kill;
mod patience;
mod search;
mod suite;
mod table;
mod tracer;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use crate::main_job::with_spinner;
use crate::refuse::Refused;
use crate::toolchain::{Libc, Runtime};
use kill::Points;

pub use kill::{Damage, check as check_kill, sample as sample_kill};
pub use suite::{Check, Verdict, checks};

/// The arguments of `tidal vfork`.
#[derive(Args)]
pub struct VforkArgs {
    /// Only these programs (or, with --kill, scenarios whose name contains one of these)
    names: Vec<String>,
    /// Run the programs with glibc and musl too, and show who passes what
    #[arg(long)]
    peers: bool,
    /// How often each program repeats its behaviour
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(conflicts_with = "kill")]
    iterations: u32,
    /// Answer these system calls with ENOSYS, such as rseq,membarrier,clone3, or with EPERM: rseq=EPERM
    #[arg(long, value_name = "CALLS", value_delimiter = ',', conflicts_with = "kill")]
    without: Vec<String>,
    /// Kill a vfork child after its k-th instruction, for every k
    #[arg(long)]
    kill: bool,
    /// With --kill: only every N-th instruction [default: every one of Tidal's, every 10th of the peers']
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), requires = "kill")]
    every: Option<u32>,
    /// With --kill: the peers' instructions as densely as Tidal's, and whatever the damage
    #[arg(long, requires = "kill")]
    to_the_end: bool,
}

/// Runs `tidal vfork`. Peers' failures are shown and do not count.
pub fn run(args: &VforkArgs) -> Result<ExitCode> {
    let tidal = Libc::Tidal(with_spinner("building the runtime", Runtime::ensure)?);
    let mut libcs = vec![tidal];
    if args.peers {
        libcs.extend(Libc::installed_peers());
    }
    let good = if args.kill { kill(args, &libcs)? } else { suite(args, &libcs)? };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The whole suite with few iterations, and one line of what came of it; fails with what failed.
pub fn brief(runtime: &Runtime) -> Result<()> {
    const ITERATIONS: u32 = 50;
    let checks = checks()?;
    let verdicts = suite::run_all(&checks, &Libc::Tidal(runtime.clone()), ITERATIONS, &[])?;
    let failed: Vec<String> = checks
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| !verdict.passed())
        .map(|(check, verdict)| format!("{}: {verdict:?}", check.name))
        .collect();
    if !failed.is_empty() {
        bail!("vfork suite: {} of {} fail\n{}", failed.len(), checks.len(), failed.join("\n"));
    }
    println!(
        "vfork suite: {} programs pass, {ITERATIONS} times each (`tidal vfork` shows which)",
        checks.len()
    );
    Ok(())
}

fn suite(args: &VforkArgs, libcs: &[Libc]) -> Result<bool> {
    let checks = named(checks()?, &args.names)?;
    let without: Vec<Refused> = args.without.iter().map(|n| n.parse()).collect::<Result<_>>()?;
    let mut columns = Vec::new();
    for libc in libcs {
        let verdicts = suite::run_all(&checks, libc, args.iterations, &without)?;
        columns.push((libc.name(), verdicts));
    }
    table::print_suite(&checks, &columns, args.iterations, &args.without);
    Ok(columns[0].1.iter().all(Verdict::passed))
}

/// The programs of these names; all if there are none.
fn named(checks: Vec<Check>, names: &[String]) -> Result<Vec<Check>> {
    let unknown: Vec<&str> =
        names.iter().map(String::as_str).filter(|n| checks.iter().all(|c| c.name != *n)).collect();
    if !unknown.is_empty() {
        bail!("no such program in tests/vfork: {}", unknown.join(", "));
    }
    Ok(checks.into_iter().filter(|c| names.is_empty() || names.contains(&c.name)).collect())
}

fn kill(args: &VforkArgs, libcs: &[Libc]) -> Result<bool> {
    let mut columns = Vec::new();
    table::print_kill_header();
    for libc in libcs {
        let points = points(args, libc);
        let scenarios = kill::run_all(libc, &args.names, points, |s| table::print_kill_line(libc.name(), s))?;
        columns.push((libc.name(), points.every, scenarios));
    }
    table::print_kill(&columns);
    Ok(columns[0].2.iter().all(|s| s.damage.is_none()))
}

/// Peers are gone through whatever the damage: there is much of it, and it is what is asked for.
fn points(args: &VforkArgs, libc: &Libc) -> Points {
    const SAMPLE: usize = 10;
    let ours = matches!(libc, Libc::Tidal(_));
    let every = args.every.map(|n| n as usize);
    Points {
        every: every.unwrap_or(if ours || args.to_the_end { 1 } else { SAMPLE }),
        to_the_end: !ours || args.to_the_end,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{VforkArgs, checks, named};

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        _vfork: VforkArgs,
    }

    #[test]
    fn options_that_would_be_ignored_are_refused() {
        let taken = |arguments: &str| Command::try_parse_from(arguments.split(' ')).is_ok();
        for good in
            ["vfork", "vfork --iterations 3 --without rseq", "vfork --kill --every 3 --to-the-end --peers"]
        {
            assert!(taken(good), "{good}");
        }
        for bad in ["--every 3", "--to-the-end", "--kill --iterations 3", "--kill --without rseq"] {
            assert!(!taken(&format!("vfork {bad}")), "{bad}");
        }
    }

    #[test]
    fn an_unknown_name_among_several_is_refused() {
        let named = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
            named(checks().expect("the suite"), &names)
        };
        assert_eq!(named(&["identity", "nested"]).expect("both").len(), 2);
        let error = named(&["identity", "nest"]).expect_err("no such program").to_string();
        assert!(error.ends_with(": nest"), "{error}");
    }
}
