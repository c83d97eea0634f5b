//! Cancellation points: system calls that a cancellation request interrupts before they take effect, never after.
//!
//! ```text
//! begin:  pending and enabled, and no vfork child? ──yes──▶ cancelled: act on it
//!         load registers, syscall
//! end:    return
//! ```
//!
//! `pthread_cancel` sets the request and sends a signal. Its handler looks at the interrupted instruction: from `begin`
//! up to and including the `syscall` (a call that the kernel restarts stands there too) nothing has happened yet, and
//! the handler moves the program counter to `cancelled`. After `end` the call has had its effect and the request waits,
//! except that `EINTR` means no effect.
//!
//! There are two kinds. [`call`] does what the hook says, which is to end the thread: for functions that hold nothing.
//! [`call_or_canceled`] returns `ECANCELED`: its caller puts its state in order, then acts on the request itself.
//! What a request does is `pthread`'s business: it sets the hook when it first cancels.
//!
//! A vfork child is not cancelled: the request is for its suspended parent, whose word it shares.

use core::arch::naked_asm;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::block;
use crate::errno::Errno;

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

/// Does what [`set_hook`] set: for a function whose system call gave `ECANCELED`, once it has tidied up. Only
/// `pthread_cancel` makes requests, and it sets the hook first; a program without it links no way to end a thread.
#[cold]
pub fn act() -> ! {
    let hook = HOOK.load(Relaxed);
    if hook != 0 {
        // SAFETY: `set_hook` stores nothing but functions of this type.
        let hook: extern "C" fn() -> isize = unsafe { core::mem::transmute(hook) };
        hook();
    }
    crate::message::fatal("a cancellation request that nobody made");
}

macro_rules! cancellation_point {
    ($(#[$meta:meta])* $name:ident, $begin:literal, $end:literal, $cancelled:literal, $act:literal, $($operand:tt)*) => {
        $(#[$meta])*
        // Not "C-unwind", though a forced unwind passes through: it passes frames without anything to drop, and no
        // caller needs a landing pad for it.
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name(
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
                concat!(".globl ", $begin, ", ", $end, ", ", $cancelled),
                concat!(".hidden ", $begin, ", ", $end, ", ", $cancelled),
                concat!($begin, ":"),
                "mov eax, fs:[{cancel}]",
                "and eax, {mask}",
                "cmp eax, {pending}",
                "je 3f",
                "2: mov rax, rdi",
                "mov rdi, rsi",
                "mov rsi, rdx",
                "mov rdx, rcx",
                "mov r10, r8",
                "mov r8, r9",
                "mov r9, [rsp + 8]",
                "syscall",
                concat!($end, ":"),
                "cmp rax, -{eintr}",
                "je 4f",
                "ret",
                "3: test dword ptr fs:[{flags}], {vforked}",
                "jnz 2b",
                "jmp 5f",
                // Some calls end with EINTR whatever SA_RESTART says; if it was for the request, they are cancelled.
                "4: mov edx, fs:[{cancel}]",
                "and edx, {mask}",
                "cmp edx, {pending}",
                "jne 6f",
                "test dword ptr fs:[{flags}], {vforked}",
                "jz 5f",
                "6: ret",
                "5:",
                concat!($cancelled, ":"),
                $act,
                ".cfi_endproc",
                cancel = const block::CANCEL,
                flags = const block::FLAGS,
                vforked = const block::Flags::VFORKED,
                mask = const PENDING | DISABLED | EXITING,
                pending = const PENDING,
                eintr = const Errno::EINTR.0,
                $($operand)*
            )
        }
    };
}

cancellation_point! {
    /// A system call that is a cancellation point; use it through [`crate::syscall_cp`].
    ///
    /// # Safety
    /// The call's own contract, and that locks and memory of the caller's are released by cleanup handlers.
    call, "__tidal_cancel_begin", "__tidal_cancel_end", "__tidal_cancel_cancelled",
    "jmp qword ptr [rip + {hook}]", hook = sym HOOK,
}

cancellation_point! {
    /// A system call that gives `-ECANCELED` when a cancellation request waits. The caller then acts on it.
    ///
    /// # Safety
    /// The call's own contract.
    call_or_canceled, "__tidal_cancel_begin_ret", "__tidal_cancel_end_ret", "__tidal_cancel_cancelled_ret",
    "mov rax, {canceled}\nret", canceled = const -(Errno::ECANCELED.0 as i64),
}

unsafe extern "C" {
    static __tidal_cancel_begin: u8;
    static __tidal_cancel_end: u8;
    static __tidal_cancel_cancelled: u8;
    static __tidal_cancel_begin_ret: u8;
    static __tidal_cancel_end_ret: u8;
    static __tidal_cancel_cancelled_ret: u8;
}

/// If `pc` stands at a cancellation point that has had no effect yet: where to go on so that it is cancelled.
pub fn redirect(pc: usize) -> Option<usize> {
    let points = [
        (&raw const __tidal_cancel_begin, &raw const __tidal_cancel_end, &raw const __tidal_cancel_cancelled),
        (
            &raw const __tidal_cancel_begin_ret,
            &raw const __tidal_cancel_end_ret,
            &raw const __tidal_cancel_cancelled_ret,
        ),
    ];
    points
        .iter()
        .find(|(begin, end, _)| (*begin as usize..*end as usize).contains(&pc))
        .map(|point| point.2 as usize)
}

/// `syscall_cp!(__NR_name, args…)`: as [`crate::syscall`], and a cancellation point.
#[macro_export]
macro_rules! syscall_cp {
    (@ $function:ident $nr:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr $(, $zero:expr)*) => {
        $crate::sys::check($crate::cancel::$function($crate::sys::numbers::$nr as usize,
            $crate::sys::Arg::arg($a), $crate::sys::Arg::arg($b), $crate::sys::Arg::arg($c),
            $crate::sys::Arg::arg($d), $crate::sys::Arg::arg($e), $crate::sys::Arg::arg($f)))
    };
    ($nr:ident $(, $arg:expr)* $(,)?) => {
        $crate::syscall_cp!(@ call $nr $(, $arg)*, 0usize, 0usize, 0usize, 0usize, 0usize, 0usize)
    };
}

/// As [`syscall_cp`], but a request makes it `ECANCELED`; the caller tidies up and calls `pthread`'s
/// `cancel::act`.
#[macro_export]
macro_rules! syscall_or_canceled {
    ($nr:ident $(, $arg:expr)* $(,)?) => {
        $crate::syscall_cp!(@ call_or_canceled $nr $(, $arg)*, 0usize, 0usize, 0usize, 0usize, 0usize, 0usize)
    };
}
