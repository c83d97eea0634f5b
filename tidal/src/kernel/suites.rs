//! Tidal's own test programs for the guest: what `tests/kernel/suites` lists, linked with this runtime.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::guest::GuestProgram;
use super::kernel_tests;
use crate::toolchain::{Libc, Program, Runtime, source_root};

/// What a suites file asks for.
#[derive(Default, PartialEq, Eq, Debug)]
struct Suites {
    /// Folder of `tests/c`, and the time limit for each program.
    areas: Vec<(String, u32)>,
    /// `AREA/NAME` of programs that do not run inside.
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
                    suites.areas.push((area.to_owned(), seconds));
                }
                _ => bail!("neither `AREA SECONDS` nor `! AREA/NAME REASON`: {line}"),
            }
        }
        Ok(suites)
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

/// Compiles them into `folder`.
pub fn compile(folder: &Path) -> Result<Compiled> {
    let libc = Libc::Tidal(Runtime::ensure()?);
    let file = kernel_tests()?.join("suites");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let suites = Suites::parse(&text).with_context(|| format!("in {}", file.display()))?;
    let mut compiled = Compiled::default();
    for (area, seconds) in &suites.areas {
        for source in sources(&source_root()?.join("tests/c").join(area))? {
            let name = format!("{area}-{}", source.file_stem().unwrap_or_default().to_string_lossy());
            let wishes = Wishes::of(&fs::read_to_string(&source)?);
            let left_out = suites.left_out.iter().any(|program| program.replacen('/', "-", 1) == name);
            if left_out || wishes.judged_by_the_host {
                continue;
            }
            let mut program = Program::new(&source, folder.join(&name));
            program.arguments.extend(wishes.flags);
            if let Err(error) = program.compile(&libc) {
                compiled.failures.push(format!("{name}: {error:#}"));
                continue;
            }
            let executable = program.output;
            compiled.programs.push(GuestProgram {
                name,
                seconds: *seconds,
                console: false,
                executable,
                arguments: wishes.args,
            });
        }
    }
    Ok(compiled)
}

fn sources(area: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(area).with_context(|| format!("cannot list {}", area.display()))?;
    let mut sources: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    sources.retain(|source| source.extension().is_some_and(|extension| extension == "c"));
    sources.sort();
    Ok(sources)
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
        let suites = Suites::parse("# text\n\nktls 60\n! ktls/slow takes an hour\n").unwrap();
        assert_eq!(suites.areas, [("ktls".to_owned(), 60)]);
        assert_eq!(suites.left_out, ["ktls/slow"]);
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
