//! The harness: compiles small C programs, runs them as subprocesses, and judges how they ended.
//!
//! A test program lies in `tests/c/AREA/NAME.c` (or `.cc`, C++; `AREA` is a header or a subject) and exits with 0 when all
//! is well; what it prints on the way is shown when it fails. Its first comment says in a line what it checks. Comments of the form
//! `/* harness: KEY VALUE */` tell the harness more:
//!
//! | key | meaning |
//! |---|---|
//! | `glibc no` | not for the host's glibc: it checks something of Tidal's own |
//! | `flags …` | further arguments for gcc |
//! | `args …` | arguments for the program |
//! | `status N` | the exit status that is right, instead of 0 |
//! | `signal N` | the signal that rightly ends it |
//! | `stderr TEXT` | standard error must contain this |
//! | `seconds N` | time limit, instead of 60 |
//! | `compare` | standard output must be the same as with the host's glibc |

pub mod signatures;

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tidal::refuse::{Refused, refuse};
use tidal::toolchain::{Libc, LinkMode, Program, Runtime, source_root};

/// What a test program's comments ask for.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Whether the host's glibc must pass it too.
    pub not_for_glibc: bool,
    /// Further arguments for gcc.
    pub flags: Vec<String>,
    /// Arguments for the program.
    pub args: Vec<String>,
    /// The right exit status.
    pub status: i32,
    /// The signal that rightly ends it.
    pub signal: Option<i32>,
    /// What standard error must contain.
    pub stderr: Option<String>,
    /// Time limit in seconds, beyond what stress tests are asked for.
    pub seconds: u64,
    /// Whether standard output is compared with glibc's.
    pub compare: bool,
}

impl Wishes {
    /// Reads the `harness:` comments of a source.
    pub fn of(source: &str) -> Self {
        let mut wishes = Wishes { seconds: 60, ..Wishes::default() };
        for line in source.lines() {
            let Some((_, rest)) = line.split_once("/* harness:") else { continue };
            let rest = rest.split("*/").next().unwrap_or_default().trim();
            let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
            let value = value.trim();
            let words = || value.split_whitespace().map(str::to_owned).collect();
            match key {
                "glibc" => wishes.not_for_glibc = value == "no",
                "flags" => wishes.flags = words(),
                "args" => wishes.args = words(),
                "status" => wishes.status = value.parse().expect("a number after `status`"),
                "signal" => wishes.signal = Some(value.parse().expect("a number after `signal`")),
                "stderr" => wishes.stderr = Some(value.to_owned()),
                "seconds" => wishes.seconds = value.parse().expect("a number after `seconds`"),
                "compare" => wishes.compare = true,
                _ => panic!("unknown harness key `{key}`"),
            }
        }
        wishes
    }
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status, or `None` if it was stopped at the time limit.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

/// An environment variable that stress tests read: how long they are to go on, instead of a second or less.
const STRESS_SECONDS: &str = "TIDAL_STRESS_SECONDS";

/// Runs a program with a time limit, standard input empty, an environment of its own, and without some system calls.
pub fn run(
    program: &Path,
    args: &[impl AsRef<OsStr>],
    limit: Duration,
    without: &[Refused],
) -> Result<Ended> {
    let mut command = Command::new(program);
    refuse(&mut command, without);
    // The same environment on every machine.
    let mut child = command
        .args(args)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", "/tmp")
        .envs(std::env::var_os(STRESS_SECONDS).map(|seconds| (STRESS_SECONDS, seconds)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let (mut out, mut err) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes)
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        err.read_to_end(&mut bytes).map(|_| bytes)
    });
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let join = |t: std::thread::JoinHandle<std::io::Result<Vec<u8>>>| {
        t.join().expect("a reader thread").unwrap_or_default()
    };
    // A grandchild that lives on would keep the pipes open for ever.
    if status.is_none() {
        return Ok(Ended { status, stdout: Vec::new(), stderr: Vec::new() });
    }
    Ok(Ended { status, stdout: join(out), stderr: join(err) })
}

fn judge(ended: &Ended, wishes: &Wishes) -> Result<()> {
    let Some(status) = ended.status else { bail!("hangs: stopped after {} s", wishes.seconds) };
    let right = match wishes.signal {
        Some(signal) => status.signal() == Some(signal),
        None => status.code() == Some(wishes.status),
    };
    let stderr = String::from_utf8_lossy(&ended.stderr);
    if !right {
        bail!("ended with {status}\nstdout: {}\nstderr: {stderr}", String::from_utf8_lossy(&ended.stdout));
    }
    if let Some(text) = &wishes.stderr
        && !stderr.contains(text)
    {
        bail!("standard error lacks `{text}`: {stderr}");
    }
    Ok(())
}

