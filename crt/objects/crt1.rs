//! `crt1.o`, and with `--cfg pie` `rcrt1.o`: the program's first instruction, for C programs that gcc links.
//!
//! The two differ in who makes the program's relocations, so that a program at fixed addresses carries no code for a
//! static-pie's.
#![no_std]

use core::arch::naked_asm;

unsafe extern "C" {
    fn main();
    fn __tidal_start();
    #[cfg(pie)]
    fn __tidal_relocate();
    #[cfg(pie)]
    fn __tidal_indirect();
    #[cfg(not(pie))]
    fn __tidal_indirect_fixed();
}

/// The ELF entry point: the stack pointer is at `argc`, nothing else is defined (psABI 3.4.1).
///
/// # Safety
/// The kernel alone comes here.
#[cfg(not(pie))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",         // backtraces end here
        "xor ebp, ebp",               // so does a chain of frame pointers
        "mov rdi, rsp",               // argc, argv, environment, auxiliary vector
        "lea rsi, [rip + {main}]",
        "lea rdx, [rip + {indirect}]",
        "and rsp, -16",               // the alignment that calls rely on
        "call {start}",
        "ud2",
        ".cfi_endproc",
        main = sym main,
        indirect = sym __tidal_indirect_fixed,
        start = sym __tidal_start,
    )
}

/// The ELF entry point of a static-pie, which relocates itself first.
///
/// # Safety
/// The kernel alone comes here.
#[cfg(pie)]
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip",
        "xor ebp, ebp",
        "mov rbx, rsp",               // calls keep rbx
        "and rsp, -16",
        ".hidden _DYNAMIC",
        "lea rdi, [rip + _DYNAMIC]",
        "call {relocate}",
        "mov rdi, rbx",
        "lea rsi, [rip + {main}]",
        "lea rdx, [rip + {indirect}]",
        "call {start}",
        "ud2",
        ".cfi_endproc",
        relocate = sym __tidal_relocate,
        main = sym main,
        indirect = sym __tidal_indirect,
        start = sym __tidal_start,
    )
}
