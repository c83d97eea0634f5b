//! `<spawn.h>`: `posix_spawn` and what it is told.

pub mod actions;
pub mod attributes;
mod child;

use core::ffi::{c_char, c_int};
use core::mem::MaybeUninit;
use core::ptr;

use tidal_rt::{Errno, process, syscall};

use crate::unistd::exec::PathBuffer;
use actions::Actions;
use attributes::Attributes;
use child::Task;

/// Starts a program in a new process: the child shares memory until it execs, so this costs no copy of page tables.
///
/// # Errors
/// The number of what failed, in the parent (too many processes) or in the child (a file action, an attribute, the exec);
/// then there is no child any more. `errno` stays as it was.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// `path` is a C string, the arrays end with a null pointer, `actions` and `attributes` are null or initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawn(
    pid: *mut c_int,
    path: *const c_char,
    actions: *const Actions,
    attributes: *const Attributes,
    argv: *const *const c_char,
    envp: *const *const c_char,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { spawn(pid, Task::new(path, actions, attributes, argv, envp)) }
}

/// As [`posix_spawn`], for a program that is looked for in `PATH`. As with glibc, no shell is tried.
///
/// # Errors
/// As [`posix_spawn`]; `ENOENT` if there is no such program.
///
/// Signal-safe: yes. Vfork-safe: yes.
///
/// # Safety
/// As [`posix_spawn`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnp(
    pid: *mut c_int,
    file: *const c_char,
    actions: *const Actions,
    attributes: *const Attributes,
    argv: *const *const c_char,
    envp: *const *const c_char,
) -> c_int {
    let mut buffer: PathBuffer = [MaybeUninit::uninit(); _];
    // SAFETY: by the caller's contract; the buffer outlives the child's use of it.
    unsafe {
        let mut task = Task::new(file, actions, attributes, argv, envp);
        task.search_in(&raw mut buffer);
        spawn(pid, task)
    }
}

/// # Safety
/// As [`posix_spawn`].
unsafe fn spawn(pid: *mut c_int, task: Task) -> c_int {
    let (child, task) = match process::spawn(task, child::run) {
        Ok(started) => started,
        Err(e) => return e.0,
    };
    if let Some(Errno(e)) = task.failure() {
        // It has ended already: nobody else shall see it.
        while matches!(
            // SAFETY: no status and no usage are asked for.
            unsafe { syscall!(__NR_wait4, child, 0usize, 0i32, 0usize) },
            Err(Errno::EINTR)
        ) {}
        return e;
    }
    if !pid.is_null() {
        // SAFETY: by the caller's contract.
        unsafe { ptr::write(pid, child as c_int) };
    }
    0
}