/// The runtime under test, built once per test process.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::ensure().unwrap_or_else(|e| panic!("{e:#}")))
}

/// Where executables go.
pub fn output_folder() -> PathBuf {
    let folder = source_root().expect("the checkout").join("target/tidal/tests");
    fs::create_dir_all(&folder).expect("a folder for executables");
    folder
}

/// A way to build each test program.
struct Variant {
    name: &'static str,
    libc: Libc,
    mode: LinkMode,
    optimise: &'static str,
    without: &'static [&'static str],
}

fn variants() -> Vec<Variant> {
    let tidal = || Libc::Tidal(runtime().clone());
    vec![
        Variant { name: "static", libc: tidal(), mode: LinkMode::Static, optimise: "-O2", without: &[] },
        Variant {
            name: "static-debug",
            libc: tidal(),
            mode: LinkMode::Static,
            optimise: "-O0",
            without: &[],
        },
        Variant { name: "pie", libc: tidal(), mode: LinkMode::StaticPie, optimise: "-O2", without: &[] },
        // What a kernel without them leaves of the fast paths (`tidal vfork` tries that), here as a container answers.
        Variant {
            name: "no-rseq",
            libc: tidal(),
            mode: LinkMode::Static,
            optimise: "-O2",
            without: &["rseq", "membarrier", "clone3", "close_range"],
        },
        // The host's own libc checks the test.
        Variant { name: "glibc", libc: Libc::Glibc, mode: LinkMode::Static, optimise: "-O2", without: &[] },
    ]
}

/// Compiles and runs one test program in every variant.
pub fn check_source(source: &Path) -> Result<()> {
    let text = fs::read_to_string(source).with_context(|| format!("cannot read {}", source.display()))?;
    let wishes = Wishes::of(&text);
    let mut outputs: Vec<(&str, Vec<u8>)> = Vec::new();
    for variant in variants() {
        if wishes.not_for_glibc && matches!(variant.libc, Libc::Glibc) {
            continue;
        }
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        let area = source.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let output = output_folder().join(format!("{area}-{stem}.{}", variant.name));
        let mut program = Program::new(source, &output);
        program.mode = variant.mode;
        program.arguments = vec![variant.optimise.into(), "-g".into()];
        program.arguments.extend(wishes.flags.iter().cloned());
        program.compile(&variant.libc).with_context(|| format!("{stem} ({})", variant.name))?;
        let without: Vec<Refused> = variant.without.iter().map(|n| n.parse()).collect::<Result<_>>()?;
        let stress = std::env::var(STRESS_SECONDS).ok().and_then(|s| s.parse::<u64>().ok()).unwrap_or(0);
        // Some go through several kinds, each for that long.
        let limit = Duration::from_secs(wishes.seconds + 10 * stress);
        let ended = run(&output, &wishes.args, limit, &without)?;
        judge(&ended, &wishes).with_context(|| format!("{stem} ({})", variant.name))?;
        outputs.push((variant.name, ended.stdout));
    }
    if wishes.compare {
        let (reference, expected) = outputs.last().expect("some variant ran");
        for (name, output) in &outputs {
            if output != expected {
                bail!("{}: {}", source.display(), first_difference(name, output, reference, expected));
            }
        }
    }
    Ok(())
}

fn first_difference(name: &str, output: &[u8], reference: &str, expected: &[u8]) -> String {
    let (a, b) = (String::from_utf8_lossy(output), String::from_utf8_lossy(expected));
    let (mut left, mut right) = (a.lines(), b.lines());
    let mut line = 1;
    loop {
        match (left.next(), right.next()) {
            (Some(l), Some(r)) if l == r => line += 1,
            (None, None) => return "outputs differ in their line ends".into(),
            (l, r) => {
                let (l, r) = (l.unwrap_or("(end)"), r.unwrap_or("(end)"));
                return format!("line {line}: {name} says `{l}`, {reference} says `{r}`");
            }
        }
    }
}

/// Checks every program of an area, and fails with all that went wrong. `TIDAL_TEST=NAME` checks one alone.
pub fn check_area(area: &str) {
    let folder = source_root().expect("the checkout").join("tests/c").join(area);
    let only = std::env::var("TIDAL_TEST").ok();
    let mut sources: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "c" || e == "cc"))
        .filter(|p| only.as_ref().is_none_or(|o| p.file_stem().is_some_and(|s| s == o.as_str())))
        .collect();
    sources.sort();
    let failures: Vec<String> =
        sources.iter().filter_map(|s| check_source(s).err()).map(|e| format!("{e:#}")).collect();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), sources.len(), failures.join("\n\n"));
}
