//! A hold on a process and its vfork children, by ptrace(2).

use std::cell::Cell;
use std::mem::offset_of;
use std::process::Command;
use std::ptr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::asleep::{Asleep, Hang};
use super::patience::Patience;

/// A traced process. Once its end has been waited for, its number may be another one's, which must not be killed.
struct Task {
    pid: Pid,
    ended: Cell<bool>,
}

impl Task {
    fn new(pid: Pid) -> Task {
        Task { pid, ended: Cell::new(false) }
    }

    fn wait(&self, flags: WaitPidFlag) -> nix::Result<WaitStatus> {
        let status = waitpid(self.pid, Some(flags | WaitPidFlag::__WALL));
        match status {
            Ok(status) => self.note(status),
            Err(Errno::ECHILD) => self.ended.set(true),
            Err(_) => {}
        }
        status
    }

    /// What a wait for any process has found.
    fn note(&self, status: WaitStatus) {
        if let WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) = status
            && pid == self.pid
        {
            self.ended.set(true);
        }
    }

    fn kill(&self) -> nix::Result<()> {
        if self.ended.get() { Ok(()) } else { kill(self.pid, Signal::SIGKILL) }
    }
}

/// A traced parent. Its vfork children are traced from their first instruction.
pub struct Parent {
    task: Rc<Task>,
}

/// What a parent does when it is let go on.
pub enum Next {
    /// It has a new child, which is stopped.
    Child(Child),
    /// It will have none.
    Harmed(Harm),
}

/// What the death of a child did to its parent, or to the child after it.
#[derive(Debug)]
pub enum Harm {
    /// It was not waited for any longer.
    Hung(Hang),
    /// It ended, as told.
    Ended(String),
}

/// A stopped vfork child.
pub struct Child {
    task: Task,
    parent: Rc<Task>,
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

/// Where a child came to.
#[derive(Debug)]
pub enum Step {
    /// To the next instruction, or the one that was wanted.
    Stepped,
    /// Over a breakpoint instruction.
    Breakpoint,
    /// To a clean end, to another program, or past what was wanted.
    Gone,
    /// Nowhere, or to an end that it did not want.
    Harmed(Harm),
}

/// More than a task needs on a busy machine. One that sleeps for good, or runs in circles, is found out sooner.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `poll` has something, or those processes hang.
fn wait_while_alive<T>(
    processes: &[Pid],
    mut poll: impl FnMut() -> Result<Option<T>>,
) -> Result<Result<T, Hang>> {
    let mut patience = Patience::new(PATIENCE);
    let mut asleep = Asleep::new(processes);
    loop {
        if let Some(it) = poll()? {
            return Ok(Ok(it));
        }
        if let Some(hang) = asleep.hang() {
            return Ok(Err(hang));
        }
        if patience.is_over() {
            return Ok(Err(Hang::Late));
        }
        wait_for_news();
    }
}

/// Sleeps until a traced task may have stopped, and not for long. Whoever traces keeps the signal blocked, so that what comes
/// before the sleep ends it.
fn wait_for_news() {
    const MOST: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    let news = child_signal();
    // SAFETY: set and time are live; nothing about the signal is asked for.
    unsafe { libc::sigtimedwait(news.as_ref(), ptr::null_mut(), &MOST) };
}

fn child_signal() -> SigSet {
    let mut set = SigSet::empty();
    set.add(Signal::SIGCHLD);
    set
}

/// Runs `f`, which traces in a thread of its own. A signal that tells of a stop must find no other thread that takes it, so this
/// one blocks it too; threads and programs that are started inside inherit that, see [`start`].
pub fn with_news<R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    let before = child_signal().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    let result = f();
    before.thread_set_mask()?;
    result
}

/// Starts a program that finds the signal let through, as anywhere else. News that comes meanwhile is lost, and found by the
/// next look.
pub fn start(command: &mut Command) -> Result<std::process::Child> {
    let blocked = child_signal().thread_swap_mask(SigmaskHow::SIG_UNBLOCK)?;
    let child = command.spawn();
    blocked.thread_set_mask()?;
    child.context("cannot start a program")
}

impl Parent {
    /// Takes hold of a running process that is a child of ours.
    pub fn seize(pid: u32) -> Result<Parent> {
        let pid = Pid::from_raw(pid as i32);
        let options = Options::PTRACE_O_TRACEVFORK | Options::PTRACE_O_TRACEEXEC | Options::PTRACE_O_EXITKILL;
        ptrace::seize(pid, options).context("cannot trace a child process (is ptrace forbidden here?)")?;
        Ok(Parent { task: Rc::new(Task::new(pid)) })
    }

