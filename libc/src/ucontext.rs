//! `<ucontext.h>`: contexts that a program switches between by itself.
//!
//! The layout is `ucontext_t` of `<sys/ucontext.h>`, whose first part is the kernel's. A context saves what a call
//! preserves, the argument registers (for `makecontext`), the x87 environment, SSE's control word and the signal mask.

use core::arch::naked_asm;
use core::ffi::{c_int, c_void};
use core::mem::offset_of;

use linux_raw_sys::general::{__NR_rt_sigprocmask, SIG_SETMASK, stack_t};
use tidal_rt::Errno;
use tidal_rt::signal::Mask;

use crate::signal::set::SigSet;

/// General registers, in the kernel's order.
#[repr(C)]
pub struct Registers {
    r8: usize,
    r9: usize,
    r10: usize,
    r11: usize,
    r12: usize,
    r13: usize,
    r14: usize,
    r15: usize,
    rdi: usize,
    rsi: usize,
    rbp: usize,
    rbx: usize,
    rdx: usize,
    rax: usize,
    rcx: usize,
    rsp: usize,
    rip: usize,
    others: [usize; 6],
}

/// `ucontext_t`.
#[repr(C)]
pub struct Context {
    flags: usize,
    link: *mut Context,
    stack: stack_t,
    registers: Registers,
    /// Points to `float` in a context of `getcontext`.
    float_pointer: *mut c_void,
    reserved: [u64; 8],
    mask: SigSet,
    /// The x87 environment (28 bytes), then SSE's control word.
    float: [u64; 64],
    shadow_stack: [u64; 4],
}

const _: () = {
    assert!(size_of::<Context>() == 968);
    assert!(offset_of!(Context, registers) == 40);
    assert!(offset_of!(Context, float_pointer) == 224);
    assert!(offset_of!(Context, mask) == 296);
    assert!(offset_of!(Context, float) == 424);
};

/// Where SSE's control word lies behind the x87 environment, as in the kernel's own format.
const MXCSR: usize = 24;

/// Saves the caller's registers at `rdi` as they are after its call has returned; uses `rax`.
macro_rules! save {
    () => {
        concat!(
            "mov [rdi + {regs} + {rbx}], rbx\n",
            "mov [rdi + {regs} + {rbp}], rbp\n",
            "mov [rdi + {regs} + {r12}], r12\n",
            "mov [rdi + {regs} + {r13}], r13\n",
            "mov [rdi + {regs} + {r14}], r14\n",
            "mov [rdi + {regs} + {r15}], r15\n",
            "mov [rdi + {regs} + {rdi}], rdi\n",
            "mov [rdi + {regs} + {rsi}], rsi\n",
            "mov [rdi + {regs} + {rdx}], rdx\n",
            "mov [rdi + {regs} + {rcx}], rcx\n",
            "mov [rdi + {regs} + {r8}], r8\n",
            "mov [rdi + {regs} + {r9}], r9\n",
            "mov rax, [rsp]\n",
            "mov [rdi + {regs} + {rip}], rax\n",
            "lea rax, [rsp + 8]\n",
            "mov [rdi + {regs} + {rsp}], rax\n",
            "lea rax, [rdi + {float}]\n",
            "mov [rdi + {pointer}], rax\n",
            "fnstenv [rax]\n",
            "fldenv [rax]\n",
            "stmxcsr [rax + {mxcsr}]\n",
        )
    };
}

/// Loads the registers at `rdx` and goes there.
macro_rules! load {
    () => {
        concat!(
            "mov rcx, [rdx + {pointer}]\n",
            "fldenv [rcx]\n",
            "ldmxcsr [rcx + {mxcsr}]\n",
            "mov rsp, [rdx + {regs} + {rsp}]\n",
            "mov rbx, [rdx + {regs} + {rbx}]\n",
            "mov rbp, [rdx + {regs} + {rbp}]\n",
            "mov r12, [rdx + {regs} + {r12}]\n",
            "mov r13, [rdx + {regs} + {r13}]\n",
            "mov r14, [rdx + {regs} + {r14}]\n",
            "mov r15, [rdx + {regs} + {r15}]\n",
            "push qword ptr [rdx + {regs} + {rip}]\n",
            "mov rsi, [rdx + {regs} + {rsi}]\n",
            "mov rdi, [rdx + {regs} + {rdi}]\n",
            "mov rcx, [rdx + {regs} + {rcx}]\n",
            "mov r8, [rdx + {regs} + {r8}]\n",
            "mov r9, [rdx + {regs} + {r9}]\n",
            "mov rdx, [rdx + {regs} + {rdx}]\n",
            "xor eax, eax\n",
            "ret\n",
        )
    };
}

/// A naked function with the offsets at hand.
macro_rules! context_asm {
    ($($text:expr),+ $(; $name:ident = $kind:ident $value:expr)*) => {
        naked_asm!(
            ".cfi_startproc",
            $($text,)+
            ".cfi_endproc",
            regs = const offset_of!(Context, registers),
            rbx = const offset_of!(Registers, rbx),
            rbp = const offset_of!(Registers, rbp),
            r12 = const offset_of!(Registers, r12),
            r13 = const offset_of!(Registers, r13),
            r14 = const offset_of!(Registers, r14),
            r15 = const offset_of!(Registers, r15),
            rdi = const offset_of!(Registers, rdi),
            rsi = const offset_of!(Registers, rsi),
            rdx = const offset_of!(Registers, rdx),
            rcx = const offset_of!(Registers, rcx),
            r8 = const offset_of!(Registers, r8),
            r9 = const offset_of!(Registers, r9),
            rip = const offset_of!(Registers, rip),
            rsp = const offset_of!(Registers, rsp),
            pointer = const offset_of!(Context, float_pointer),
            float = const offset_of!(Context, float),
            mxcsr = const MXCSR,
            mask = const offset_of!(Context, mask),
            set = const SIG_SETMASK,
            size = const Mask::SIZE,
            call = const __NR_rt_sigprocmask,
            failed = sym failed,
        )
    };
}

