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

/// An entry: what it puts where (`$told`), and whether it looks for the program (`$start`).
macro_rules! entry {
    ($(#[$meta:meta])* $name:ident($told:ident) => $start:ident) => {
        $(#[$meta])*
        ///
        /// # Safety
        /// `program` is a C string, the arrays end with a null pointer, `actions` and `attributes` are null or initialised,
        /// `told` is null or has room.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            told: *mut c_int,
            program: *const c_char,
            actions: *const Actions,
            attributes: *const Attributes,
            argv: *const *const c_char,
            envp: *const *const c_char,
        ) -> c_int {
            // SAFETY: by the caller's contract.
            unsafe { $start(Told::$told(told), Task::new(program, actions, attributes, argv, envp)) }
        }
    };
}

entry! {
    /// Starts a program in a new process: the child shares memory until it execs, so this costs no copy of page tables.
    ///
    /// # Errors
    /// The number of what failed, in the parent (too many processes) or in the child (a file action, an attribute, the
    /// exec); then there is no child any more. `errno` stays as it was.
    ///
    /// Signal-safe: yes. Vfork-safe: yes.
    posix_spawn(Pid) => spawn
}
entry! {
    /// As [`posix_spawn`], for a program that is looked for in `PATH`. As with glibc, no shell is tried.
    ///
    /// # Errors
    /// As [`posix_spawn`]; `ENOENT` if there is no such program.
    ///
    /// Signal-safe: yes. Vfork-safe: yes.
    posix_spawnp(Pid) => search_and_spawn
}
entry! {
    /// As [`posix_spawn`], and the new process is told by a descriptor, with close-on-exec, which no reuse of its PID can
    /// mislead.
    ///
    /// # Errors
    /// As [`posix_spawn`]; `EMFILE`, `ENFILE` where there is no room for the descriptor.
    ///
    /// Source: glibc 2.39. Signal-safe: yes. Vfork-safe: yes.
    pidfd_spawn(Descriptor) => spawn
}
entry! {
    /// As [`pidfd_spawn`], for a program that is looked for in `PATH`.
    ///
    /// # Errors
    /// As [`pidfd_spawn`]; `ENOENT` if there is no such program.
    ///
    /// Source: glibc 2.39. Signal-safe: yes. Vfork-safe: yes.
    pidfd_spawnp(Descriptor) => search_and_spawn
}

/// What the caller gets of the child.
#[derive(Clone, Copy)]
enum Told {
    Pid(*mut c_int),
    Descriptor(*mut c_int),
}

/// # Safety
/// As [`posix_spawn`].
unsafe fn search_and_spawn(told: Told, mut task: Task) -> c_int {
    let mut buffer: PathBuffer = [MaybeUninit::uninit(); _];
    task.search_in(&raw mut buffer);
    // SAFETY: by the caller's contract; the buffer outlives the child's use of it.
    unsafe { spawn(told, task) }
}

/// # Safety
/// As [`posix_spawn`].
unsafe fn spawn(told: Told, task: Task) -> c_int {
    // SAFETY: by the caller's contract.
    let wishes = unsafe { task.wishes(matches!(told, Told::Descriptor(_))) };
    let (child, task) = match process::spawn(task, child::run, wishes) {
        Ok(started) => started,
        Err(e) => return e.0,
    };
    if let Some(Errno(e)) = task.failure() {
        forget(&child, wishes.pidfd);
        return e;
    }
    let (place, value) = match told {
        Told::Pid(place) => (place, child.pid as c_int),
        Told::Descriptor(place) => (place, child.pidfd),
    };
    if !place.is_null() {
        // SAFETY: by the caller's contract.
        unsafe { ptr::write(place, value) };
    }
    0
}

/// The child has ended already: nobody else shall see it.
fn forget(child: &process::Child, has_descriptor: bool) {
    if has_descriptor {
        // SAFETY: the descriptor is ours, and nobody has been told of it.
        let _ = unsafe { syscall!(__NR_close, child.pidfd) };
    }
    // SAFETY: no status and no usage are asked for.
    while unsafe { syscall!(__NR_wait4, child.pid, 0usize, 0i32, 0usize) } == Err(Errno::EINTR) {}
}
