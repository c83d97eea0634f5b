//! What `longjmp` is made of: putting back the eight registers that a function call keeps, which `setjmp` saved.
//!
//! The frame pointer, stack pointer and return address are mangled with the pointer guard, so that an overflow of a
//! buffer beside a jump buffer does not choose where the program goes.

use core::arch::naked_asm;
use core::ffi::c_int;

use crate::block;

/// `__jmp_buf` of `<bits/setjmp.h>`: rbx, rbp, r12 to r15, rsp, rip, in glibc's order.
pub type Registers = [u64; 8];

/// How far a mangled value is rotated after the guard was mixed in.
const ROTATION: u32 = 17;
const STACK_POINTER: usize = 6;

/// Puts registers back: the `setjmp` that saved them returns once more, with `value` (1 if that is 0).
///
/// # Safety
/// The function that called `setjmp` has not returned, and nothing in the frames left here needs tidying up.
#[unsafe(naked)]
pub unsafe extern "C" fn long(registers: *const Registers, value: c_int) -> ! {
    naked_asm!(
        ".cfi_startproc",
        "mov eax, esi",
        "test eax, eax",
        "jnz 2f",
        "inc eax",
        "2: mov rbx, [rdi]",
        "mov rbp, [rdi + 8]",
        "ror rbp, {rotation}",
        "xor rbp, fs:[{guard}]",
        "mov r12, [rdi + 16]",
        "mov r13, [rdi + 24]",
        "mov r14, [rdi + 32]",
        "mov r15, [rdi + 40]",
        "mov rdx, [rdi + 56]",
        "ror rdx, {rotation}",
        "xor rdx, fs:[{guard}]",
        "mov rcx, [rdi + 48]",
        "ror rcx, {rotation}",
        "xor rcx, fs:[{guard}]",
        "mov rsp, rcx",
        "jmp rdx",
        ".cfi_endproc",
        guard = const block::POINTER_GUARD,
        rotation = const ROTATION,
    )
}

/// The stack pointer that [`long`] would set.
pub fn stack_pointer(registers: &Registers) -> usize {
    let guard = block::current().abi.pointer_guard.get();
    registers[STACK_POINTER].rotate_right(ROTATION) as usize ^ guard
}
