//! Killing vfork children at every instruction of what they do.
//!
//! For each scenario of `tests/vfork/kill/victim.c`: the *k*-th child is stepped *k* instructions into it and killed. The
//! parent must come back with another child, which it does only after it and its second thread have used heap, stream and
//! mutex, and that child must come to where it is killed in its turn. One that does not is a hang, one that ends is a
//! corruption, both put down to the last death; then a fresh parent goes on at the next point.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::asleep::Hang;
use super::search::{Led, Search};
use super::suite::{compile, output};
use super::tracer::{Child, Harm, Next, Parent, Step, start, stay_on_one_cpu, with_news};
use crate::toolchain::{Libc, source_root};
use crate::tools;

/// What came of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What the child was doing.
    pub name: String,
    /// Instructions after which a child was killed; not all of them once there was enough damage, nor those that a child on a
    /// shorter way did not come to.
    pub points: usize,
    /// Of these: the parent, its thread or the next child slept for ever or ran in circles.
    pub hangs: usize,
    /// Of these: one of them was given up without such a proof.
    pub late: usize,
    /// Of these: the parent or the next child crashed, or found damage.
    pub corruptions: usize,
    /// Growth of the parents' memory from each one's second child on, in KiB: what the dead had allocated and what was lost
    /// with it. Little can be seen where parents do not last.
    pub kept_kib: i64,
    /// The first of hangs, late ones and corruptions.
    pub damage: Option<Damage>,
}

