//! A hold on a process and its vfork children, by ptrace(2).

use std::mem::{ManuallyDrop, offset_of};
use std::ptr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// A traced parent. Its vfork children are traced from their first instruction.
pub struct Parent {
    pid: Pid,
}

/// What a parent does when it is let go on.
pub enum Next {
    /// It has a new child, which is stopped.
    Child(Child),
    /// It ended, as told.
    Ended(String),
    /// It did neither in time.
    Hung,
}

/// A stopped vfork child.
pub struct Child {
    pid: Pid,
}

/// Keeps this thread, and what it starts from now on, on one CPU: a step then costs a switch and not a wake-up across
/// CPUs. Where the system forbids it, steps are slower.
pub fn stay_on_one_cpu() {
    let one = sched_getcpu().and_then(|cpu| {
        let mut set = CpuSet::new();
        set.set(cpu)?;
        Ok(set)
    });
    let _ = one.and_then(|set| sched_setaffinity(Pid::from_raw(0), &set));
}

/// Where a step led.
#[derive(PartialEq, Eq)]
pub enum Step {
    /// To the next instruction.
    Stepped,
    /// Over a breakpoint instruction.
    Breakpoint,
    /// To the child's end, or to another program.
    Gone,
}

impl Parent {
    /// Takes hold of a running process that is a child of ours.
    pub fn seize(pid: u32) -> Result<Parent> {
        let pid = Pid::from_raw(pid as i32);
        let options = Options::PTRACE_O_TRACEVFORK | Options::PTRACE_O_TRACEEXEC | Options::PTRACE_O_EXITKILL;
        ptrace::seize(pid, options).context("cannot trace a child process (is ptrace forbidden here?)")?;
        Ok(Parent { pid })
    }

    /// Waits until the parent has a child, or ends, or all of its threads sleep for good.
    pub fn next_child(&self, limit: Duration) -> Result<Next> {
        let end = Instant::now() + limit;
        let mut asleep = Asleep::new(self.pid);
        loop {
            let flags = WaitPidFlag::WNOHANG | WaitPidFlag::__WALL;
            let status = match waitpid(self.pid, Some(flags)) {
                // It ended while we waited for a child of its.
                Err(Errno::ECHILD) => return Ok(Next::Ended("ended early".into())),
                status => status?,
            };
            match status {
                WaitStatus::StillAlive if Instant::now() > end || asleep.for_good() => return Ok(Next::Hung),
                // Between two children there are some microseconds.
                WaitStatus::StillAlive => std::thread::yield_now(),
                WaitStatus::PtraceEvent(_, _, libc::PTRACE_EVENT_VFORK) => {
                    let child = Pid::from_raw(ptrace::getevent(self.pid)? as i32);
                    ptrace::cont(self.pid, None)?;
                    // Its own stop may come a little later.
                    waitpid(child, Some(WaitPidFlag::__WALL))?;
                    return Ok(Next::Child(Child { pid: child }));
                }
                WaitStatus::PtraceEvent(..) => ptrace::cont(self.pid, None)?,
                WaitStatus::Stopped(_, signal) => ptrace::cont(self.pid, Some(signal))?,
                WaitStatus::Exited(_, status) => return Ok(Next::Ended(format!("exit status {status}"))),
                WaitStatus::Signaled(_, signal, _) => return Ok(Next::Ended(format!("{signal}"))),
                _ => {}
            }
        }
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> Result<i64> {
        const PAGE_KIB: i64 = 4;
        let text = std::fs::read_to_string(format!("/proc/{}/statm", self.pid))?;
        let pages = text.split(' ').nth(1).and_then(|n| n.parse::<i64>().ok());
        Ok(pages.context("/proc/PID/statm has a second number")? * PAGE_KIB)
    }
}

/// A look now and then at a process: nobody but its own threads wakes them, so once all of them sleep they always will.
struct Asleep {
    pid: Pid,
    next_look: Instant,
    seen: Option<Vec<u64>>,
    times: u32,
}

impl Asleep {
    const BETWEEN: Duration = Duration::from_millis(20);
    /// Looks that must find the same threads asleep, without a switch of context between them.
    const LOOKS: u32 = 4;

    fn new(pid: Pid) -> Asleep {
        Asleep { pid, next_look: Instant::now() + Self::BETWEEN, seen: None, times: 0 }
    }

    fn for_good(&mut self) -> bool {
        if Instant::now() < self.next_look {
            return false;
        }
        self.next_look = Instant::now() + Self::BETWEEN;
        let now = self.switches_if_asleep();
        self.times = if now.is_some() && now == self.seen { self.times + 1 } else { 0 };
        self.seen = now;
        self.times >= Self::LOOKS
    }

