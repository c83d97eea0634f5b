//! What the figures were measured on, and a yardstick for how quiet it was.

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use serde::Serialize;

/// The machine and the versions of what ran on it.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Processor model.
    pub cpu: String,
    /// How many CPUs this process may use.
    pub cpus: usize,
    /// Kernel release.
    pub kernel: String,
    /// First lines of `--version` of compilers, and libc versions.
    pub versions: Vec<String>,
}

/// Looks the machine up.
pub fn machine() -> Machine {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or_default();
    let mut versions = vec![format!("Tidal {}", env!("CARGO_PKG_VERSION"))];
    versions.extend(first_line(Command::new("gcc").arg("--version")));
    versions.extend(first_line(Command::new("rustc").arg("--version")));
    versions.extend(first_line(Command::new("ldd").arg("--version")).map(|v| v.replace("ldd", "glibc:")));
    versions.extend(musl_version());
    versions.extend(["parking_lot", "spin"].map(crate_version));
    Machine {
        cpu: model.trim_start_matches([' ', '\t', ':']).to_owned(),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        versions,
    }
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

fn musl_version() -> Option<String> {
    // musl's loader says its version on standard error when started without a program.
    let output = Command::new("/lib/ld-musl-x86_64.so.1").output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().find_map(|l| l.strip_prefix("Version ")).map(|v| format!("musl {v}"))
}

/// The version of a peer from crates.io, as this program was built with.
fn crate_version(name: &str) -> String {
    let lock = include_str!("../../../Cargo.lock");
    let entry = lock.split("[[package]]").find(|p| p.contains(&format!("name = \"{name}\"")));
    let version = entry.and_then(|p| p.split("version = \"").nth(1)?.split('"').next());
    format!("{name} {}", version.unwrap_or("of unknown version"))
}

/// CPU time until now, in clock ticks.
pub struct Load {
    /// Of all CPUs, whether they were busy or not.
    all: u64,
    /// Busy or taken by the hypervisor, for anybody.
    busy: u64,
    /// Busy for this process and its children.
    own: u64,
}

impl Load {
    /// As it is; all zero where `/proc` is missing.
    pub fn now() -> Load {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        // user, nice, system, idle, iowait, irq, softirq, steal; guests' time is in user.
        let line = stat.lines().next().unwrap_or_default();
        let ticks: Vec<u64> = line.split_whitespace().skip(1).take(8).flat_map(str::parse).collect();
        let idle: u64 = ticks.iter().skip(3).take(2).sum();
        let all: u64 = ticks.iter().sum();
        let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // After the name, which may have spaces: utime, stime and the children's are fields 14 to 17.
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
        let own = fields.skip(11).take(4).flat_map(str::parse::<u64>).sum();
        Load { all, busy: all - idle, own }
    }

    /// The part of all CPUs' time that went to others since then.
    pub fn others_since(&self, before: &Load) -> f64 {
        let others = (self.busy - before.busy).saturating_sub(self.own - before.own);
        others as f64 / (self.all - before.all).max(1) as f64
    }
}

/// Time in milliseconds of a fixed piece of arithmetic: the same on a quiet machine every time.
pub fn yardstick() -> f64 {
    let start = Instant::now();
    let mut x = 1u64;
    for i in 0..2_000_000u64 {
        x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(i));
    }
    black_box(x);
    start.elapsed().as_secs_f64() * 1e3
}
