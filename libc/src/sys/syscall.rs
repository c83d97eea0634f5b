//! `<sys/syscall.h>`: any system call by its number.

use core::arch::naked_asm;
use core::ffi::c_long;

use tidal_rt::Errno;

/// Makes a system call: the number and up to six arguments.
///
/// # Errors
/// Those of the call.
///
/// Signal-safe: yes. Vfork-safe: as the call.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn syscall(
    number: c_long,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> c_long {
    naked_asm!(
        ".cfi_startproc",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov r10, r8",
        "mov r8, r9",
        "mov r9, [rsp + 8]",
        "syscall",
        "cmp rax, -4095",
        "jae 2f",
        "ret",
        "2: mov rdi, rax",
        "jmp {failed}",
        ".cfi_endproc",
        failed = sym failed,
    )
}

#[cold]
extern "C" fn failed(value: c_long) -> c_long {
    Errno(-value as i32).set();
    -1
}
