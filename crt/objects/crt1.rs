//! `crt1.o` and `rcrt1.o`: the program's first instruction, for C programs that gcc links.
//!
//! One object serves both: in a static-pie `_DYNAMIC` is where the program's relocations are found from, in a program at
//! fixed addresses it is an undefined weak symbol, 0.
#![no_std]

use core::arch::naked_asm;

unsafe extern "C" {
    fn main();
    fn __tidal_start();
}

/// The ELF entry point: the stack pointer is at `argc`, nothing else is defined (psABI 3.4.1).
///
/// # Safety
/// The kernel alone comes here.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",         // backtraces end here
        "xor ebp, ebp",               // so does a chain of frame pointers
        "mov rdi, rsp",               // argc, argv, environment, auxiliary vector
        "lea rsi, [rip + {main}]",
        ".weak _DYNAMIC",
        ".hidden _DYNAMIC",
        "lea rdx, [rip + _DYNAMIC]",
        "and rsp, -16",               // the alignment that calls rely on
        "call {start}",
        "ud2",
        ".cfi_endproc",
        main = sym main,
        start = sym __tidal_start,
    )
}
