//! `memset`, `explicit_bzero`, `bzero`.
//!
//! Assembly for the reasons given in `copy`: overlapping stores up to 512 bytes, a loop of four aligned stores above,
//! `rep stosb` where the processor is better at it.

use crate::cpu::{LEVEL, REP_STOSB_HUGE, REP_STOSB_MIN, REP_STOSB_STOP, account};
use core::arch::{asm, naked_asm};

/// The loop for fills of more than four vectors of `$w` bytes at rdi, rdx long; `$v` holds the vector.
macro_rules! fill_loop {
    ($w:literal, $v:literal, $store:literal, $aligned:literal, $leave:literal) => {
        concat!(
            $store,
            " [rdi], ",
            $v,
            "\n",
            "lea rcx, [rdi + rdx - 4*",
            $w,
            "]\n",
            $store,
            " [rcx], ",
            $v,
            "\n",
            $store,
            " [rcx + ",
            $w,
            "], ",
            $v,
            "\n",
            $store,
            " [rcx + 2*",
            $w,
            "], ",
            $v,
            "\n",
            $store,
            " [rcx + 3*",
            $w,
            "], ",
            $v,
            "\n",
            "add rdi, ",
            $w,
            "\n and rdi, -",
            $w,
            "\n",
            ".p2align 4\n 20:\n",
            $aligned,
            " [rdi], ",
            $v,
            "\n",
            $aligned,
            " [rdi + ",
            $w,
            "], ",
            $v,
            "\n",
            $aligned,
            " [rdi + 2*",
            $w,
            "], ",
            $v,
            "\n",
            $aligned,
            " [rdi + 3*",
            $w,
            "], ",
            $v,
            "\n",
            "sub rdi, -4*",
            $w,
            "\n cmp rdi, rcx\n jb 20b\n",
            $leave
        )
    };
}

/// Before a loop: leaves for `fill_rep` when that is faster, as `cpu` says.
macro_rules! try_rep {
    () => {
        "cmp rdx, {rep_min}\n jb 40f\n cmp rdx, [rip + {rep_stop}]\n jb {rep}\n cmp rdx, [rip + {rep_huge}]\n jae {rep}\n 40:"
    };
}

/// Fills `n` bytes at `dst` with the low byte of `byte` and returns `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, memset(3).
///
/// # Safety
/// `dst` is writable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[unsafe(naked)]
pub unsafe extern "C" fn memset(dst: *mut u8, byte: i32, n: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "cmp rdx, 64",
        "jbe 5f",
        "cmp byte ptr [rip + {level}], 3",
        "jb {narrow}",
        "vpbroadcastb zmm16, esi",
        "cmp rdx, 256",
        "ja 3f",
        "vmovdqu64 [rdi], zmm16",
        "vmovdqu64 [rdi + rdx - 64], zmm16",
        "cmp rdx, 128",
        "ja 2f",
        "ret",
        "2:",
        "vmovdqu64 [rdi + 64], zmm16",
        "vmovdqu64 [rdi + rdx - 128], zmm16",
        "ret",
        ".p2align 4",
        "3:",
        "cmp rdx, 512",
        "ja 4f",
        "vmovdqu64 [rdi], zmm16",
        "vmovdqu64 [rdi + 64], zmm16",
        "vmovdqu64 [rdi + 128], zmm16",
        "vmovdqu64 [rdi + 192], zmm16",
        "vmovdqu64 [rdi + rdx - 256], zmm16",
        "vmovdqu64 [rdi + rdx - 192], zmm16",
        "vmovdqu64 [rdi + rdx - 128], zmm16",
        "vmovdqu64 [rdi + rdx - 64], zmm16",
        "ret",
        ".p2align 4",
        "4:",
        try_rep!(),
        fill_loop!("64", "zmm16", "vmovdqu64", "vmovdqa64", "ret"),
        ".p2align 4",
        "5:",
        "cmp edx, 16",
        "jb 7f",
        "movd xmm0, esi",
        "punpcklbw xmm0, xmm0",
        "pshuflw xmm0, xmm0, 0",
        "punpcklqdq xmm0, xmm0",
        "cmp edx, 32",
        "ja 6f",
        "movups [rdi], xmm0",
        "movups [rdi + rdx - 16], xmm0",
        "ret",
        ".p2align 4",
        "6:",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm0",
        "movups [rdi + rdx - 32], xmm0",
        "movups [rdi + rdx - 16], xmm0",
        "ret",
        ".p2align 4",
        "7:",
        "cmp edx, 8",
        "jae 8f",
        "cmp edx, 4",
        "jae 9f",
        "cmp edx, 1",
        "jb 11f",
        "mov [rdi], sil",
        "je 11f",
        "mov [rdi + 1], sil",
        "mov [rdi + rdx - 1], sil",
        "11:",
        "ret",
        ".p2align 4",
        "8:",
        "movzx ecx, sil",
        "mov r8, 0x0101010101010101",
        "imul rcx, r8",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], rcx",
        "ret",
        ".p2align 4",
        "9:",
        "movzx ecx, sil",
        "imul ecx, ecx, 0x01010101",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], ecx",
        "ret",
        level = sym LEVEL,
        narrow = sym fill_long_narrow,
        rep_min = const REP_STOSB_MIN,
        rep_stop = sym REP_STOSB_STOP,
        rep_huge = sym REP_STOSB_HUGE,
        rep = sym fill_rep,
    )
}

