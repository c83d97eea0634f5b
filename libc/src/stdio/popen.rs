//! `popen(3)` and `pclose(3)`: a stream to or from a shell command.

use core::ffi::{CStr, c_char, c_int};
use core::mem::MaybeUninit;
use core::ptr;

use linux_raw_sys::general as linux;
use tidal_rt::startup::ENVIRON;
use tidal_rt::{Errno, syscall};

use super::fd;
use super::file::{BUFFER, Ops, Stream};
use super::list;
use super::open::{close_stream, create, parse_mode};
use crate::errno::or_errno;
use crate::spawn::actions::{
    Actions, posix_spawn_file_actions_addclose, posix_spawn_file_actions_adddup2,
    posix_spawn_file_actions_destroy, posix_spawn_file_actions_init,
};
use crate::spawn::posix_spawn;

static PIPE: Ops = Ops { read: fd::read, write: fd::write, seek: fd::seek, close };

/// Closes the pipe and waits for the command; its wait status stays in `child`.
fn close(stream: &mut Stream) -> Result<(), Errno> {
    let closed = fd::close(stream);
    let mut status: c_int = 0;
    loop {
        // SAFETY: the status is a live variable.
        match unsafe { syscall!(__NR_wait4, stream.child, &raw mut status, 0i32, 0usize) } {
            Err(Errno::EINTR) => {}
            Err(e) => return Err(e),
            Ok(_) => break,
        }
    }
    stream.child = status;
    closed
}

/// Both ends of a pipe, closed unless they are given on.
struct Ends([c_int; 2]);

impl Drop for Ends {
    fn drop(&mut self) {
        for end in self.0 {
            if end >= 0 {
                // SAFETY: our own descriptor.
                let _ = unsafe { syscall!(__NR_close, end) };
            }
        }
    }
}

/// Runs a command by the shell with its output (`r`) or input (`w`) on a stream; `e` for close-on-exec.
///
/// # Errors
/// Null: `EINVAL` (type), `EMFILE`, `ENFILE`, `ENOMEM`, and those of `posix_spawn(3)`.
///
/// Signal-safe: no. Vfork-safe: yes (the stream is the parent's too: the child closes it again).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn popen(command: *const c_char, kind: *const c_char) -> *mut Stream {
    // SAFETY: by the function's contract.
    or_errno(unsafe { open(command, CStr::from_ptr(kind)) })
}

unsafe fn open(command: *const c_char, kind: &CStr) -> Result<*mut Stream, Errno> {
    let reads = match kind.to_bytes() {
        [b'r', rest @ ..] if rest.iter().all(|&b| b == b'e') => true,
        [b'w', rest @ ..] if rest.iter().all(|&b| b == b'e') => false,
        _ => return Err(Errno::EINVAL),
    };
    let mode = parse_mode(kind)?;
    let mut ends = Ends([-1, -1]);
    // SAFETY: the array takes two numbers.
    unsafe { syscall!(__NR_pipe2, ends.0.as_mut_ptr(), linux::O_CLOEXEC) }?;
    let (ours, theirs) = if reads { (0, 1) } else { (1, 0) };
    let stream = create(ends.0[ours], mode.stream, &PIPE, BUFFER, 0)?;
    // SAFETY: a fresh stream.
    let stream = unsafe { &mut *stream };
    // SAFETY: by the caller's contract.
    let spawned = unsafe { spawn(command, ends.0[theirs], c_int::from(reads)) };
    match spawned {
        Ok(child) => stream.child = child,
        Err(e) => {
            super::open::release(stream);
            return Err(e);
        }
    }
    if mode.open & linux::O_CLOEXEC == 0 {
        // SAFETY: no pointers.
        let _ = unsafe { syscall!(__NR_fcntl, ends.0[ours], linux::F_SETFD, 0u32) };
    }
    ends.0[ours] = -1;
    // In the list at once: the commands of later calls must not keep this pipe open.
    list::link(stream);
    Ok(stream)
}

/// Starts the shell with `end` as its descriptor `number`, without the pipes of other commands.
unsafe fn spawn(command: *const c_char, end: c_int, number: c_int) -> Result<c_int, Errno> {
    let mut actions = MaybeUninit::<Actions>::uninit();
    let actions = actions.as_mut_ptr();
    let argv = [c"sh".as_ptr(), c"-c".as_ptr(), command, ptr::null()];
    let mut child = 0;
    // SAFETY: the actions are made before they are used; the strings live until the child has its own.
    let error = unsafe {
        posix_spawn_file_actions_init(actions);
        let mut error = 0;
        list::for_each_command(|fileno| {
            if fileno != end && fileno != number && error == 0 {
                error = posix_spawn_file_actions_addclose(actions, fileno);
            }
        });
        if error == 0 {
            error = posix_spawn_file_actions_adddup2(actions, end, number);
        }
        if error == 0 {
            let environment = ENVIRON.load(core::sync::atomic::Ordering::Relaxed);
            error = posix_spawn(
                &raw mut child,
                c"/bin/sh".as_ptr(),
                actions,
                ptr::null(),
                argv.as_ptr().cast(),
                environment.cast(),
            );
        }
        posix_spawn_file_actions_destroy(actions);
        error
    };
    if error == 0 { Ok(child) } else { Err(Errno(error)) }
}

/// Closes a stream of [`popen`] and gives the command's wait status.
///
/// # Errors
/// -1: `ECHILD` where somebody else has waited for it; those of the last write.
///
/// Signal-safe: no. Vfork-safe: yes, for a stream of the child's own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pclose(stream: *mut Stream) -> c_int {
    // SAFETY: by the function's contract.
    let (result, status) = unsafe {
        let result = close_stream(&mut *stream);
        let status = (*stream).child;
        super::open::release(&mut *stream);
        (result, status)
    };
    or_errno(result.map(|()| status))
}

/// Whether a stream is one of [`popen`]'s.
pub fn is_command(stream: &Stream) -> bool {
    stream.child > 0 && ptr::eq(stream.ops, &PIPE)
}