    /// Waits until the parent has a child, or ends, or hangs.
    pub fn next_child(&self) -> Result<Next> {
        let next = wait_while_alive(&[self.task.pid], || self.poll())?;
        Ok(next.unwrap_or_else(|hang| Next::Harmed(Harm::Hung(hang))))
    }

    /// Whether a parent that was found to hang, or its child that was, moves all the same in this time.
    pub fn comes_back_in(&self, time: Duration, child: Option<&Child>) -> Result<bool> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            let child_moved = match child {
                Some(child) => child.poll(ptrace::cont)?.is_some(),
                None => false,
            };
            if child_moved || self.poll()?.is_some() {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(false)
    }

    /// Whether its end has been waited for. Nobody may kill it then.
    pub fn has_ended(&self) -> bool {
        self.task.ended.get()
    }

    fn poll(&self) -> Result<Option<Next>> {
        let pid = self.task.pid;
        let ended = |how| Ok(Some(Next::Harmed(Harm::Ended(how))));
        match self.task.wait(WaitPidFlag::WNOHANG) {
            // It ended while we waited for a child of its.
            Err(Errno::ECHILD) => return ended("ended early".into()),
            Err(e) => return Err(e.into()),
            Ok(WaitStatus::Exited(_, status)) => return ended(format!("exit status {status}")),
            Ok(WaitStatus::Signaled(_, signal, _)) => return ended(signal.to_string()),
            Ok(WaitStatus::PtraceEvent(_, _, libc::PTRACE_EVENT_VFORK)) => {
                let child = Pid::from_raw(ptrace::getevent(pid)? as i32);
                ptrace::cont(pid, None)?;
                // Its own stop may come a little later.
                waitpid(child, Some(WaitPidFlag::__WALL))?;
                return Ok(Some(Next::Child(Child { task: Task::new(child), parent: self.task.clone() })));
            }
            Ok(WaitStatus::PtraceEvent(..)) => ptrace::cont(pid, None)?,
            Ok(WaitStatus::Stopped(_, signal)) => ptrace::cont(pid, Some(signal))?,
            Ok(_) => {}
        }
        Ok(None)
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> Result<i64> {
        const PAGE_KIB: i64 = 4;
        let text = std::fs::read_to_string(format!("/proc/{}/statm", self.task.pid))?;
        let pages = text.split(' ').nth(1).and_then(|n| n.parse::<i64>().ok());
        Ok(pages.context("/proc/PID/statm has a second number")? * PAGE_KIB)
    }
}

impl Child {
    /// Runs to the next breakpoint instruction.
    pub fn run_to_breakpoint(&self) -> Result<()> {
        ptrace::cont(self.task.pid, None)?;
        match self.wait(ptrace::cont)? {
            Ok(WaitStatus::Stopped(_, Signal::SIGTRAP)) => Ok(()),
            other => bail!("a child did not come to its breakpoint: {other:?}"),
        }
    }

    /// Executes one instruction.
    pub fn step(&self) -> Result<Step> {
        ptrace::step(self.task.pid, None)?;
        Ok(match self.wait(ptrace::step)? {
            Ok(WaitStatus::Stopped(_, Signal::SIGTRAP)) => Step::Stepped,
            elsewhere => ended(elsewhere),
        })
    }

    /// As [`Child::step`], and tells breakpoint instructions apart.
    pub fn step_and_look(&self) -> Result<Step> {
        const SI_KERNEL: i32 = 0x80;
        match self.step()? {
            Step::Stepped if ptrace::getsiginfo(self.task.pid).is_ok_and(|i| i.si_code == SI_KERNEL) => {
                Ok(Step::Breakpoint)
            }
            step => Ok(step),
        }
    }

    /// The address of the next instruction.
    pub fn next_instruction(&self) -> Result<u64> {
        Ok(ptrace::getregs(self.task.pid)?.rip)
    }

    /// Runs until it comes to `address` for the `times`-th time. By a debug register, which is this task's own: a breakpoint
    /// instruction would be in the memory that the parent's threads run on.
    pub fn run_to(&self, address: u64, times: usize) -> Result<Step> {
        /// Debug register 7: stop before the instruction at register 0.
        const ENABLED: i64 = 1;
        self.set_debug_register(0, address as i64)?;
        self.set_debug_register(7, ENABLED)?;
        for _ in 0..times {
            ptrace::cont(self.task.pid, None)?;
            match self.wait(ptrace::cont)? {
                Ok(WaitStatus::Stopped(_, Signal::SIGTRAP)) if self.next_instruction()? == address => {}
                elsewhere => return Ok(ended(elsewhere)),
            }
        }
        Ok(Step::Stepped)
    }