/// `memset` of more than 64 bytes without AVX-512: rdi, esi, rdx as there, rax is returned as it came.
#[unsafe(naked)]
unsafe extern "C" fn fill_long_narrow() {
    naked_asm!(
        "movd xmm0, esi",
        "punpcklbw xmm0, xmm0",
        "pshuflw xmm0, xmm0, 0",
        "punpcklqdq xmm0, xmm0",
        "cmp rdx, 128",
        "ja 4f",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm0",
        "movups [rdi + 32], xmm0",
        "movups [rdi + 48], xmm0",
        "movups [rdi + rdx - 64], xmm0",
        "movups [rdi + rdx - 48], xmm0",
        "movups [rdi + rdx - 32], xmm0",
        "movups [rdi + rdx - 16], xmm0",
        "ret",
        "4:",
        "cmp byte ptr [rip + {level}], 1",
        "jb 7f",
        "5:",
        try_rep!(),
        "cmp byte ptr [rip + {level}], 2",
        "jb 6f",
        "vinsertf128 ymm0, ymm0, xmm0, 1",
        "cmp rdx, 256",
        "ja 8f",
        "vmovdqu [rdi], ymm0",
        "vmovdqu [rdi + 32], ymm0",
        "vmovdqu [rdi + 64], ymm0",
        "vmovdqu [rdi + 96], ymm0",
        "vmovdqu [rdi + rdx - 128], ymm0",
        "vmovdqu [rdi + rdx - 96], ymm0",
        "vmovdqu [rdi + rdx - 64], ymm0",
        "vmovdqu [rdi + rdx - 32], ymm0",
        "vzeroupper",
        "ret",
        ".p2align 4",
        "8:",
        fill_loop!("32", "ymm0", "vmovdqu", "vmovdqa", "vzeroupper\n ret"),
        ".p2align 4",
        "6:",
        fill_loop!("16", "xmm0", "movups", "movaps", "ret"),
        "7:",
        // Nothing known yet: count these bytes, and start again if that settled it.
        "push rax",
        "push rdi",
        "push rsi",
        "push rdx",
        "sub rsp, 24",
        "movups [rsp], xmm0",
        "mov rdi, rdx",
        "call {account}",
        "movups xmm0, [rsp]",
        "add rsp, 24",
        "cmp al, 3",
        "pop rdx",
        "pop rsi",
        "pop rdi",
        "pop rax",
        "jb 5b",
        "jmp {memset} + 3",
        level = sym LEVEL,
        account = sym account,
        memset = sym memset,
        rep_min = const REP_STOSB_MIN,
        rep_stop = sym REP_STOSB_STOP,
        rep_huge = sym REP_STOSB_HUGE,
        rep = sym fill_rep,
    )
}

/// Microcoded fill of at least `REP_STOSB_MIN` bytes: rdi, sil, rdx; returns rax as it came.
#[unsafe(naked)]
unsafe extern "C" fn fill_rep() {
    naked_asm!("mov r8, rax", "mov rcx, rdx", "mov eax, esi", "rep stosb", "mov rax, r8", "ret",)
}

/// Zeroes `n` bytes at `dst`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: bzero(3).
///
/// # Safety
/// `dst` is writable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn bzero(dst: *mut u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe { memset(dst, 0, n) };
}

/// Zeroes `n` bytes at `dst` even when the compiler can show that nobody reads them.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: explicit_bzero(3).
///
/// # Safety
/// `dst` is writable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn explicit_bzero(dst: *mut u8, n: usize) {
    // SAFETY: the caller's promise; the empty assembly may read all memory, which keeps the stores alive.
    unsafe {
        memset(dst, 0, n);
        asm!("/* {0} */", in(reg) dst, options(nostack, preserves_flags));
    }
}
