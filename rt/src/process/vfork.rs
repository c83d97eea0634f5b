//! `vfork(2)` as a function that returns twice on one stack.

use core::arch::naked_asm;

use linux_raw_sys::general as linux;

use super::vfork_protocol::{self as protocol, SUSPENDED_SIZE, Suspended};
use crate::block;
use crate::{identity, signal};

/// Bytes of the frame: the saved words, and 8 to keep the stack aligned for calls.
const FRAME: usize = SUSPENDED_SIZE + 8;

/// Makes a child that borrows the caller's memory and stack until it execs or ends; the caller sleeps meanwhile.
/// Returns 0 in the child, its PID in the parent, -1 with `errno` on failure.
///
/// The return address and the saved words travel in r9 and xmm0 to xmm3: the kernel keeps both per task across the
/// call, so each side writes them back to a stack that the other may have used.
///
/// # Safety
/// The function that calls this does not return in the child, and expects its local variables to be changed by it.
#[unsafe(naked)]
pub unsafe extern "C" fn vfork() -> i32 {
    naked_asm!(
        ".cfi_startproc",
        "sub rsp, {frame}",
        ".cfi_adjust_cfa_offset {frame}",
        "mov rdi, rsp",
        "call {prepare}",
        "test eax, eax",
        "js 2f",
        "movdqa xmm0, [rsp]",
        "movdqa xmm1, [rsp + 16]",
        "movdqa xmm2, [rsp + 32]",
        "movdqa xmm3, [rsp + 48]",
        "mov r9, [rsp + {frame}]",
        "mov edi, {flags}",
        "xor esi, esi",
        "xor edx, edx",
        "mov r10, fs:[0]",
        "add r10, {tid}",
        "xor r8d, r8d",
        "mov eax, {clone}",
        "syscall",
        "movdqa [rsp], xmm0",
        "movdqa [rsp + 16], xmm1",
        "movdqa [rsp + 32], xmm2",
        "movdqa [rsp + 48], xmm3",
        "mov [rsp + {frame}], r9",
        "mov rdi, rsp",
        "mov rsi, rax",
        "call {finish}",
        "2: add rsp, {frame}",
        ".cfi_adjust_cfa_offset -{frame}",
        "ret",
        ".cfi_endproc",
        frame = const FRAME,
        prepare = sym prepare,
        finish = sym finish,
        flags = const linux::CLONE_VM | linux::CLONE_VFORK | linux::CLONE_CHILD_SETTID | linux::SIGCHLD,
        tid = const block::TID,
        clone = const linux::__NR_clone,
    )
}

/// # Safety
/// `room` has room for the saved words.
unsafe extern "C" fn prepare(room: *mut Suspended) -> i32 {
    match protocol::suspend() {
        Ok(saved) => {
            // SAFETY: by the caller's contract.
            unsafe { room.write(saved) };
            0
        }
        Err(e) => {
            e.set();
            -1
        }
    }
}

/// Both sides come here, each with the words that it kept in registers.
///
/// # Safety
/// `saved` is what [`prepare`] wrote.
unsafe extern "C" fn finish(saved: &Suspended, value: usize) -> i32 {
    if value == 0 {
        identity::adopt(block::current());
        signal::set_mask(saved.mask());
        return 0;
    }
    protocol::resume(saved);
    match crate::sys::check(value) {
        Ok(pid) => pid as i32,
        Err(e) => {
            e.set();
            -1
        }
    }
}
