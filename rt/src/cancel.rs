//! Cancellation points: system calls that a cancellation request interrupts before they take effect, never after.
//!
//! ```text
//! begin:  pending and enabled? ──yes──▶ cancelled: jump to the hook
//!         load registers, syscall
//! end:    return
//! ```
//!
//! `pthread_cancel` sets the request and sends a signal. Its handler looks at the interrupted instruction: from `begin`
//! up to and including the `syscall` (a call that the kernel restarts stands there too) nothing has happened yet, and
//! the handler moves the program counter to `cancelled`. After `end` the call has had its effect; the request waits.
//! What a request does is `pthread`'s business: it sets the hook when it first cancels.

use core::arch::naked_asm;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::block;

/// Bit of the block's cancellation word: a request waits.
pub const PENDING: u32 = 1;
/// Bit: requests are held back (`PTHREAD_CANCEL_DISABLE`).
pub const DISABLED: u32 = 2;
/// Bit: act at once (`PTHREAD_CANCEL_ASYNCHRONOUS`).
pub const ASYNCHRONOUS: u32 = 4;
/// Bit: the thread is ending; cancellation is over.
pub const EXITING: u32 = 8;

/// `extern "C" fn() -> isize` that acts on a request; what it returns stands for the call's result.
static HOOK: AtomicUsize = AtomicUsize::new(0);

/// Sets what happens at a cancellation point with a request pending.
pub fn set_hook(hook: extern "C" fn() -> isize) {
    HOOK.store(hook as usize, Relaxed);
}

/// A system call that is a cancellation point; use it through [`crate::syscall_cp`].
///
/// # Safety
/// The call's own contract, and that locks and memory of the caller's are released by cleanup handlers.
#[unsafe(naked)]
pub unsafe extern "C-unwind" fn call(
    nr: usize,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> usize {
    naked_asm!(
        ".cfi_startproc",
        ".globl __tidal_cancel_begin, __tidal_cancel_end, __tidal_cancel_cancelled",
        ".hidden __tidal_cancel_begin, __tidal_cancel_end, __tidal_cancel_cancelled",
        "__tidal_cancel_begin:",
        "mov eax, fs:[{cancel}]",
        "and eax, {mask}",
        "cmp eax, {pending}",
        "je __tidal_cancel_cancelled",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov r10, r8",
        "mov r8, r9",
        "mov r9, [rsp + 8]",
        "syscall",
        "__tidal_cancel_end:",
        "ret",
        "__tidal_cancel_cancelled:",
        "jmp qword ptr [rip + {hook}]",
        ".cfi_endproc",
        cancel = const block::CANCEL,
        mask = const PENDING | DISABLED | EXITING,
        pending = const PENDING,
        hook = sym HOOK,
    )
}

unsafe extern "C" {
    static __tidal_cancel_begin: u8;
    static __tidal_cancel_end: u8;
    static __tidal_cancel_cancelled: u8;
}

/// If `pc` stands at a cancellation point that has had no effect yet: where to go on so that it is cancelled.
pub fn redirect(pc: usize) -> Option<usize> {
    let (begin, end) = (&raw const __tidal_cancel_begin as usize, &raw const __tidal_cancel_end as usize);
    (begin..end).contains(&pc).then_some(&raw const __tidal_cancel_cancelled as usize)
}

/// `syscall_cp!(__NR_name, args…)`: as [`crate::syscall`], and a cancellation point.
#[macro_export]
macro_rules! syscall_cp {
    (@ $nr:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr $(, $zero:expr)*) => {
        $crate::sys::check($crate::cancel::call($crate::sys::numbers::$nr as usize,
            $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b), $crate::sys::Arg::arg($c),
            $crate::sys::Arg::arg($d), $crate::sys::Arg::arg($e), $crate::sys::Arg::arg($f)))
    };
    ($nr:ident $(, $arg:expr)* $(,)?) => {
        $crate::syscall_cp!(@ $nr $(, $arg)*, 0usize, 0usize, 0usize, 0usize, 0usize, 0usize)
    };
}
