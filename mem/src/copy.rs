//! `memcpy`, `memmove`, `mempcpy`.
//!
//! Assembly, because LLVM recognises copy loops and replaces them by calls of the very function they implement, and
//! because a debug build must not copy ten times slower. All loads of a step come before its stores, so one code
//! serves overlapping operands and `memcpy` is `memmove`.
//!
//! | bytes | how |
//! |---|---|
//! | 0–64 | overlapping head and tail in general or SSE registers; above 32 bytes one byte of state is read, for wider ones |
//! | 65–128 | the same, in the widest registers known to be good |
//! | above | head and tail kept in registers, a loop of four aligned stores between them |
//! | from `REP_MOVSB_MIN` on | `rep movsb` when `cpu` says so and the operands do not overlap |

use crate::copy_loop::copy_loop;
use crate::cpu::{LEVEL, REP_MOVSB_HUGE, REP_MOVSB_MIN, REP_MOVSB_STOP, account};
use core::arch::naked_asm;

/// Before a loop: leaves for `copy_rep`, which comes back (to r9) when it is not for these operands.
macro_rules! try_rep {
    () => {
        "lea r9, [rip + 40f]\n cmp rdx, {rep_min}\n jae {rep}\n 40:"
    };
}

/// `memmove` is the same function under a second name (in tests the names stay mangled).
#[cfg(not(test))]
macro_rules! memmove_name {
    () => {
        ".globl memmove\n .type memmove, @function\n .set memmove, memcpy"
    };
}
#[cfg(test)]
macro_rules! memmove_name {
    () => {
        ""
    };
}

/// Copies `n` bytes from `src` to `dst` and returns `dst`. The operands may overlap: `memmove` is an alias.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, memcpy(3), memmove(3).
///
/// # Safety
/// `src` is readable and `dst` writable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[unsafe(naked)]
pub unsafe extern "C" fn memcpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    naked_asm!(
        memmove_name!(),
        "mov rax, rdi",
        // mempcpy enters here.
        "cmp rdx, 64",
        "jbe 5f",
        "cmp byte ptr [rip + {level}], 3",
        "jb {narrow}",
        "vmovdqu64 zmm16, [rsi]",
        "vmovdqu64 zmm17, [rsi + rdx - 64]",
        "cmp rdx, 128",
        "ja 2f",
        "vmovdqu64 [rdi], zmm16",
        "vmovdqu64 [rdi + rdx - 64], zmm17",
        "ret",
        ".p2align 4",
        "2:",
        "cmp rdx, 512",
        "ja 4f",
        "vmovdqu64 zmm18, [rsi + 64]",
        "vmovdqu64 zmm19, [rsi + rdx - 128]",
        "cmp rdx, 256",
        "ja 3f",
        "vmovdqu64 [rdi], zmm16",
        "vmovdqu64 [rdi + 64], zmm18",
        "vmovdqu64 [rdi + rdx - 128], zmm19",
        "vmovdqu64 [rdi + rdx - 64], zmm17",
        "ret",
        ".p2align 4",
        "3:",
        "vmovdqu64 zmm20, [rsi + 128]",
        "vmovdqu64 zmm21, [rsi + 192]",
        "vmovdqu64 zmm22, [rsi + rdx - 256]",
        "vmovdqu64 zmm23, [rsi + rdx - 192]",
        "vmovdqu64 [rdi], zmm16",
        "vmovdqu64 [rdi + 64], zmm18",
        "vmovdqu64 [rdi + 128], zmm20",
        "vmovdqu64 [rdi + 192], zmm21",
        "vmovdqu64 [rdi + rdx - 256], zmm22",
        "vmovdqu64 [rdi + rdx - 192], zmm23",
        "vmovdqu64 [rdi + rdx - 128], zmm19",
        "vmovdqu64 [rdi + rdx - 64], zmm17",
        "ret",
        ".p2align 4",
        ".p2align 4",
        "5:",
        "cmp edx, 32",
        "ja 6f",
        "cmp edx, 16",
        "jae 7f",
        "cmp edx, 8",
        "jae 8f",
        "cmp edx, 4",
        "jae 9f",
        "cmp edx, 1",
        "ja 10f",
        "jb 11f",
        "movzx ecx, byte ptr [rsi]",
        "mov [rdi], cl",
        "11:",
        "ret",
        ".p2align 4",
        "7:",
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + rdx - 16]",
        "movups [rdi], xmm0",
        "movups [rdi + rdx - 16], xmm1",
        "ret",
        ".p2align 4",
        "6:",
        "cmp byte ptr [rip + {level}], 3",
        "jb 13f",
        "vmovdqu64 ymm16, [rsi]",
        "vmovdqu64 ymm17, [rsi + rdx - 32]",
        "vmovdqu64 [rdi], ymm16",
        "vmovdqu64 [rdi + rdx - 32], ymm17",
        "ret",
        "13:",
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + 16]",
        "movups xmm2, [rsi + rdx - 32]",
        "movups xmm3, [rsi + rdx - 16]",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm1",
        "movups [rdi + rdx - 32], xmm2",
        "movups [rdi + rdx - 16], xmm3",
        "ret",
        ".p2align 4",
        "8:",
        "mov rcx, [rsi]",
        "mov rsi, [rsi + rdx - 8]",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], rsi",
        "ret",
        ".p2align 4",
        "9:",
        "mov ecx, [rsi]",
        "mov esi, [rsi + rdx - 4]",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], esi",
        "ret",
        ".p2align 4",
        "10:",
        "movzx ecx, word ptr [rsi]",
        "movzx esi, byte ptr [rsi + rdx - 1]",
        "mov [rdi], cx",
        "mov [rdi + rdx - 1], sil",
        "ret",
        ".p2align 4",
        "4:",
        try_rep!(),
        copy_loop!("64", "zmm16" "zmm17", "zmm18" "zmm19" "zmm20", "zmm21" "zmm22" "zmm23" "zmm24",
                   "vmovdqu64", "vmovdqa64", "ret"),
        level = sym LEVEL,
        narrow = sym copy_long_narrow,
        rep_min = const REP_MOVSB_MIN,
        rep = sym copy_rep,
    )
}