    fn set_debug_register(&self, number: usize, value: i64) -> Result<()> {
        let offset = offset_of!(libc::user, u_debugreg) + number * size_of::<u64>();
        ptrace::write_user(self.task.pid, ptr::without_provenance_mut(offset), value)
            .context("no debug register")
    }

    /// Waits for this child, letting it go on by `resume` after what is no business of ours. Its own vfork
    /// children are let go: they exec or end untraced.
    fn wait(&self, resume: fn(Pid, Option<Signal>) -> nix::Result<()>) -> Result<Result<WaitStatus, Hang>> {
        wait_while_alive(&[self.task.pid, self.parent.pid], || self.poll(resume))
    }

    fn poll(&self, resume: fn(Pid, Option<Signal>) -> nix::Result<()>) -> Result<Option<WaitStatus>> {
        const ANY_OF_OURS: WaitPidFlag =
            WaitPidFlag::WNOHANG.union(WaitPidFlag::__WALL).union(WaitPidFlag::__WNOTHREAD);
        let status = waitpid(None, Some(ANY_OF_OURS))?;
        self.task.note(status);
        self.parent.note(status);
        match status {
            WaitStatus::PtraceEvent(pid, _, libc::PTRACE_EVENT_VFORK) if pid == self.task.pid => {
                let grandchild = Pid::from_raw(ptrace::getevent(pid)? as i32);
                // Its own stop may have come before this event; then it was let go below.
                if waitpid(grandchild, Some(WaitPidFlag::__WALL)).is_ok() {
                    let _ = ptrace::detach(grandchild, None);
                }
                resume(pid, None)?;
            }
            // A signal for the child, such as SIGCHLD: it goes on with it.
            WaitStatus::Stopped(pid, signal) if pid == self.task.pid && signal != Signal::SIGTRAP => {
                resume(pid, Some(signal))?;
            }
            status if status.pid() == Some(self.task.pid) => return Ok(Some(status)),
            // The parent sleeps, so this is a grandchild.
            WaitStatus::Stopped(pid, _) | WaitStatus::PtraceEvent(pid, ..) => {
                let _ = ptrace::detach(pid, None);
            }
            _ => {}
        }
        Ok(None)
    }

    /// Kills the child and waits for its end, so that its parent finds it dead.
    pub fn kill(self) -> Result<()> {
        match self.task.kill() {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(e) => return Err(e).context("cannot kill a child"),
        }
        while !self.task.ended.get() {
            match self.task.wait(WaitPidFlag::empty()) {
                Ok(_) | Err(Errno::ECHILD) => {}
                Err(e) => return Err(e).context("cannot wait for a child"),
            }
        }
        Ok(())
    }
}

/// Where a child is that did not stop where it was wanted.
fn ended(status: Result<WaitStatus, Hang>) -> Step {
    /// Of a check that failed in `victim.c`.
    const FAILED: i32 = 1;
    let harm = match status {
        Err(hang) => Harm::Hung(hang),
        Ok(WaitStatus::Signaled(_, signal, _)) => Harm::Ended(signal.to_string()),
        Ok(WaitStatus::Exited(_, FAILED)) => Harm::Ended(format!("exit status {FAILED}")),
        Ok(_) => return Step::Gone,
    };
    Step::Harmed(harm)
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.task.kill();
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use super::*;

    /// Every signal that is blocked when `start` is called within `with_news`.
    fn blocked_in(start: impl FnOnce(&mut Command) -> Result<std::process::Child>) -> u64 {
        let mut command = Command::new("grep");
        command.args(["SigBlk", "/proc/self/status"]).stdout(Stdio::piped());
        let output = with_news(|| Ok(start(&mut command)?.wait_with_output()?)).expect("grep");
        let line = String::from_utf8(output.stdout).expect("text");
        u64::from_str_radix(line.split_whitespace().last().expect("a mask"), 16).expect("a number")
    }

    #[test]
    fn a_victim_inherits_no_blocked_signal() {
        const CHILD_SIGNAL: u64 = 1 << (Signal::SIGCHLD as u64 - 1);
        assert_eq!(blocked_in(|command| Ok(command.spawn()?)) & CHILD_SIGNAL, CHILD_SIGNAL);
        assert_eq!(blocked_in(start) & CHILD_SIGNAL, 0);
    }

    #[test]
    fn what_has_been_waited_for_is_not_killed() {
        let task = Task::new(Pid::from_raw(Command::new("true").spawn().expect("true").id() as i32));
        assert!(matches!(task.wait(WaitPidFlag::empty()), Ok(WaitStatus::Exited(_, 0))));
        assert_eq!((task.ended.get(), task.kill()), (true, Ok(())), "else no such process");
        let another = Task::new(task.pid);
        assert_eq!((another.wait(WaitPidFlag::empty()), another.ended.get()), (Err(Errno::ECHILD), true));
    }
}
