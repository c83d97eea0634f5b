//! Building the workloads for every peer and running them in interleaved rounds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Options;
use super::allocators;
use super::machine::{Load, Machine, machine, yardstick};
use super::stats::{Summary, summarise};
use super::workload::Workload;
use crate::toolchain::{Libc, Program, source_root};

/// How a metric reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Times, sizes.
    Less,
    /// Throughputs.
    More,
}

impl Better {
    fn of(unit: &str) -> Better {
        if unit.ends_with("/s") { Better::More } else { Better::Less }
    }
}

/// One metric of one workload, for all peers.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// The workload's group.
    pub group: String,
    /// The metric's name.
    pub name: String,
    /// What the workload measures.
    pub what: String,
    /// `ns`, `us`, `Mops/s`, `KiB` …
    pub unit: String,
    /// How it reads.
    pub better: Better,
    /// Peer by peer, Tidal first.
    pub peers: Vec<Figure>,
}

/// A peer's result.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The peer's name.
    pub peer: String,
    /// Over the rounds.
    pub value: Summary,
    /// How many times better Tidal is than this peer, round by round; above 1, Tidal is ahead.
    pub tidal_ahead: Option<Summary>,
}

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// What it ran on.
    pub machine: Machine,
    /// How many rounds.
    pub rounds: usize,
    /// The yardstick over the rounds, in milliseconds.
    pub yardstick: Summary,
    /// The part of all CPUs' time that other programs, or the hypervisor, took meanwhile.
    pub others: f64,
    /// Everything measured.
    pub metrics: Vec<Metric>,
    /// Peers and workloads that failed, with why.
    pub failures: Vec<String>,
}

impl Results {
    /// Whether the machine was too busy for its figures to be trusted.
    pub fn is_noisy(&self) -> bool {
        self.others > 0.03 || self.yardstick.spread > 0.1 || self.yardstick.max > 1.5 * self.yardstick.median
    }

    /// What to tell the reader then.
    pub fn noise(&self) -> String {
        format!(
            "The machine was busy: other programs took {:.0} % of its CPUs, and a fixed piece of work {:.2} to {:.2} ms. \
             Trust ratios more than times, and small differences not at all.",
            self.others * 100.0,
            self.yardstick.min,
            self.yardstick.max
        )
    }
}

/// A program to run, round after round.
struct Job {
    workload: usize,
    peer: String,
    command: PathBuf,
    args: Vec<String>,
    one_cpu: bool,
}

/// Values by workload, metric name and peer, one for each round in which it ran.
type Samples = BTreeMap<(usize, String), (String, BTreeMap<String, Vec<(usize, f64)>>)>;