/// What a refused change of the mask returns.
extern "C" fn failed(value: usize) -> c_int {
    Errno(-(value as isize) as i32).set();
    -1
}

/// Saves the calling context; a switch to it returns 0 from here once more.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn getcontext(context: *mut Context) -> c_int {
    context_asm!(
        save!(),
        // The mask as it is.
        "lea rdx, [rdi + {mask}]",
        "mov edi, {set}",
        "xor esi, esi",
        "mov r10d, {size}",
        "mov eax, {call}",
        "syscall",
        "mov rdi, rax",
        "test rax, rax",
        "jnz {failed}",
        "xor eax, eax",
        "ret",
        // The macros' other operands.
        "/* {mask} {regs} {rbx} {rbp} {r12} {r13} {r14} {r15} {rdi} {rsi} {rdx} {rcx} {r8} {r9} {rip} {rsp} {float} */"
    )
}

/// Goes to a context. Returns only if that failed.
///
/// # Errors
/// `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn setcontext(context: *const Context) -> c_int {
    context_asm!(
        "push rdi",
        "lea rsi, [rdi + {mask}]",
        "xor edx, edx",
        "mov edi, {set}",
        "mov r10d, {size}",
        "mov eax, {call}",
        "syscall",
        "pop rdx",
        "mov rdi, rax",
        "test rax, rax",
        "jnz {failed}",
        load!(),
        "/* {float} */"
    )
}

/// Saves the calling context and goes to another one.
///
/// # Errors
/// `EFAULT`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn swapcontext(from: *mut Context, to: *const Context) -> c_int {
    context_asm!(
        save!(),
        "push rsi",
        "lea rdx, [rdi + {mask}]",
        "lea rsi, [rsi + {mask}]",
        "mov edi, {set}",
        "mov r10d, {size}",
        "mov eax, {call}",
        "syscall",
        "pop rdx",
        "mov rdi, rax",
        "test rax, rax",
        "jnz {failed}",
        load!()
    )
}

/// Where a function of `makecontext` returns to, with the place of the link in `rbx`: goes on there, or ends the program.
#[unsafe(naked)]
unsafe extern "C" fn finish() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",
        "mov rsp, rbx",
        "mov rdi, [rsp]",
        "and rsp, -16",
        "test rdi, rdi",
        "jz 2f",
        "call {set}",
        "2: xor edi, edi",
        "call {exit}",
        "ud2",
        ".cfi_endproc",
        set = sym setcontext,
        exit = sym crate::stdlib::exit::exit,
    )
}

/// Makes a context call a function with integer arguments on the stack that it names, and then go on at its link.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn makecontext(context: *mut Context, function: unsafe extern "C" fn(), count: c_int) {
    // The arguments are the words from rcx on: spilled so that they lie in a row with those on the stack.
    naked_asm!(
        ".cfi_startproc",
        "lea rax, [rsp + 8]",
        "push r9",
        ".cfi_adjust_cfa_offset 8",
        "push r8",
        ".cfi_adjust_cfa_offset 8",
        "push rcx",
        ".cfi_adjust_cfa_offset 8",
        "mov rcx, rsp",
        "mov r8, rax",
        "call {make}",
        "add rsp, 24",
        ".cfi_adjust_cfa_offset -24",
        "ret",
        ".cfi_endproc",
        make = sym make,
    )
}

/// # Safety
/// As for `makecontext`; three arguments lie at `first`, the others at `rest`.
unsafe extern "C" fn make(
    context: *mut Context,
    function: usize,
    count: c_int,
    first: *const usize,
    rest: *const usize,
) {
    let count = count.max(0) as usize;
    // SAFETY: the caller passed `count` words.
    let argument = |i: usize| unsafe { if i < 3 { *first.add(i) } else { *rest.add(i - 3) } };
    let on_stack = count.saturating_sub(6);
    // SAFETY: the context is the caller's, and its stack has room.
    unsafe {
        let registers = &raw mut (*context).registers;
        let slots = [
            &raw mut (*registers).rdi,
            &raw mut (*registers).rsi,
            &raw mut (*registers).rdx,
            &raw mut (*registers).rcx,
            &raw mut (*registers).r8,
            &raw mut (*registers).r9,
        ];
        for (i, slot) in slots.into_iter().enumerate().take(count) {
            slot.write(argument(i));
        }
        // From the top down: the link, arguments, the return address; at the function's start rsp + 8 is aligned.
        let top = (*context).stack.ss_sp as usize + (*context).stack.ss_size as usize;
        let arguments = ((top - 8 - 8 * on_stack) & !15) as *mut usize;
        let link = arguments.add(on_stack);
        link.write((*context).link as usize);
        for i in 0..on_stack {
            arguments.add(i).write(argument(6 + i));
        }
        let start = arguments.sub(1);
        start.write(finish as *const () as usize);
        (*registers).rbx = link as usize;
        (*registers).rip = function;
        (*registers).rsp = start as usize;
    }
}
