//! Killing vfork children at every instruction of what they do.
//!
//! For each scenario of `tests/vfork/kill/victim.c`: the *k*-th child is stepped *k* instructions into it and killed, and the
//! parent must come back with another child, which it does only after it and its second thread have used heap, stream and
//! mutex. One that does not is a hang, one that ends is a corruption; then a fresh parent goes on at *k* + 1.

use std::fmt;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::suite::{compile, output};
use super::tracer::{Child, Next, Parent, Step, stay_on_one_cpu};
use crate::toolchain::{Libc, source_root};
use crate::tools;

/// What came of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What the child was doing.
    pub name: String,
    /// Instructions after which a child was killed; not all of them once there was enough damage.
    pub points: usize,
    /// Of these: the parent or its thread did not come back.
    pub hangs: usize,
    /// Of these: the parent crashed, or found damage.
    pub corruptions: usize,
    /// Growth of the parent's memory over all the points, in KiB: what the dead had allocated and what was lost with it.
    pub kept_kib: i64,
    /// The first of hangs and corruptions.
    pub damage: Option<Damage>,
}

/// A parent that a child's death has harmed.
#[derive(Clone, Debug)]
pub struct Damage {
    /// How many instructions the child had executed.
    pub after: usize,
    /// How it showed.
    pub how: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after instruction {}: {}", self.after, self.how)
    }
}

/// More than a parent needs on a busy machine. One whose threads all sleep is found out sooner.
const PATIENCE: Duration = Duration::from_secs(60);
/// A scenario that has done so much damage is not stepped on, unless it is to go on to the end.
const ENOUGH: usize = 25;
/// A scenario with more instructions than this does not come to its end.
const LONGEST: usize = 200_000;

/// Which instructions are tried.
#[derive(Clone, Copy, Debug)]
pub struct Points {
    /// Every so many-th.
    pub every: usize,
    /// Whatever the damage, which takes long where there is much; else a scenario ends after the first two dozen.
    pub to_the_end: bool,
}

/// Steps through the scenarios whose names contain one of `names` (all if empty).
pub fn run_all(libc: &Libc, names: &[String], points: Points) -> Result<Vec<Scenario>> {
    let program = output("victim", libc)?;
    compile(&source_root()?.join("tests/vfork/kill/victim.c"), &program, libc)?;
    // A thread of its own, because nobody else shall be confined to one CPU.
    thread::scope(|s| {
        let names = names.to_vec();
        s.spawn(move || scenarios(&program, libc, &names, points)).join().expect("the tracer does not panic")
    })
}