impl Scenario {
    fn harmed(&self) -> usize {
        self.hangs + self.late + self.corruptions
    }
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

/// A scenario that has done so much damage is not stepped on, unless it is to go on to the end.
const ENOUGH: usize = 25;
/// A scenario with more instructions than this does not come to its end.
const LONGEST: usize = 200_000;
/// Of the hangs one in so many, the first included, is watched for a while longer: it must last.
const WATCHED: usize = 40;
const WATCHED_FOR: Duration = Duration::from_secs(1);

/// Which instructions are tried.
#[derive(Clone, Copy, Debug)]
pub struct Points {
    /// Every so many-th.
    pub every: usize,
    /// Whatever the damage, which takes long where there is much; else a scenario ends after the first [`ENOUGH`].
    pub to_the_end: bool,
}

/// Steps through the scenarios whose names contain one of `names` (all if empty), and tells of each.
pub fn run_all(
    libc: &Libc,
    names: &[String],
    points: Points,
    tell: impl Fn(&Scenario) + Send,
) -> Result<Vec<Scenario>> {
    let program = output("victim", libc)?;
    compile(&source_root()?.join("tests/vfork/kill/victim.c"), &program, libc)?;
    // A thread of its own, because nobody else shall be confined to one CPU.
    with_news(|| {
        thread::scope(|s| {
            let names = names.to_vec();
            s.spawn(move || scenarios(&program, libc, &names, points, tell))
                .join()
                .expect("the tracer does not panic")
        })
    })
}

fn scenarios(
    program: &Path,
    libc: &Libc,
    names: &[String],
    points: Points,
    tell: impl Fn(&Scenario),
) -> Result<Vec<Scenario>> {
    stay_on_one_cpu();
    let list = tools::run(&mut Command::new(program))?;
    let list = String::from_utf8(list).context("scenario names")?;
    let style = ProgressStyle::with_template("{prefix:6} {bar:30} {pos}/{len} {msg}")?;
    let bar = ProgressBar::new(list.lines().count() as u64).with_style(style).with_prefix(libc.name());
    let mut scenarios = Vec::new();
    for (number, name) in list.lines().enumerate() {
        if names.is_empty() || names.iter().any(|n| name.contains(n.as_str())) {
            bar.set_message(name.to_owned());
            let victim = Victim { program, number, from_first_instruction: name.ends_with("'s child") };
            let scenario = victim.run(name, points).with_context(|| format!("{}, {name}", libc.name()))?;
            bar.suspend(|| tell(&scenario));
            scenarios.push(scenario);
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

/// For tests: every so many-th instruction of these scenarios, quietly; of a scenario with much damage not to the end.
pub fn sample(libc: &Libc, names: &[String], every: usize) -> Result<Vec<Scenario>> {
    run_all(libc, names, Points { every, to_the_end: false }, |_| {})
}

/// For tests: [`sample`] that fails with the first damage.
pub fn check(libc: &Libc, names: &[String], every: usize) -> Result<Vec<Scenario>> {
    let scenarios = sample(libc, names, every)?;
    if let Some(s) = scenarios.iter().find(|s| s.damage.is_some()) {
        let first = s.damage.as_ref().map(Damage::to_string).unwrap_or_default();
        bail!(
            "{}: {} hangs, {} late, {} corruptions; first: {first}",
            s.name,
            s.hangs,
            s.late,
            s.corruptions
        );
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
    stderr: File,
}

impl Running {
    /// Ends it; its first line of complaint.
    fn last_words(&mut self) -> String {
        self.end();
        let mut text = Vec::new();
        let _ = self.stderr.rewind().and_then(|()| self.stderr.read_to_end(&mut text));
        String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned()
    }

    /// `process` does not know when the tracer has waited for its end, and would kill whoever has its number now.
    fn end(&mut self) {
        if !self.parent.has_ended() {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

impl Victim<'_> {
    fn start(&self) -> Result<Running> {
        // A file and no pipe: nobody waits for its end or for room in it.
        let stderr = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(self.program.with_extension("stderr"))
            .context("cannot write beside the victim")?;
        let mut command = Command::new(self.program);
        command.arg(self.number.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        // `setenv` walks the environment: with the caller's, the number of its instructions would be the caller's, too.
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/").env("LANG", "C");
        let mut process = start(command.stderr(stderr.try_clone()?))?;
        let mut ready = [0u8; 1];
        process
            .stdout
            .as_mut()
            .context("a pipe")?
            .read_exact(&mut ready)
            .context("the victim did not start")?;
        let parent = Parent::seize(process.id())?;
        process.stdin.as_mut().context("a pipe")?.write_all(b"g")?;
        Ok(Running { process, parent, stderr })
    }

    fn enter(&self, child: &Child) -> Result<()> {
        if self.from_first_instruction { Ok(()) } else { child.run_to_breakpoint() }
    }

    fn run(&self, name: &str, points: Points) -> Result<Scenario> {
        let mut scenario = Scenario { name: name.to_owned(), ..Scenario::default() };
        let way = self.way()?;
        let mut search = Search::new(&way, points.every);
        while !search.is_over() && (points.to_the_end || scenario.harmed() < ENOUGH) {
            self.run_one_parent(&mut search, &mut scenario)?;
        }
        Ok(scenario)
    }

    /// Kills children of one parent until that is harmed, or all points have been tried.
    fn run_one_parent(&self, search: &mut Search, scenario: &mut Scenario) -> Result<()> {
        let mut running = self.start()?;
        let Next::Child(mut child) = running.parent.next_child()? else {
            bail!("the victim has no child");
        };
        // What every parent touches in its first round is not lost.
        let mut at_start = None;
        // One that took another way is killed when it has done everything.
        let mut killed_after = None;
        let (harm, of_child) = loop {
            if search.is_over() {
                scenario.kept_kib += kept_since(at_start, &running.parent);
                return Ok(());
            }
            self.enter(&child)?;
            match search.lead(&child)? {
                Led::There => {
                    scenario.points += 1;
                    killed_after = Some(search.next());
                    search.go_on();
                }
                Led::Elsewhere => {
                    killed_after = Some(search.last());
                    search.by_steps();
                }
                Led::Shorter => {
                    killed_after = Some(search.last());
                    search.go_on();
                }
                Led::Harmed(harm) => break (harm, Some(&child)),
            }
            child.kill()?;
            match running.parent.next_child()? {
                Next::Child(next) => {
                    child = next;
                    if at_start.is_none() {
                        at_start = running.parent.resident_kib().ok();
                    }
                }
                Next::Harmed(harm) => break (harm, None),
            }
        };
        scenario.kept_kib += kept_since(at_start, &running.parent);
        let Some(after) = killed_after else { bail!("a child that nobody harmed: {harm:?}") };
        let how = match harm {
            Harm::Hung(Hang::Late) => {
                scenario.late += 1;
                Hang::Late.to_string()
            }
            Harm::Hung(hang) => {
                let watched = scenario.hangs.is_multiple_of(WATCHED);
                if watched && running.parent.comes_back_in(WATCHED_FOR, of_child)? {
                    bail!("after instruction {after}: came back when it was thought to hang");
                }
                scenario.hangs += 1;
                hang.to_string()
            }
            Harm::Ended(how) => {
                scenario.corruptions += 1;
                format!("{how}: {}", running.last_words())
            }
        };
        scenario.damage.get_or_insert(Damage { after, how });
        Ok(())
    }

    /// The addresses of the instructions, and of what comes after the last: the longest way of three children, because the
    /// first finds things unused.
    fn way(&self) -> Result<Vec<u64>> {
        let running = self.start()?;
        let mut longest = Vec::new();
        for _ in 0..3 {
            let Next::Child(child) = running.parent.next_child()? else {
                bail!("the victim has no child");
            };
            self.enter(&child)?;
            let mut way = vec![child.next_instruction()?];
            while matches!(child.step_and_look()?, Step::Stepped) {
                way.push(child.next_instruction()?);
                if way.len() > LONGEST {
                    bail!("more than {LONGEST} instructions");
                }
            }
            if way.len() > longest.len() {
                longest = way;
            }
            child.kill()?;
        }
        Ok(longest)
    }
}

/// KiB by which the parent has grown since then. One that is gone has no memory any more.
fn kept_since(then: Option<i64>, parent: &Parent) -> i64 {
    then.and_then(|then| parent.resident_kib().ok().map(|now| now - then)).unwrap_or(0)
}
