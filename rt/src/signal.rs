//! Signals: masks, actions, and the abnormal end of the process.

use core::arch::naked_asm;
use core::ffi::c_int;
use core::ptr;

use linux_raw_sys::general as linux;

use crate::errno::Errno;
use crate::identity;
use crate::sys::process;
use crate::syscall;

/// The kernel's signal set: bit *n* - 1 stands for signal *n*, 1 to 64.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mask(pub u64);

impl Mask {
    /// No signal.
    pub const EMPTY: Mask = Mask(0);
    /// Every signal.
    pub const ALL: Mask = Mask(!0);
    /// Bytes in the kernel's set, which every call is told.
    pub const SIZE: usize = 8;

    /// The set of one signal.
    pub const fn of(signal: c_int) -> Mask {
        Mask(1 << (signal - 1))
    }
}

/// `struct sigaction` as the kernel has it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Action {
    /// `SIG_DFL` (0), `SIG_IGN` (1) or the handler's address.
    pub handler: usize,
    /// `SA_` flags; [`set_action`] adds `SA_RESTORER`.
    pub flags: u64,
    /// Where a handler returns to; [`set_action`] fills it in.
    pub restorer: usize,
    /// Signals blocked while the handler runs.
    pub mask: Mask,
}

impl Action {
    /// `SIG_DFL`, nothing else.
    pub const DEFAULT: Action = Action { handler: 0, flags: 0, restorer: 0, mask: Mask::EMPTY };
}

/// Blocks every signal and gives the mask as it was.
#[inline]
pub fn block_all() -> Mask {
    replace_mask(Mask::ALL)
}

/// Sets the thread's signal mask and gives it as it was.
#[inline]
pub fn replace_mask(new: Mask) -> Mask {
    let mut old = Mask::EMPTY;
    // SAFETY: both sets are live and of the size given.
    let _ = unsafe {
        syscall!(
            __NR_rt_sigprocmask,
            linux::SIG_SETMASK,
            ptr::from_ref(&new),
            ptr::from_mut(&mut old),
            Mask::SIZE
        )
    };
    old
}

/// Sets the thread's signal mask.
#[inline]
pub fn set_mask(mask: Mask) {
    // SAFETY: the set is live and of the size given.
    let _ = unsafe {
        syscall!(
            __NR_rt_sigprocmask,
            linux::SIG_SETMASK,
            ptr::from_ref(&mask),
            ptr::null_mut::<Mask>(),
            Mask::SIZE
        )
    };
}

/// Runs `f` with every signal blocked.
pub fn with_all_blocked<R>(f: impl FnOnce() -> R) -> R {
    let old = block_all();
    let result = f();
    set_mask(old);
    result
}

/// Reads and changes what a signal does; `None` leaves it as it is.
///
/// # Errors
/// `EINVAL` for a signal that does not exist or cannot be caught.
///
/// # Safety
/// A handler in `new` is a function that may run at any moment.
pub unsafe fn set_action(signal: c_int, new: Option<&Action>) -> Result<Action, Errno> {
    let mut old = Action::DEFAULT;
    let with_restorer = new.map(|a| Action {
        flags: a.flags | u64::from(linux::SA_RESTORER),
        restorer: restorer as *const () as usize,
        ..*a
    });
    let new = with_restorer.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: both structures are live and as the kernel has them; the handler is the caller's word.
    unsafe { syscall!(__NR_rt_sigaction, signal, new, ptr::from_mut(&mut old), Mask::SIZE)? };
    Ok(old)
}

/// Where signal handlers return to. Debuggers and unwinders know a signal frame by these very instructions
/// (gcc's `config/i386/linux-unwind.h`, gdb's `amd64-linux-tdep.c`), so there is nothing to describe in CFI.
///
/// # Safety
/// Only the kernel points a stack at this.
#[unsafe(naked)]
pub unsafe extern "C" fn restorer() {
    naked_asm!("mov rax, {nr}", "syscall", nr = const linux::__NR_rt_sigreturn)
}

/// Sends a signal to the running task itself; right in a vfork child.
///
/// # Errors
/// `EINVAL` for a signal number that does not exist.
pub fn raise(signal: c_int) -> Result<(), Errno> {
    // A handler that forks between the two calls would otherwise send to the wrong process.
    with_all_blocked(|| process::tgkill(process::getpid(), identity::tid(), signal))
}

/// Ends the process by SIGABRT, whatever its disposition and mask. Signal-safe. Vfork-safe: ends the child alone.
pub fn abort() -> ! {
    let sigabrt = linux::SIGABRT as c_int;
    let (set, default) = (Mask::of(sigabrt), Action::DEFAULT);
    loop {
        let _ = process::tgkill(process::getpid(), identity::tid(), sigabrt);
        // SAFETY: the set is live.
        let _ = unsafe {
            syscall!(
                __NR_rt_sigprocmask,
                linux::SIG_UNBLOCK,
                ptr::from_ref(&set),
                ptr::null_mut::<Mask>(),
                Mask::SIZE
            )
        };
        // The handler returned, or the signal is ignored: POSIX wants the end all the same.
        // SAFETY: the default action has no handler.
        let _ = unsafe {
            syscall!(
                __NR_rt_sigaction,
                sigabrt,
                ptr::from_ref(&default),
                ptr::null_mut::<Action>(),
                Mask::SIZE
            )
        };
    }
}
