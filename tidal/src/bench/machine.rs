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