    /// The counts of context switches of all threads; `None` if one of them does not sleep.
    fn switches_if_asleep(&self) -> Option<Vec<u64>> {
        let mut counts = Vec::new();
        for task in std::fs::read_dir(format!("/proc/{}/task", self.pid)).ok()? {
            let status = std::fs::read_to_string(task.ok()?.path().join("status")).ok()?;
            let field = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)).map(str::trim);
            if !field("State:")?.starts_with('S') {
                return None;
            }
            for name in ["Pid:", "voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"] {
                counts.push(field(name)?.parse().ok()?);
            }
        }
        Some(counts)
    }
}

impl Child {
    /// Runs to the next breakpoint instruction.
    pub fn run_to_breakpoint(&self) -> Result<()> {
        ptrace::cont(self.pid, None)?;
        match self.wait(ptrace::cont)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => Ok(()),
            other => bail!("a child did not come to its breakpoint: {other:?}"),
        }
    }

    /// Executes one instruction.
    pub fn step(&self) -> Result<Step> {
        ptrace::step(self.pid, None)?;
        match self.wait(ptrace::step)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => Ok(Step::Stepped),
            _ => Ok(Step::Gone),
        }
    }

    /// As [`Child::step`], and tells breakpoint instructions apart.
    pub fn step_and_look(&self) -> Result<Step> {
        const SI_KERNEL: i32 = 0x80;
        let step = self.step()?;
        if step == Step::Stepped && ptrace::getsiginfo(self.pid).is_ok_and(|i| i.si_code == SI_KERNEL) {
            return Ok(Step::Breakpoint);
        }
        Ok(step)
    }

    /// The address of the next instruction.
    pub fn next_instruction(&self) -> Result<u64> {
        Ok(ptrace::getregs(self.pid)?.rip)
    }

    /// Runs until it comes to `address` for the `times`-th time; false if it stopped or ended elsewhere. By a debug register,
    /// which is this task's own: a breakpoint instruction would be in the memory that the parent's threads run on.
    pub fn run_to(&self, address: u64, times: usize) -> Result<bool> {
        /// Debug register 7: stop before the instruction at register 0.
        const ENABLED: i64 = 1;
        self.set_debug_register(0, address as i64)?;
        self.set_debug_register(7, ENABLED)?;
        for _ in 0..times {
            ptrace::cont(self.pid, None)?;
            match self.wait(ptrace::cont)? {
                WaitStatus::Stopped(_, Signal::SIGTRAP) if self.next_instruction()? == address => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }

    fn set_debug_register(&self, number: usize, value: i64) -> Result<()> {
        let offset = offset_of!(libc::user, u_debugreg) + number * size_of::<u64>();
        ptrace::write_user(self.pid, ptr::without_provenance_mut(offset), value).context("no debug register")
    }

    /// Waits for this child, letting it go on by `resume` after what is no business of ours. Its own vfork children are let
    /// go: they exec or end untraced.
    fn wait(&self, resume: fn(Pid, Option<Signal>) -> nix::Result<()>) -> Result<WaitStatus> {
        loop {
            match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD))? {
                WaitStatus::PtraceEvent(pid, _, libc::PTRACE_EVENT_VFORK) if pid == self.pid => {
                    let grandchild = Pid::from_raw(ptrace::getevent(pid)? as i32);
                    // Its own stop may have come before this event; then it was let go below.
                    if waitpid(grandchild, Some(WaitPidFlag::__WALL)).is_ok() {
                        let _ = ptrace::detach(grandchild, None);
                    }
                    resume(pid, None)?;
                }
                // A signal for the child, such as SIGCHLD: it goes on with it.
                WaitStatus::Stopped(pid, signal) if pid == self.pid && signal != Signal::SIGTRAP => {
                    resume(pid, Some(signal))?;
                }
                status if status.pid() == Some(self.pid) => return Ok(status),
                // The parent sleeps, so this is a grandchild.
                WaitStatus::Stopped(pid, _) | WaitStatus::PtraceEvent(pid, ..) => {
                    let _ = ptrace::detach(pid, None);
                }
                _ => {}
            }
        }
    }

    /// Kills the child and waits for its end, so that its parent finds it dead.
    pub fn kill(self) -> Result<()> {
        let this = ManuallyDrop::new(self);
        match kill(this.pid, Signal::SIGKILL) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(e) => return Err(e).context("cannot kill a child"),
        }
        loop {
            match waitpid(this.pid, Some(WaitPidFlag::__WALL)) {
                Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) | Err(Errno::ECHILD) => return Ok(()),
                Ok(_) => {}
                Err(e) => return Err(e).context("cannot wait for a child"),
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = kill(self.pid, Signal::SIGKILL);
    }
}