/// Copies `n` bytes from `src` to `dst` and returns the end of the copy, `dst + n`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: mempcpy(3).
///
/// # Safety
/// `src` is readable and `dst` writable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[unsafe(naked)]
pub unsafe extern "C" fn mempcpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    // memcpy's first instruction is the three bytes of `mov rax, rdi`.
    naked_asm!("lea rax, [rdi + rdx]", "jmp {memcpy} + 3", memcpy = sym memcpy)
}

/// `copy_long` for processors with AVX2.
#[unsafe(naked)]
unsafe extern "C" fn copy_long_narrow() {
    naked_asm!(
        "cmp byte ptr [rip + {level}], 2",
        "jb {sse}",
        "vmovdqu ymm0, [rsi]",
        "cmp rdx, 256",
        "ja 4f",
        "cmp rdx, 128",
        "vmovdqu ymm1, [rsi + 32]",
        "vmovdqu ymm2, [rsi + rdx - 64]",
        "vmovdqu ymm3, [rsi + rdx - 32]",
        "ja 3f",
        "vmovdqu [rdi], ymm0",
        "vmovdqu [rdi + 32], ymm1",
        "vmovdqu [rdi + rdx - 64], ymm2",
        "vmovdqu [rdi + rdx - 32], ymm3",
        "vzeroupper",
        "ret",
        "3:",
        "vmovdqu ymm4, [rsi + 64]",
        "vmovdqu ymm5, [rsi + 96]",
        "vmovdqu ymm6, [rsi + rdx - 128]",
        "vmovdqu ymm7, [rsi + rdx - 96]",
        "vmovdqu [rdi], ymm0",
        "vmovdqu [rdi + 32], ymm1",
        "vmovdqu [rdi + 64], ymm4",
        "vmovdqu [rdi + 96], ymm5",
        "vmovdqu [rdi + rdx - 128], ymm6",
        "vmovdqu [rdi + rdx - 96], ymm7",
        "vmovdqu [rdi + rdx - 64], ymm2",
        "vmovdqu [rdi + rdx - 32], ymm3",
        "vzeroupper",
        "ret",
        ".p2align 4",
        "4:",
        try_rep!(),
        "vmovdqu ymm1, [rsi + rdx - 32]",
        copy_loop!("32", "ymm0" "ymm1", "ymm2" "ymm3" "ymm4", "ymm5" "ymm6" "ymm7" "ymm8",
                   "vmovdqu", "vmovdqa", "vzeroupper\n ret"),
        level = sym LEVEL,
        sse = sym copy_long_sse,
        rep_min = const REP_MOVSB_MIN,
        rep = sym copy_rep,
    )
}