/// Builds and runs everything.
pub fn measure(workloads: &[Workload], libcs: &[Libc], options: &Options) -> Result<Results> {
    let rounds = options.rounds.unwrap_or(if options.quick { 3 } else { 9 });
    let budget = Duration::from_secs(if options.quick { 50 } else { 13 * 60 });
    let mut failures = Vec::new();
    let jobs = build(workloads, libcs, options, &mut failures)?;
    let bar = ProgressBar::new((rounds * jobs.len()) as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut samples = Samples::new();
    let mut yardsticks = Vec::new();
    let mut broken = vec![false; jobs.len()];
    let (before, start) = (Load::now(), Instant::now());
    let mut done = 0;
    for round in 0..rounds {
        // On a slow machine, or with many peers, fewer rounds: a run that takes an hour is not started twice.
        let another = start.elapsed() * (round as u32 + 1) / (round as u32).max(1);
        if options.rounds.is_none() && round > 0 && another > budget {
            break;
        }
        done += 1;
        yardsticks.push(yardstick());
        for k in 0..jobs.len() {
            // Neighbours in the list are the same workload's peers: rotating changes who goes first.
            let index = (k + round) % jobs.len();
            let job = &jobs[index];
            let workload = &workloads[job.workload];
            bar.set_message(format!("round {} of {rounds}: {} {}", round + 1, workload.name, job.peer));
            if !broken[index] {
                match run(job, options.quick) {
                    Ok(lines) => record(&mut samples, job, round, lines),
                    Err(error) => {
                        broken[index] = true;
                        failures.push(format!("{} with {}: {error:#}", workload.name, job.peer));
                    }
                }
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let yardstick = summarise(&yardsticks).context("no rounds")?;
    let others = Load::now().others_since(&before);
    let metrics = metrics(workloads, samples);
    Ok(Results { machine: machine(), rounds: done, yardstick, others, metrics, failures })
}

fn build(
    workloads: &[Workload],
    libcs: &[Libc],
    options: &Options,
    failures: &mut Vec<String>,
) -> Result<Vec<Job>> {
    let out = source_root()?.join("target/tidal/bench");
    fs::create_dir_all(&out)?;
    let mut jobs = Vec::new();
    let mut peers: Vec<(&str, &Libc, Vec<String>)> =
        libcs.iter().map(|libc| (libc.name(), libc, Vec::new())).collect();
    if workloads.iter().any(|w| w.allocators) {
        let all = allocators::build_all(options, failures)?;
        peers.extend(all.into_iter().map(|a| (a.name, &Libc::Glibc, a.arguments)));
    }
    let bar = ProgressBar::new(workloads.len() as u64).with_message("compiling workloads");
    for (index, w) in workloads.iter().enumerate() {
        bar.inc(1);
        if options.quick && w.full_only {
            continue;
        }
        for (number, (name, libc, arguments)) in peers.iter().enumerate() {
            if !w.wants(name) || (number >= libcs.len() && !w.allocators) {
                continue;
            }
            let mut program = Program::new(&w.source, out.join(format!("{}-{}.{name}", w.group, w.name)));
            program.arguments.extend(w.flags.iter().chain(arguments).cloned());
            match program.compile(libc) {
                Ok(()) => jobs.push(Job {
                    workload: index,
                    peer: (*name).into(),
                    command: program.output,
                    args: Vec::new(),
                    one_cpu: w.one_cpu,
                }),
                Err(error) => failures.push(format!("{} with {name}: {error:#}", w.name)),
            }
        }
        for peer in &w.rust {
            jobs.push(Job {
                workload: index,
                peer: peer.clone(),
                command: std::env::current_exe()?,
                args: vec!["rust-peer".into(), peer.clone(), format!("{}/{}", w.group, w.name)],
                one_cpu: w.one_cpu,
            });
        }
    }
    bar.finish_and_clear();
    Ok(jobs)
}

fn run(job: &Job, quick: bool) -> Result<Vec<(String, f64, String)>> {
    let mut command = Command::new(&job.command);
    command.args(&job.args);
    if quick {
        command.arg("quick");
    }
    let one_cpu = job.one_cpu;
    // SAFETY: between fork and exec the child makes one system call.
    unsafe {
        command.pre_exec(move || if one_cpu { pin_to_last_cpu() } else { Ok(()) });
    }
    let output = crate::tools::run(&mut command)?;
    let text = String::from_utf8_lossy(&output);
    text.lines().map(|l| parse(l).with_context(|| format!("not `metric value unit`: {l}"))).collect()
}

/// The last CPU that this process may use: the first one serves most interrupts.
fn pin_to_last_cpu() -> std::io::Result<()> {
    // SAFETY: an all-zero set is a set; the calls write and read within its size.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of_val(&set), &mut set) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        let last = (0..libc::CPU_SETSIZE as usize).rev().find(|&c| libc::CPU_ISSET(c, &set)).unwrap_or(0);
        libc::CPU_ZERO(&mut set);
        libc::CPU_SET(last, &mut set);
        if libc::sched_setaffinity(0, size_of_val(&set), &set) != 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

/// `metric value unit`, where the metric's name may have spaces.
fn parse(line: &str) -> Option<(String, f64, String)> {
    let mut words = line.trim().rsplitn(3, ' ');
    let (unit, value, name) = (words.next()?, words.next()?, words.next()?);
    Some((name.trim().to_owned(), value.parse().ok()?, unit.to_owned()))
}

fn record(samples: &mut Samples, job: &Job, round: usize, lines: Vec<(String, f64, String)>) {
    for (name, value, unit) in lines {
        let (_, peers) = samples.entry((job.workload, name)).or_insert_with(|| (unit, BTreeMap::new()));
        peers.entry(job.peer.clone()).or_default().push((round, value));
    }
}

fn metrics(workloads: &[Workload], samples: Samples) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for ((workload, name), (unit, peers)) in samples {
        let better = Better::of(&unit);
        let tidal: BTreeMap<usize, f64> = peers.get("Tidal").into_iter().flatten().copied().collect();
        let mut figures: Vec<Figure> = peers
            .iter()
            .filter_map(|(peer, values)| {
                let value = summarise(&values.iter().map(|v| v.1).collect::<Vec<_>>())?;
                let ratios: Vec<f64> = values
                    .iter()
                    .filter_map(|(round, v)| {
                        tidal.get(round).map(|t| if better == Better::Less { v / t } else { t / v })
                    })
                    .filter(|r| r.is_finite())
                    .collect();
                let tidal_ahead = if peer == "Tidal" { None } else { summarise(&ratios) };
                Some(Figure { peer: peer.clone(), value, tidal_ahead })
            })
            .collect();
        figures.sort_by_key(|f| peer_order(&f.peer));
        let w = &workloads[workload];
        metrics.push(Metric {
            group: w.group.clone(),
            name,
            what: w.what.clone(),
            unit,
            better,
            peers: figures,
        });
    }
    metrics
}

/// Tidal, the C libraries, then the rest by name.
pub fn peer_order(peer: &str) -> (usize, String) {
    let known = ["Tidal", "glibc", "musl"];
    (known.iter().position(|k| *k == peer).unwrap_or(known.len()), peer.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Better, parse};

    #[test]
    fn lines_are_parsed_from_the_right() {
        assert_eq!(parse("normal, one thread 2.5 ns"), Some(("normal, one thread".into(), 2.5, "ns".into())));
        assert_eq!(parse("nonsense"), None);
        assert_eq!(parse("a b c"), None);
    }

    #[test]
    fn throughput_reads_upwards() {
        assert!(Better::of("Mops/s") == Better::More && Better::of("ns") == Better::Less);
    }
}
