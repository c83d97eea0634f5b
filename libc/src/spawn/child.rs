//! The child's side of `posix_spawn`: it runs on the parent's memory, so it makes system calls and nothing else.

use core::ffi::{c_char, c_int};
use core::ptr;

use linux_raw_sys::general as linux;
use linux_raw_sys::ioctl::TIOCSPGRP;

use tidal_rt::process::{Job, Wishes, clear_handlers};
use tidal_rt::signal;
use tidal_rt::{Errno, syscall};

use super::actions::{Action, Actions};
use super::attributes::{Attributes, Flags};
use crate::unistd::closefrom::closefrom;
use crate::unistd::exec::{self, PathBuffer};

/// What is to be done, and what became of it.
pub(super) struct Task {
    program: *const c_char,
    actions: *const Actions,
    attributes: *const Attributes,
    argv: *const *const c_char,
    envp: *const *const c_char,
    /// Where paths are put together, if the program is looked for in `PATH`.
    search: *mut PathBuffer,
    failure: Option<Errno>,
}

impl Task {
    pub(super) fn new(
        program: *const c_char,
        actions: *const Actions,
        attributes: *const Attributes,
        argv: *const *const c_char,
        envp: *const *const c_char,
    ) -> Self {
        Task { program, actions, attributes, argv, envp, search: ptr::null_mut(), failure: None }
    }

    pub(super) fn search_in(&mut self, buffer: *mut PathBuffer) {
        self.search = buffer;
    }

    /// What the kernel is to do as it makes the child.
    ///
    /// # Safety
    /// The attributes are null or initialised.
    pub(super) unsafe fn wishes(&self, pidfd: bool) -> Wishes {
        // SAFETY: by the caller's contract.
        let attributes = unsafe { self.attributes.as_ref() };
        let cgroup = attributes.filter(|a| a.flags.contains(Flags::SETCGROUP)).map(|a| a.cgroup);
        Wishes { pidfd, cgroup }
    }

    pub(super) fn failure(&self) -> Option<Errno> {
        self.failure
    }
}

/// First code of the child, all signals blocked. Comes back only when something failed.
pub(super) extern "C" fn run(job: &mut Job<Task>) -> c_int {
    const EXIT_NOT_EXECUTED: c_int = 127;
    // SAFETY: `posix_spawn`'s contract; the parent waits until this task execs or ends.
    let failure = unsafe { prepare(job) }.err().unwrap_or_else(|| unsafe { execute(&job.task) });
    job.task.failure = Some(failure);
    EXIT_NOT_EXECUTED
}

/// # Safety
/// As `posix_spawn`.
unsafe fn prepare(job: &Job<Task>) -> Result<(), Errno> {
    // SAFETY: null or initialised, by contract.
    let (attributes, actions) = unsafe { (job.task.attributes.as_ref(), job.task.actions.as_ref()) };
    let attributes = attributes.unwrap_or(&Attributes::NONE);
    // No handler of the parent's must run here, whatever is unblocked.
    if !job.handlers_cleared {
        clear_handlers();
    }
    apply(attributes)?;
    actions.map_or(&[][..], Actions::as_slice).iter().try_for_each(|a| act(a, attributes))?;
    let blocked =
        if attributes.flags.contains(Flags::SETSIGMASK) { attributes.blocked.mask } else { job.mask };
    signal::set_mask(blocked);
    Ok(())
}

fn apply(attributes: &Attributes) -> Result<(), Errno> {
    let flags = attributes.flags;
    if flags.contains(Flags::SETSIGDEF) {
        let mut left = attributes.default.mask.0;
        while left != 0 {
            let signal = left.trailing_zeros() as c_int + 1;
            left &= left - 1;
            // SIGKILL and SIGSTOP are in a filled set; they have no other action anyway.
            // SAFETY: the default action has no handler.
            let _ = unsafe { signal::set_action(signal, Some(&signal::Action::DEFAULT)) };
        }
    }
    let priority = ptr::from_ref(&attributes.priority);
    // SAFETY: the priority is live, here and below; the other calls have no pointers.
    unsafe {
        if flags.contains(Flags::SETSCHEDULER) {
            syscall!(__NR_sched_setscheduler, 0i32, attributes.policy, priority)?;
        } else if flags.contains(Flags::SETSCHEDPARAM) {
            syscall!(__NR_sched_setparam, 0i32, priority)?;
        }
        if flags.contains(Flags::SETSID) {
            syscall!(__NR_setsid)?;
        }
        if flags.contains(Flags::SETPGROUP) {
            syscall!(__NR_setpgid, 0i32, attributes.group)?;
        }
        if flags.contains(Flags::RESETIDS) {
            // This task's own ids: with memory alone shared, no other thread is concerned.
            syscall!(__NR_setgid, syscall!(__NR_getgid)?)?;
            syscall!(__NR_setuid, syscall!(__NR_getuid)?)?;
        }
    }
    Ok(())
}

fn act(action: &Action, attributes: &Attributes) -> Result<(), Errno> {
    // SAFETY: paths are C strings that the actions own; the other calls have no pointers but to local variables.
    unsafe {
        match *action {
            Action::Close(fd) => {
                // POSIX: no error if it is not open.
                let _ = syscall!(__NR_close, fd);
            }
            Action::Duplicate { from, to } if from == to => {
                let flags = syscall!(__NR_fcntl, from, linux::F_GETFD)?;
                syscall!(__NR_fcntl, from, linux::F_SETFD, flags & !(linux::FD_CLOEXEC as usize))?;
            }
            Action::Duplicate { from, to } => {
                syscall!(__NR_dup2, from, to)?;
            }
            Action::Open { fd, path, flags, mode } => {
                // POSIX has it closed first, which also makes its number the likely one.
                let _ = syscall!(__NR_close, fd);
                let opened = syscall!(__NR_openat, linux::AT_FDCWD, path, flags, mode)?;
                if opened != fd as usize {
                    syscall!(__NR_dup3, opened, fd, flags as u32 & linux::O_CLOEXEC)?;
                    syscall!(__NR_close, opened)?;
                }
            }
            Action::ChangeDirectory(path) => {
                syscall!(__NR_chdir, path)?;
            }
            Action::ChangeDirectoryTo(fd) => {
                syscall!(__NR_fchdir, fd)?;
            }
            Action::CloseFrom(first) => closefrom(first),
            Action::Foreground(terminal) => {
                let own = attributes.flags.contains(Flags::SETPGROUP) && attributes.group != 0;
                let group = if own { attributes.group } else { syscall!(__NR_getpgid, 0i32)? as c_int };
                syscall!(__NR_ioctl, terminal, TIOCSPGRP, ptr::from_ref(&group))?;
            }
        }
    }
    Ok(())
}

/// # Safety
/// As `posix_spawn`.
unsafe fn execute(task: &Task) -> Errno {
    // SAFETY: by the caller's contract; the buffer, if there is one, is in the waiting parent's frame.
    unsafe {
        match task.search.as_mut() {
            None => exec::try_execute(task.program, task.argv, task.envp),
            Some(buffer) => {
                exec::search(task.program, buffer, |path| exec::try_execute(path, task.argv, task.envp))
            }
        }
    }
}
