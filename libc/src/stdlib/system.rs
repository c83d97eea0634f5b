//! `<stdlib.h>`: `system`.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};
use core::ptr;

use linux_raw_sys::general as linux;
use tidal_rt::lock::RawLock;
use tidal_rt::signal::{self, Action, Mask};
use tidal_rt::startup::ENVIRON;
use tidal_rt::{Errno, identity, syscall, syscall_cp, syscall_or_canceled};

use crate::errno::or_errno;
use crate::spawn::attributes::{Attributes, Flags};
use crate::spawn::posix_spawn;

const SIGINT: c_int = linux::SIGINT as c_int;
const SIGQUIT: c_int = linux::SIGQUIT as c_int;
const SIG_IGN: usize = 1;
const IGNORED: Action = Action { handler: SIG_IGN, ..Action::DEFAULT };
/// What a shell that could not be executed ends with, as a wait status.
const NOT_EXECUTED: c_int = 127 << 8;

/// What SIGINT and SIGQUIT did before the first of the calls that run now.
struct Terminal {
    lock: RawLock,
    state: UnsafeCell<State>,
}

struct State {
    running: usize,
    interrupt: Action,
    quit: Action,
}

// SAFETY: the state is read and written with the lock held.
unsafe impl Sync for Terminal {}

static TERMINAL: Terminal = Terminal { lock: RawLock::new(), state: UnsafeCell::new(State::NONE) };

impl State {
    const NONE: State = State { running: 0, interrupt: Action::DEFAULT, quit: Action::DEFAULT };

    /// The first call ignores both signals. Gives those that the command gets back with their default action.
    fn ignore(&mut self) -> Mask {
        if self.running == 0 {
            // SAFETY: ignoring a signal runs nothing.
            unsafe {
                self.interrupt = signal::set_action(SIGINT, Some(&IGNORED)).unwrap_or(Action::DEFAULT);
                self.quit = signal::set_action(SIGQUIT, Some(&IGNORED)).unwrap_or(Action::DEFAULT);
            }
        }
        self.running += 1;
        let bit = |signal, was: &Action| if was.handler == SIG_IGN { 0 } else { Mask::of(signal).0 };
        Mask(bit(SIGINT, &self.interrupt) | bit(SIGQUIT, &self.quit))
    }

    /// The last call to end puts both signals back.
    fn restore(&mut self) {
        self.running -= 1;
        if self.running == 0 {
            // SAFETY: these are the program's own actions.
            unsafe {
                let _ = signal::set_action(SIGINT, Some(&self.interrupt));
                let _ = signal::set_action(SIGQUIT, Some(&self.quit));
            }
        }
    }
}

impl Terminal {
    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        self.lock.lock();
        // SAFETY: the lock is held.
        let result = f(unsafe { &mut *self.state.get() });
        // SAFETY: taken above.
        unsafe { self.lock.unlock() };
        result
    }
}

/// Runs a command by `/bin/sh -c` and waits for it: its wait status. With a null pointer: whether there is a shell.
/// SIGINT and SIGQUIT are ignored meanwhile and SIGCHLD blocked.
///
/// # Errors
/// -1 and `EAGAIN`, `ENOMEM`. A cancellation point: the command is killed.
///
/// Signal-safe: no. Vfork-safe: yes.
///
/// # Safety
/// `command` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn system(command: *const c_char) -> c_int {
    if command.is_null() {
        // SAFETY: a C string.
        return c_int::from(unsafe { run(c"exit 0".as_ptr()) } == 0);
    }
    // SAFETY: by the caller's contract.
    unsafe { run(command) }
}

/// # Safety
/// `command` is a C string.
unsafe fn run(command: *const c_char) -> c_int {
    // A vfork child has signal actions of its own, and must not count as a call of its parent's should it die here.
    let mut own = identity::is_vfork_child().then_some(State::NONE);
    let mut with_state = |f: fn(&mut State) -> Mask| own.as_mut().map_or_else(|| TERMINAL.with(f), f);
    let reset = with_state(State::ignore);
    let blocked = block(Mask::of(linux::SIGCHLD as c_int));
    let attributes = Attributes::with_signals(Flags::SETSIGDEF | Flags::SETSIGMASK, reset, blocked);
    let argv = [c"sh".as_ptr(), c"-c".as_ptr(), command, ptr::null()];
    let mut pid = 0;
    // SAFETY: the arrays end with null pointers, everything is live.
    let outcome = match unsafe {
        posix_spawn(
            &mut pid,
            c"/bin/sh".as_ptr(),
            ptr::null(),
            &attributes,
            argv.as_ptr(),
            ENVIRON.load(core::sync::atomic::Ordering::Relaxed).cast_const().cast(),
        )
    } {
        0 => wait(pid),
        number if [Errno::EAGAIN, Errno::ENOMEM].contains(&Errno(number)) => Err(Errno(number)),
        _ => Ok(NOT_EXECUTED),
    };
    with_state(|state| {
        state.restore();
        Mask::EMPTY
    });
    signal::set_mask(blocked);
    if outcome == Err(Errno::ECANCELED) {
        // The request still waits, and everything is put back: now it may act.
        // SAFETY: no pointers.
        let _ = unsafe { syscall_cp!(__NR_getpid) };
    }
    or_errno(outcome)
}

/// Blocks signals and gives the mask as it was.
fn block(set: Mask) -> Mask {
    let mut old = Mask::EMPTY;
    // SAFETY: both sets are live and of the size given.
    let _ = unsafe {
        syscall!(
            __NR_rt_sigprocmask,
            linux::SIG_BLOCK,
            ptr::from_ref(&set),
            ptr::from_mut(&mut old),
            Mask::SIZE
        )
    };
    old
}

/// The wait status of the shell; `ECANCELED` if the thread was cancelled meanwhile, the shell being killed then.
fn wait(pid: c_int) -> Result<c_int, Errno> {
    let mut status = 0;
    loop {
        // SAFETY: the status is live; no usage is asked for.
        match unsafe { syscall_or_canceled!(__NR_wait4, pid, &raw mut status, 0i32, 0usize) } {
            Ok(_) => return Ok(status),
            Err(Errno::EINTR) => {}
            Err(Errno::ECANCELED) => {
                // SAFETY: no pointers; it is our child, not yet waited for.
                let _ = unsafe { syscall!(__NR_kill, pid, linux::SIGKILL) };
                // SAFETY: no status and no usage are asked for.
                while unsafe { syscall!(__NR_wait4, pid, 0usize, 0i32, 0usize) } == Err(Errno::EINTR) {}
                return Err(Errno::ECANCELED);
            }
            // Somebody else waited for it, or SIGCHLD is ignored.
            Err(e) => return Err(e),
        }
    }
}