/// `copy_long` for processors with SSE2 alone, and for all while the level is unknown.
#[unsafe(naked)]
unsafe extern "C" fn copy_long_sse() {
    naked_asm!(
        "cmp rdx, 128",
        "ja 4f",
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + 16]",
        "movups xmm2, [rsi + 32]",
        "movups xmm3, [rsi + 48]",
        "movups xmm4, [rsi + rdx - 64]",
        "movups xmm5, [rsi + rdx - 48]",
        "movups xmm6, [rsi + rdx - 32]",
        "movups xmm7, [rsi + rdx - 16]",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm1",
        "movups [rdi + 32], xmm2",
        "movups [rdi + 48], xmm3",
        "movups [rdi + rdx - 64], xmm4",
        "movups [rdi + rdx - 48], xmm5",
        "movups [rdi + rdx - 32], xmm6",
        "movups [rdi + rdx - 16], xmm7",
        "ret",
        "4:",
        "cmp byte ptr [rip + {level}], 0",
        "jne 5f",
        // Nothing known yet: count these bytes, and start again if that settled it.
        "push rax",
        "push rdi",
        "push rsi",
        "push rdx",
        "sub rsp, 8",
        "mov rdi, rdx",
        "call {account}",
        "add rsp, 8",
        "cmp al, 2",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        "pop rax",
        "jae {memcpy} + 3",
        "5:",
        try_rep!(),
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + rdx - 16]",
        copy_loop!("16", "xmm0" "xmm1", "xmm2" "xmm3" "xmm4", "xmm5" "xmm6" "xmm7" "xmm8",
                   "movups", "movaps", "ret"),
        level = sym LEVEL,
        account = sym account,
        memcpy = sym memcpy,
        rep_min = const REP_MOVSB_MIN,
        rep = sym copy_rep,
    )
}

/// Microcoded copy of at least `REP_MOVSB_MIN` bytes. Sizes for which it is not faster, as `cpu` says, and operands that
/// overlap go back to r9.
#[unsafe(naked)]
unsafe extern "C" fn copy_rep() {
    naked_asm!(
        "cmp rdx, [rip + {rep_stop}]",
        "jb 2f",
        "cmp rdx, [rip + {rep_huge}]",
        "jae 2f",
        "1:",
        "jmp r9",
        "2:",
        "mov rcx, rdi",
        "sub rcx, rsi",
        "cmp rcx, rdx",
        "jb 1b",
        "neg rcx",
        "cmp rcx, rdx",
        "jb 1b",
        // Aligned stores matter to the microcode: the first 64 bytes go by hand.
        "movups xmm0, [rsi]",
        "movups xmm1, [rsi + 16]",
        "movups xmm2, [rsi + 32]",
        "movups xmm3, [rsi + 48]",
        "mov r8, rdi",
        "lea rcx, [rdi + rdx]",
        "sub rsi, rdi",
        "add rdi, 64",
        "and rdi, -64",
        "add rsi, rdi",
        "sub rcx, rdi",
        "rep movsb",
        "movups [r8], xmm0",
        "movups [r8 + 16], xmm1",
        "movups [r8 + 32], xmm2",
        "movups [r8 + 48], xmm3",
        "ret",
        rep_stop = sym REP_MOVSB_STOP,
        rep_huge = sym REP_MOVSB_HUGE,
    )
}
