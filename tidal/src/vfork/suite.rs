//! The programs of `tests/vfork`: finding, building and running them.

use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::patience::Patience;
use crate::refuse::{Refused, refuse};
use crate::toolchain::{Libc, Program, source_root};

/// One program.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its file's name without `.c`.
    pub name: String,
    /// What it checks: its first comment.
    pub what: String,
    source: PathBuf,
}

/// What became of a program.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Exit status 0, after this time.
    Passed(Duration),
    /// Another end; with what it said.
    Failed(String),
    /// Ended by the time limit.
    Hung(Duration),
    /// Not to be built: the first message.
    NotBuilt(String),
}

impl Verdict {
    /// Whether all is well.
    pub fn passed(&self) -> bool {
        matches!(self, Verdict::Passed(_))
    }
}

/// The programs, by name.
pub fn checks() -> Result<Vec<Check>> {
    let folder = source_root()?.join("tests/vfork");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let source = entry?.path();
        if source.extension().is_some_and(|e| e == "c") {
            found.push(Check::read(source)?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

impl Check {
    fn read(source: PathBuf) -> Result<Check> {
        let text = fs::read_to_string(&source)?;
        let comment = text.strip_prefix("/*").and_then(|t| t.split_once("*/")).map_or("", |t| t.0);
        let what = comment.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Check { name, what, source })
    }

    /// Builds the program with a C library and runs it.
    pub fn run(&self, libc: &Libc, iterations: u32, without: &[Refused]) -> Result<Verdict> {
        let output = output(&self.name, libc)?;
        if let Err(error) = compile(&self.source, &output, libc) {
            let text = format!("{error:#}");
            let line = text.lines().find(|l| l.contains("undefined") || l.contains("error")).unwrap_or(&text);
            return Ok(Verdict::NotBuilt(line.trim().to_owned()));
        }
        let mut command = Command::new(&output);
        command.arg(iterations.to_string());
        refuse(&mut command, without);
        execute(command)
    }
}

/// Where an executable goes.
pub(super) fn output(name: &str, libc: &Libc) -> Result<PathBuf> {
    let folder = source_root()?.join("target/tidal/vfork");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{name}.{}", libc.name().to_lowercase())))
}

/// Compiles one of the suite's sources.
pub(super) fn compile(source: &Path, output: &Path, libc: &Libc) -> Result<()> {
    let mut program = Program::new(source, output);
    // gcc warns of variables that a child might change; the programs mean to share them.
    program.arguments.push("-Wno-clobbered".into());
    program.compile(libc)
}

/// Runs all programs with one C library.
pub(super) fn run_all(
    checks: &[Check],
    libc: &Libc,
    iterations: u32,
    without: &[Refused],
) -> Result<Vec<Verdict>> {
    let style = ProgressStyle::with_template("{prefix:6} {bar:30} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(checks.len() as u64).with_style(style).with_prefix(libc.name());
    let mut verdicts = Vec::new();
    for check in checks {
        bar.set_message(check.name.clone());
        verdicts.push(check.run(libc, iterations, without)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(verdicts)
}

/// Longer than any program takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

fn execute(mut command: Command) -> Result<Verdict> {
    let mut child = command
        // What a hanging program leaves behind is ended with its group.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start a program of the suite")?;
    let mut stderr = child.stderr.take().context("standard error is a pipe")?;
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).map(|_| text)
    });
    let start = Instant::now();
    let status = wait_for(&mut child, LIMIT)?;
    // SAFETY: no pointers; the group is the program's own, and whoever is left in it is not wanted any more.
    unsafe { libc::kill(-(child.id() as i32), libc::SIGKILL) };
    let Some(status) = status else {
        child.wait()?;
        return Ok(Verdict::Hung(LIMIT));
    };
    if status.success() {
        return Ok(Verdict::Passed(start.elapsed()));
    }
    let text = reader.join().ok().and_then(Result::ok).unwrap_or_default();
    let first = String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned();
    Ok(Verdict::Failed(format!("{}: {first}", end(status))))
}

fn wait_for(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let mut patience = Patience::new(limit);
    while !patience.is_over() {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(None)
}

fn end(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (_, Some(signal)) => format!("signal {signal}"),
        _ => status.to_string(),
    }
}
