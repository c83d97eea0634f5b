//! Tidal's own test programs for the guest: those of `tests/c` and `tests/vfork`, linked with this runtime. `tests/kernel/suites` has the
//! exceptions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::guest::{self, GuestProgram};
use super::kernel_tests;
use crate::toolchain::{Libc, Program, Runtime, source_root};

/// Time limit for a program in the guest, which is slower than the host.
const SECONDS: u32 = 180;
/// What the programs of `tests/vfork` are told to do how many times.
const VFORK_ITERATIONS: &str = "10";

/// What a suites file asks for.
#[derive(Default, PartialEq, Eq, Debug)]
struct Suites {
    /// Folder of `tests/c`, and the time limit for each program, if it is not [`SECONDS`].
    limits: Vec<(String, u32)>,
    /// `AREA/NAME` of programs, and folders, that do not run inside.
    left_out: Vec<String>,
}

impl Suites {
    fn parse(text: &str) -> Result<Suites> {
        let mut suites = Suites::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["!", program, _, ..] => suites.left_out.push(program.to_owned()),
                [area, seconds] => {
                    let seconds = seconds.parse().with_context(|| format!("no time limit: {line}"))?;
                    suites.limits.push((area.to_owned(), seconds));
                }
                _ => bail!("neither `AREA SECONDS` nor `! AREA[/NAME] REASON`: {line}"),
            }
        }
        Ok(suites)
    }

    fn leave_out(&self, area: &str, program: &str) -> bool {
        self.left_out.iter().any(|left_out| left_out == area || left_out == program)
    }
}

/// The programs, and what was wrong with those that do not link.
#[derive(Default)]
pub struct Compiled {
    /// For the guest.
    pub programs: Vec<GuestProgram>,
    /// A line each.
    pub failures: Vec<String>,
}

/// Compiles them into `folder`: those of the folders that `only` names, or all.
pub fn compile(folder: &Path, only: &[String]) -> Result<Compiled> {
    let wanted = |area: &str| only.is_empty() || only.iter().any(|name| name == area);
    let libc = Libc::Tidal(Runtime::ensure()?);
    let file = kernel_tests()?.join("suites");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let suites = Suites::parse(&text).with_context(|| format!("in {}", file.display()))?;
    let mut compiled = Compiled::default();
    let root = source_root()?;
    let mut folders = areas(&root.join("tests/c"))?;
    folders.push(root.join("tests/vfork"));
    for folder_of_sources in folders {
        let area = folder_of_sources.file_name().unwrap_or_default().to_string_lossy();
        if !wanted(&area) {
            continue;
        }
        let limit = suites.limits.iter().find(|(name, _)| *name == area);
        let seconds = limit.map_or(SECONDS, |(_, seconds)| *seconds);
        for source in sources(&folder_of_sources)? {
            let name = format!("{area}/{}", source.file_stem().unwrap_or_default().to_string_lossy());
            let mut wishes = Wishes::of(&fs::read_to_string(&source)?);
            if suites.leave_out(&area, &name) || wishes.judged_by_the_host {
                continue;
            }
            if area == "vfork" {
                wishes.args = vec![VFORK_ITERATIONS.into()];
            }
            compiled.add(name, &source, folder, &libc, seconds, wishes);
        }
    }
    if wanted(guest::KILL) {
        let victim = root.join("tests/vfork/kill/victim.c");
        compiled.add("victim".into(), &victim, folder, &libc, 0, Wishes::default());
        compiled.programs.push(guest::compile_stepper(folder)?);
    }
    for area in only {
        if !compiled.programs.iter().any(|program| program.name.split('/').next() == Some(area)) {
            bail!("no program of tests/c, and none for guests, is in `{area}`");
        }
    }
    Ok(compiled)
}

impl Compiled {
    fn add(&mut self, name: String, source: &Path, folder: &Path, libc: &Libc, seconds: u32, wishes: Wishes) {
        let executable = folder.join(name.replace('/', "-"));
        let mut program = Program::new(source, &executable);
        program.arguments.extend(wishes.flags);
        // The initramfs is unpacked into memory, and nobody debugs there.
        program.arguments.push("-s".into());
        match program.compile(libc) {
            Ok(()) => self.programs.push(GuestProgram {
                name,
                seconds,
                console: false,
                executable,
                arguments: wishes.args,
            }),
            Err(error) => self.failures.push(format!("{name}: {error:#}")),
        }
    }
}

fn areas(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut areas = list(folder)?;
    areas.retain(|area| area.is_dir());
    Ok(areas)
}

fn sources(area: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = list(area)?;
    sources.retain(|source| source.extension().is_some_and(|extension| extension == "c"));
    Ok(sources)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// The part of a program's `harness:` comments (see `tests/src/lib.rs`) that matters in the guest.
#[derive(Default, PartialEq, Eq, Debug)]
struct Wishes {
    flags: Vec<String>,
    args: Vec<String>,
    /// It does not end with 0, or it is about its output.
    judged_by_the_host: bool,
}

impl Wishes {
    fn of(source: &str) -> Wishes {
        let mut wishes = Wishes::default();
        for comment in source.split("/* harness:").skip(1) {
            let mut words =
                comment.split("*/").next().unwrap_or_default().split_whitespace().map(str::to_owned);
            match words.next().as_deref() {
                Some("flags") => wishes.flags = words.collect(),
                Some("args") => wishes.args = words.collect(),
                Some("status" | "signal" | "stderr") => wishes.judged_by_the_host = true,
                _ => {}
            }
        }
        wishes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites() {
        let suites =
            Suites::parse("# text\n\nktls 60\n! ktls/slow takes an hour\n! string no kernel\n").unwrap();
        assert_eq!(suites.limits, [("ktls".to_owned(), 60)]);
        assert!(suites.leave_out("ktls", "ktls/slow") && !suites.leave_out("ktls", "ktls/fast"));
        assert!(suites.leave_out("string", "string/any"));
        for wrong in ["ktls", "ktls soon", "! ktls/slow", "ktls 1 2"] {
            assert!(Suites::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn wishes() {
        let wishes =
            Wishes::of("/* harness: flags -lm -O0 */\n/* harness: compare */\n/* harness: args a */\n");
        assert_eq!((wishes.flags, wishes.args), (vec!["-lm".into(), "-O0".into()], vec!["a".into()]));
        assert!(!wishes.judged_by_the_host);
        assert!(Wishes::of("/* harness: signal 6 */").judged_by_the_host);
    }
}
