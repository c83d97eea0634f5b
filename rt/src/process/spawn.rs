//! A vfork child that starts in a function on a stack of its own: what `posix_spawn` stands on.

use core::ffi::{c_int, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use linux_raw_sys::general as linux;

use super::clone::{Start, call};
use super::vfork_protocol::{self as protocol, tid_word};
use crate::errno::Errno;
use crate::signal::{self, Action, Mask};
use crate::sys::check;
use crate::{block, identity};

/// First code of the child, which every signal is blocked in; its result is the exit status. It is given its argument
/// and the mask that the parent had.
pub type Entry<T> = extern "C" fn(&mut Job<T>) -> c_int;

/// What the child is given.
pub struct Job<T> {
    /// The caller's own.
    pub task: T,
    /// The signal mask as it was before everything was blocked.
    pub mask: Mask,
    /// Whether the kernel has reset handlers to the default action already.
    pub handlers_cleared: bool,
}

/// Bytes of stack for a child: its calls are few and flat.
pub const STACK: usize = 8192;

/// What the kernel does besides making the child.
#[derive(Clone, Copy, Default)]
pub struct Wishes {
    /// A descriptor of the child's process is made, with close-on-exec.
    pub pidfd: bool,
    /// The child starts in the control group that this descriptor names; clone3 alone can do that.
    pub cgroup: Option<c_int>,
}

/// A child that was made.
pub struct Child {
    /// Its PID.
    pub pid: u32,
    /// The descriptor, where one was wished for.
    pub pidfd: c_int,
}

/// Runs `entry` in a child that shares the caller's memory, on a stack of its own inside the caller's frame, until it
/// execs or ends. Gives the child and the job as the child left it.
///
/// Handlers of signals are not run in the child: the kernel resets them (`CLONE_CLEAR_SIGHAND`, since 5.5), or the child
/// calls [`clear_handlers`] before it unblocks anything.
///
/// # Errors
/// `EAGAIN`, `ENOMEM`, as `clone(2)`; with a control group those of `CLONE_INTO_CGROUP`, and `ENOSYS` without clone3.
pub fn spawn<T>(task: T, entry: Entry<T>, wishes: Wishes) -> Result<(Child, T), Errno> {
    #[repr(align(16))]
    struct Stack(#[expect(dead_code, reason = "the child's, by address")] [MaybeUninit<u8>; STACK]);
    let mut stack = Stack([MaybeUninit::uninit(); STACK]);
    let saved = protocol::suspend()?;
    let job = Job { task, mask: saved.mask(), handlers_cleared: true };
    let mut first = First { entry, job };
    let base = ptr::from_mut(&mut stack).cast::<u8>();
    // SAFETY: `Start` lies at the upper end of the stack.
    let start = unsafe {
        let start = base.add(STACK).cast::<Start>().sub(1);
        start.write(Start { run: run::<T>, argument: ptr::from_mut(&mut first).cast() });
        start as usize
    };
    let mut pidfd: c_int = -1;
    let mut made = clone3_clearing_handlers(base as usize, start, wishes, &mut pidfd);
    if wishes.cgroup.is_none() && matches!(made, Err(Errno::ENOSYS | Errno::EPERM | Errno::EINVAL)) {
        first.job.handlers_cleared = false;
        made = clone(start, wishes, &mut pidfd);
    }
    protocol::resume(&saved);
    // The child, another task, has written here behind the compiler's back.
    core::hint::black_box(&mut stack);
    core::hint::black_box(&mut first);
    core::hint::black_box(&mut pidfd);
    Ok((Child { pid: made? as u32, pidfd }, first.job.task))
}

/// Where the child begins, and with what.
struct First<T> {
    entry: Entry<T>,
    job: Job<T>,
}

/// # Safety
/// `first` is a `First<T>` that the parent, which sleeps, does not touch.
unsafe extern "C" fn run<T>(first: *mut c_void) -> c_int {
    identity::adopt(block::current());
    // SAFETY: by the caller's contract.
    let First { entry, job } = unsafe { &mut *first.cast::<First<T>>() };
    entry(job)
}

fn flags(wishes: Wishes) -> u32 {
    let pidfd = if wishes.pidfd { linux::CLONE_PIDFD } else { 0 };
    linux::CLONE_VM | linux::CLONE_VFORK | linux::CLONE_CHILD_SETTID | pidfd
}

/// With `CLONE_PIDFD` the old call puts the descriptor where it would put the TID for the parent.
fn clone(top: usize, wishes: Wishes, pidfd: &mut c_int) -> Result<usize, Errno> {
    let flags = (flags(wishes) | linux::SIGCHLD) as usize;
    let tid = tid_word(block::current()) as usize;
    let pidfd = ptr::from_mut(pidfd) as usize;
    // SAFETY: the child's stack has a `Start` at its top; the kernel writes the TID into our own block.
    check(unsafe { call(linux::__NR_clone as usize, flags, top, pidfd, tid, 0) })
}

fn clone3_clearing_handlers(
    stack: usize,
    top: usize,
    wishes: Wishes,
    pidfd: &mut c_int,
) -> Result<usize, Errno> {
    // SAFETY: all zeros is a valid set of arguments.
    let mut args: linux::clone_args = unsafe { core::mem::zeroed() };
    args.flags = u64::from(flags(wishes)) | linux::CLONE_CLEAR_SIGHAND;
    args.pidfd = ptr::from_mut(pidfd) as u64;
    // Kernels before 5.7 know a shorter structure, and take a longer one only if the rest is zero.
    let mut size = linux::CLONE_ARGS_SIZE_VER0 as usize;
    if let Some(group) = wishes.cgroup {
        args.flags |= linux::CLONE_INTO_CGROUP;
        args.cgroup = group as u64;
        size = linux::CLONE_ARGS_SIZE_VER2 as usize;
    }
    args.exit_signal = u64::from(linux::SIGCHLD);
    args.child_tid = tid_word(block::current()) as u64;
    args.stack = stack as u64;
    args.stack_size = (top - stack) as u64;
    // SAFETY: the structure is live and that long; the child's stack has a `Start` at its top.
    check(unsafe { call(linux::__NR_clone3 as usize, ptr::from_mut(&mut args) as usize, size, 0, 0, 0) })
}

/// In the child, where the kernel has not done it: resets every signal that has a handler to its default action.
pub fn clear_handlers() {
    const LAST_SIGNAL: c_int = 64;
    const FIRST_ADDRESS: usize = 2;
    for signal in 1..=LAST_SIGNAL {
        // SAFETY: reading changes nothing, and the default action has no handler.
        unsafe {
            if signal::set_action(signal, None).is_ok_and(|a| a.handler >= FIRST_ADDRESS) {
                let _ = signal::set_action(signal, Some(&Action::DEFAULT));
            }
        }
    }
}