fn scenarios(program: &Path, libc: &Libc, names: &[String], points: Points) -> Result<Vec<Scenario>> {
    stay_on_one_cpu();
    let list = tools::run(&mut Command::new(program))?;
    let list = String::from_utf8(list).context("scenario names")?;
    let style = ProgressStyle::with_template("{prefix:6} {bar:30} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(list.lines().count() as u64).with_style(style).with_prefix(libc.name());
    let mut scenarios = Vec::new();
    for (number, name) in list.lines().enumerate() {
        if names.is_empty() || names.iter().any(|n| name.contains(n.as_str())) {
            bar.set_message(name.to_owned());
            let mut victim = Victim { program, number, from_first_instruction: name.ends_with("'s child") };
            scenarios.push(victim.run(name, points).with_context(|| format!("{}, {name}", libc.name()))?);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if scenarios.is_empty() {
        bail!(
            "no such scenario: {}; there are: {}",
            names.join(", "),
            list.lines().collect::<Vec<_>>().join("; ")
        );
    }
    Ok(scenarios)
}

/// For tests: fails with the first damage.
pub fn check(libc: &Libc, names: &[String], every: usize) -> Result<Vec<Scenario>> {
    let scenarios = run_all(libc, names, Points { every, to_the_end: false })?;
    if let Some(s) = scenarios.iter().find(|s| s.damage.is_some()) {
        let first = s.damage.as_ref().map(Damage::to_string).unwrap_or_default();
        bail!("{}: {} hangs, {} corruptions; first: {first}", s.name, s.hangs, s.corruptions);
    }
    Ok(scenarios)
}

struct Victim<'a> {
    program: &'a Path,
    number: usize,
    /// Stepped from the child's first instruction to its end, instead of from breakpoint to breakpoint.
    from_first_instruction: bool,
}

/// A started program.
struct Running {
    process: std::process::Child,
    parent: Parent,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Victim<'_> {
    fn start(&self) -> Result<Running> {
        let mut process = Command::new(self.program)
            .arg(self.number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the victim")?;
        let mut ready = [0u8; 1];
        process
            .stdout
            .as_mut()
            .context("a pipe")?
            .read_exact(&mut ready)
            .context("the victim did not start")?;
        let parent = Parent::seize(process.id())?;
        process.stdin.as_mut().context("a pipe")?.write_all(b"g")?;
        Ok(Running { process, parent })
    }

    fn enter(&self, child: &Child) -> Result<()> {
        if self.from_first_instruction { Ok(()) } else { child.run_to_breakpoint() }
    }

    fn run(&mut self, name: &str, points: Points) -> Result<Scenario> {
        let mut scenario = Scenario { name: name.to_owned(), ..Scenario::default() };
        let path = self.path()?;
        let length = path.len() - 1;
        let mut after = 0;
        // A child may take another way than the one whose path we know; then the next one is stepped.
        let mut by_steps = false;
        while after <= length && (points.to_the_end || scenario.hangs + scenario.corruptions < ENOUGH) {
            let mut running = self.start()?;
            let Next::Child(mut child) = running.parent.next_child(PATIENCE)? else {
                bail!("the victim has no child");
            };
            let at_start = running.parent.resident_kib()?;
            while after <= length {
                self.enter(&child)?;
                let killed_after = after;
                if by_steps || child.run_to(path[after], arrivals(&path[..=after]))? {
                    let mut steps = 0;
                    while by_steps && steps < after && child.step()? == Step::Stepped {
                        steps += 1;
                    }
                    scenario.points += 1;
                    after += points.every;
                    by_steps = false;
                } else {
                    by_steps = true;
                }
                child.kill()?;
                let how = match running.parent.next_child(PATIENCE)? {
                    Next::Child(next) => {
                        child = next;
                        continue;
                    }
                    Next::Hung => {
                        scenario.hangs += 1;
                        "hangs".to_owned()
                    }
                    Next::Ended(how) => {
                        scenario.corruptions += 1;
                        format!("{how}: {}", last_words(&mut running.process))
                    }
                };
                scenario.damage.get_or_insert(Damage { after: killed_after, how });
                break;
            }
            // A parent that was killed has no memory any more.
            scenario.kept_kib += running.parent.resident_kib().map_or(0, |now| now - at_start);
        }
        Ok(scenario)
    }

    /// The addresses of the instructions, and of what comes after the last: the longest way of three children, because the
    /// first finds things unused.
    fn path(&self) -> Result<Vec<u64>> {
        let running = self.start()?;
        let mut longest = Vec::new();
        for _ in 0..3 {
            let Next::Child(child) = running.parent.next_child(PATIENCE)? else {
                bail!("the victim has no child");
            };
            self.enter(&child)?;
            let mut path = vec![child.next_instruction()?];
            while child.step_and_look()? == Step::Stepped {
                path.push(child.next_instruction()?);
                if path.len() > LONGEST {
                    bail!("more than {LONGEST} instructions");
                }
            }
            if path.len() > longest.len() {
                longest = path;
            }
            child.kill()?;
        }
        Ok(longest)
    }
}

/// How often a way comes to its last address, not counting where it starts.
fn arrivals(way: &[u64]) -> usize {
    let last = way[way.len() - 1];
    way[1..].iter().filter(|&&address| address == last).count()
}

fn last_words(process: &mut std::process::Child) -> String {
    let mut text = Vec::new();
    if let Some(stderr) = process.stderr.as_mut() {
        let _ = stderr.read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
}
