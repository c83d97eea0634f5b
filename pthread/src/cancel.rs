//! Cancellation: `pthread_cancel`, its signal, and what the target does.
//!
//! The block's cancellation word holds the request and what the thread allows; see [`tidal_rt::cancel`] for the bits and
//! for how a system call is cancelled before its effect and never after. Functions that wait on a futex get `ECANCELED`,
//! undo their registration and call [`act`]; nothing has to unwind through them.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use linux_raw_sys::general as linux;
use tidal_rt::block::{self, Flags};
use tidal_rt::cancel::{self, ASYNCHRONOUS, DISABLED, EXITING, PENDING};
use tidal_rt::signal::{self, Action, Mask};
use tidal_rt::sys::process;
use tidal_rt::{Errno, identity};

use crate::thread::Thread;
use crate::{exit, registry};

/// The signal that a request is delivered by: the first real-time one, which C programs do not see.
pub const SIGNAL: c_int = 32;

/// What a cancelled thread's join gives: `PTHREAD_CANCELED`.
pub const CANCELED: *mut c_void = ptr::without_provenance_mut(usize::MAX);

static READY: AtomicBool = AtomicBool::new(false);

/// Asks a thread to end.
///
/// # Errors
/// `ESRCH`.
pub fn request(handle: usize) -> Result<(), Errno> {
    prepare()?;
    let is_self = handle == block::current() as *const _ as usize;
    let target = registry::with(handle, |target| {
        let old = target.block().runtime.cancel.fetch_or(PENDING, Relaxed);
        if !is_self && old & (PENDING | DISABLED | EXITING) == 0 {
            notify(target);
        }
        Ok(target)
    })?;
    if is_self && target.block().runtime.cancel.load(Relaxed) & ASYNCHRONOUS != 0 {
        test();
    }
    Ok(())
}

/// Whether a thread that waits will stop waiting because it is cancelled.
pub(crate) fn is_requested(thread: &Thread) -> bool {
    let word = thread.block().runtime.cancel.load(Relaxed);
    word & EXITING != 0 || word & (PENDING | DISABLED) == PENDING
}

fn notify(target: &Thread) {
    target.exit_lock.lock();
    if target.exiting.load(Relaxed) == 0 {
        // Fails for nobody that matters: a thread that is gone needs no cancelling.
        let _ = process::tgkill(process::getpid(), target.tid(), SIGNAL);
    }
    // SAFETY: held since above.
    unsafe { target.exit_lock.unlock() };
}

fn prepare() -> Result<(), Errno> {
    if READY.load(Relaxed) {
        return Ok(());
    }
    cancel::set_hook(hook);
    let action = Action {
        handler: handler as *const () as usize,
        flags: u64::from(linux::SA_SIGINFO | linux::SA_RESTART),
        restorer: 0,
        mask: Mask::EMPTY,
    };
    // SAFETY: the handler may run at any moment.
    unsafe { signal::set_action(SIGNAL, Some(&action)) }?;
    READY.store(true, Relaxed);
    Ok(())
}

/// The word's value, for the running thread.
fn word() -> u32 {
    block::current().runtime.cancel.load(Relaxed)
}

fn acts_on(word: u32) -> bool {
    word & (PENDING | DISABLED | EXITING) == PENDING
        && block::current().ktls.flags.load(Relaxed) & Flags::VFORKED == 0
}

/// A cancellation point without a system call.
#[inline]
pub fn test() {
    if acts_on(word()) {
        act();
    }
}

/// As [`test`], for callers that have to tidy up first.
pub(crate) fn test_for_later() -> Result<(), Errno> {
    if acts_on(word()) { Err(Errno::ECANCELED) } else { Ok(()) }
}

/// Acts on the request that made a call return `ECANCELED`: ends the running thread.
pub fn act() -> ! {
    cancel::act()
}

extern "C" fn hook() -> isize {
    exit::exit(CANCELED)
}

/// Sets one bit of the running thread's word and gives whether it was set.
fn set_bit(bit: u32, on: bool) -> bool {
    let word = &block::current().runtime.cancel;
    let old = if on { word.fetch_or(bit, Relaxed) } else { word.fetch_and(!bit, Relaxed) };
    if acts_on(word.load(Relaxed)) && word.load(Relaxed) & ASYNCHRONOUS != 0 {
        act();
    }
    old & bit != 0
}

/// Holds requests back, or allows them; gives what was so before.
///
/// # Errors
/// `EINVAL`.
pub fn set_disabled(disabled: bool) -> bool {
    set_bit(DISABLED, disabled)
}

/// Holds requests back for a section that must not be left half-way; gives what [`restore`] takes.
pub fn hold() -> bool {
    block::current().runtime.cancel.fetch_or(DISABLED, Relaxed) & DISABLED != 0
}

/// Ends such a section. A request that came meanwhile waits for the next cancellation point, or for its signal.
pub fn restore(was_disabled: bool) {
    if !was_disabled {
        set_bit(DISABLED, false);
    }
}

/// Lets requests act at any instruction, or only at cancellation points; gives what was so before.
pub fn set_asynchronous(asynchronous: bool) -> bool {
    set_bit(ASYNCHRONOUS, asynchronous)
}

/// As [`set_asynchronous`], without acting on a request: for cleanup frames.
pub fn replace_type(asynchronous: bool) -> bool {
    let word = &block::current().runtime.cancel;
    let old = if asynchronous {
        word.fetch_or(ASYNCHRONOUS, Relaxed)
    } else {
        word.fetch_and(!ASYNCHRONOUS, Relaxed)
    };
    old & ASYNCHRONOUS != 0
}

/// `ucontext_t` of x86-64 (`<asm/ucontext.h>`, `<asm/sigcontext.h>`), as far as the handler needs it.
#[repr(C)]
struct Context {
    flags: u64,
    link: *mut c_void,
    stack: [u64; 3],
    registers: [u64; 23],
    fpu: *mut c_void,
    reserved: [u64; 8],
    mask: Mask,
}

/// Where `rip` is among the registers (`REG_RIP` of `<sys/ucontext.h>`).
const RIP: usize = 16;

extern "C" fn handler(_signal: c_int, _info: *mut c_void, context: *mut c_void) {
    // SAFETY: the kernel gives a context for the handler to read and change.
    let context = unsafe { &mut *context.cast::<Context>() };
    let word = word();
    if !acts_on(word) {
        return;
    }
    if let Some(cancelled) = cancel::redirect(context.registers[RIP] as usize) {
        context.registers[RIP] = cancelled as u64;
        return;
    }
    if word & ASYNCHRONOUS != 0 {
        signal::set_mask(context.mask);
        act();
    }
    // This may be inside another handler that interrupted a cancellation point. The signal comes again, blocked until
    // that handler has returned and the outer code has its own mask back; outside of handlers it stays blocked, which
    // does no harm: the next cancellation point looks at the word.
    context.mask.0 |= Mask::of(SIGNAL).0;
    let _ = process::tgkill(process::getpid(), identity::tid(), SIGNAL);
}
