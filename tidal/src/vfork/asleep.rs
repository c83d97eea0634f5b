//! Whether tasks wait for each other for ever.
//!
//! Two looks at all of them. If each sleeps, in both, in a system call that only another one can end, and none has run in
//! between (its count of context switches is the same), then at the moment between the looks all slept at once, and nobody
//! was left to wake any. So the verdict does not depend on how busy the machine is. A sleep with a time limit proves
//! nothing, nor does a task that runs: those are given more processor time than any honest one needs ([`Asleep::spins`]).

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::unistd::Pid;

/// Why somebody is not waited for any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hang {
    /// All of its tasks wait for each other.
    AsleepForGood,
    /// It uses processor time, more than any honest one needs.
    RunsInCircles,
    /// Neither was seen, and the time was up. This proves nothing.
    Late,
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hang::AsleepForGood => "hangs: asleep for good",
            Hang::RunsInCircles => "hangs: runs in circles",
            Hang::Late => "late: nothing came of it, which proves no hang",
        })
    }
}

/// Looks now and then at some processes that nobody else wakes.
pub struct Asleep {
    processes: Vec<Pid>,
    next_look: Instant,
    seen: Option<Vec<u64>>,
    ticks_at_start: Option<u64>,
}

/// Clock ticks of `/proc/PID/stat`: hundredths of a second.
const SPINNING: u64 = 500;

impl Asleep {
    const BETWEEN: Duration = Duration::from_millis(1);

    /// Begins to look at these: a process, and its parent if that may sleep in vfork until it ends. The first may have a vfork
    /// child of its own, which is not looked at and may wake it.
    pub fn new(processes: &[Pid]) -> Asleep {
        Asleep {
            processes: processes.to_vec(),
            next_look: Instant::now() + Self::BETWEEN,
            seen: None,
            ticks_at_start: None,
        }
    }

    /// Whether none will ever run again, or they do nothing but run. Looks no more often than is good for those who work.
    pub fn hang(&mut self) -> Option<Hang> {
        if Instant::now() < self.next_look {
            return None;
        }
        let now = self.look();
        let asleep = now.is_some() && now == self.seen;
        self.seen = now;
        self.next_look = Instant::now() + Self::BETWEEN;
        if asleep {
            return Some(Hang::AsleepForGood);
        }
        self.spins().then_some(Hang::RunsInCircles)
    }

    /// Whether all of them together have used so much processor time since the first look.
    fn spins(&mut self) -> bool {
        let ticks = self.processes.iter().filter_map(|&pid| processor_ticks(pid)).sum();
        ticks > *self.ticks_at_start.get_or_insert(ticks) + SPINNING
    }

    /// Each task's id and counts of context switches; `None` unless all of them sleep until another one acts.
    fn look(&self) -> Option<Vec<u64>> {
        let mut counts = Vec::new();
        for (index, pid) in self.processes.iter().enumerate() {
            for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
                look_at(&task.ok()?.path(), index > 0, &mut counts)?;
            }
        }
        Some(counts)
    }
}

fn look_at(task: &Path, child_is_seen: bool, counts: &mut Vec<u64>) -> Option<()> {
    let status = fs::read_to_string(task.join("status")).ok()?;
    let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
    let state = field("State:")?.chars().next()?;
    if !waits_for_another(state, child_is_seen, &fs::read_to_string(task.join("syscall")).ok()?) {
        return None;
    }
    for name in ["Pid:", "voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"] {
        counts.push(field(name)?.parse().ok()?);
    }
    Some(())
}

/// `call` is a task's line of `/proc/PID/syscall`: the number and six arguments.
fn waits_for_another(state: char, child_is_seen: bool, call: &str) -> bool {
    let mut words = call.split_whitespace();
    let number = words.next().and_then(|n| n.parse::<i64>().ok());
    match (state, number) {
        // The fourth argument is the time limit, of all the operations that wait.
        ('S', Some(libc::SYS_futex)) => words.nth(3) == Some("0x0"),
        ('S', Some(libc::SYS_read | libc::SYS_wait4)) => true,
        // The parent of a vfork child.
        ('D', Some(libc::SYS_vfork | libc::SYS_clone | libc::SYS_clone3)) => child_is_seen,
        _ => false,
    }
}

fn processor_ticks(pid: Pid) -> Option<u64> {
    const USER_TIME_AFTER_NAME: usize = 11;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let times = after_name.split_whitespace().skip(USER_TIME_AFTER_NAME).take(2);
    times.map(|t| t.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::thread;

    use nix::unistd::Pid;

    use super::{Asleep, Hang, waits_for_another};

    const READY: &str = "both wait";

    const WAIT: &str = "TIDAL_TEST_TWO_THREADS_WAIT";

    /// No test: what the next one starts.
    #[test]
    fn two_threads_that_wait() {
        if std::env::var_os(WAIT).is_some() {
            thread::spawn(thread::park);
            println!("{READY}");
            thread::park();
        }
    }

    /// The first verdict of so many looks at it.
    fn verdict(mut program: Child, looks: u32) -> Option<Hang> {
        let mut asleep = Asleep::new(&[Pid::from_raw(program.id() as i32)]);
        let verdict = (0..looks).find_map(|_| {
            thread::sleep(Asleep::BETWEEN * 2);
            asleep.hang()
        });
        program.kill().expect("killed");
        program.wait().expect("ended");
        verdict
    }

    #[test]
    fn threads_that_wait_for_each_other_are_asleep_for_good() {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args([
            "--exact",
            "vfork::asleep::tests::two_threads_that_wait",
            "--nocapture",
            "--test-threads=1",
        ]);
        let mut program = command.env(WAIT, "1").stdout(Stdio::piped()).spawn().expect("started");
        let mut lines = BufReader::new(program.stdout.take().expect("a pipe")).lines();
        assert!(lines.any(|l| l.expect("text").contains(READY)));
        // On a busy machine they may take a while until they sleep.
        assert_eq!(verdict(program, 10_000), Some(Hang::AsleepForGood));
    }

    #[test]
    fn one_that_sleeps_for_a_time_is_not() {
        assert_eq!(verdict(Command::new("sleep").arg("1000").spawn().expect("started"), 100), None);
    }

    #[test]
    fn a_wait_with_a_limit_may_end() {
        assert!(waits_for_another('S', false, "202 0x7f00 0x80 0x2 0x0 0x0 0x0 0x7ffd 0x4011"));
        assert!(!waits_for_another('S', false, "202 0x7f00 0x80 0x2 0x7ffd00 0x0 0x0 0x7ffd 0x4011"));
    }

    #[test]
    fn a_parent_in_vfork_waits_and_a_running_task_does_not() {
        assert!(waits_for_another('D', true, "58 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffd 0x4011"));
        assert!(!waits_for_another('D', true, "1 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffd 0x4011"));
        assert!(!waits_for_another('D', false, "58 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffd 0x4011"), "its child runs");
        assert!(!waits_for_another('R', true, "running"));
    }
}
