//! `<setjmp.h>`.
//!
//! `jmp_buf` has 200 bytes: eight registers, whether a signal mask follows, and the mask. `rbp`, `rsp` and the return
//! address are mangled with the thread's pointer guard (xor, then rotated by 17 bits), so that an overflow cannot set
//! them at will and debuggers that know the scheme still read them.

use core::arch::naked_asm;
use core::ffi::c_int;
use core::mem::offset_of;

use linux_raw_sys::general::SIG_BLOCK;
use tidal_rt::block::POINTER_GUARD;
use tidal_rt::jump;
use tidal_rt::signal::{self, Mask};

use crate::signal::action::change_mask;
use crate::signal::set::SigSet;

/// `struct __jmp_buf_tag` of `<bits/types/struct___jmp_buf_tag.h>`.
#[repr(C)]
pub struct JumpBuffer {
    rbx: usize,
    rbp: usize,
    r12: usize,
    r13: usize,
    r14: usize,
    r15: usize,
    rsp: usize,
    rip: usize,
    mask_was_saved: c_int,
    mask: SigSet,
}

const _: () = assert!(size_of::<JumpBuffer>() == 200);
const _: () = assert!(offset_of!(JumpBuffer, mask_was_saved) == size_of::<jump::Registers>());

/// Saves the calling environment, and with `save_mask` the signal mask. 0, or what `siglongjmp` was given.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn __sigsetjmp(buffer: *mut JumpBuffer, save_mask: c_int) -> c_int {
    naked_asm!(
        ".cfi_startproc",
        "mov [rdi + {rbx}], rbx",
        "mov rax, rbp",
        "xor rax, fs:[{guard}]",
        "rol rax, 17",
        "mov [rdi + {rbp}], rax",
        "mov [rdi + {r12}], r12",
        "mov [rdi + {r13}], r13",
        "mov [rdi + {r14}], r14",
        "mov [rdi + {r15}], r15",
        "lea rax, [rsp + 8]",
        "xor rax, fs:[{guard}]",
        "rol rax, 17",
        "mov [rdi + {rsp}], rax",
        "mov rax, [rsp]",
        "xor rax, fs:[{guard}]",
        "rol rax, 17",
        "mov [rdi + {rip}], rax",
        "test esi, esi",
        "jnz {save_mask}",
        "mov dword ptr [rdi + {saved}], 0",
        "xor eax, eax",
        "ret",
        ".cfi_endproc",
        guard = const POINTER_GUARD,
        rbx = const offset_of!(JumpBuffer, rbx),
        rbp = const offset_of!(JumpBuffer, rbp),
        r12 = const offset_of!(JumpBuffer, r12),
        r13 = const offset_of!(JumpBuffer, r13),
        r14 = const offset_of!(JumpBuffer, r14),
        r15 = const offset_of!(JumpBuffer, r15),
        rsp = const offset_of!(JumpBuffer, rsp),
        rip = const offset_of!(JumpBuffer, rip),
        saved = const offset_of!(JumpBuffer, mask_was_saved),
        save_mask = sym save_the_mask,
    )
}

/// The rest of `__sigsetjmp` where the mask is wanted; it returns to that function's caller.
///
/// # Safety
/// `buffer` is writable.
unsafe extern "C" fn save_the_mask(buffer: *mut JumpBuffer) -> c_int {
    let mask = change_mask(SIG_BLOCK as c_int, None).unwrap_or_default();
    // SAFETY: by the caller's contract.
    unsafe {
        crate::signal::set::store(&raw mut (*buffer).mask, mask);
        (*buffer).mask_was_saved = 1;
    }
    0
}

/// Saves the calling environment without the signal mask: what `<setjmp.h>` makes of `setjmp`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn _setjmp(buffer: *mut JumpBuffer) -> c_int {
    naked_asm!(".cfi_startproc", "xor esi, esi", "jmp {}", ".cfi_endproc", sym __sigsetjmp)
}

/// Saves the calling environment and the signal mask, as 4.3BSD's did.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn setjmp(buffer: *mut JumpBuffer) -> c_int {
    naked_asm!(".cfi_startproc", "mov esi, 1", "jmp {}", ".cfi_endproc", sym __sigsetjmp)
}

/// Goes back to where `buffer` was filled, whose function has not returned; there the result is `value`, or 1 for 0.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn longjmp(buffer: *const JumpBuffer, value: c_int) -> ! {
    // SAFETY: the buffer was filled by one of the functions above, by contract.
    unsafe {
        if (*buffer).mask_was_saved != 0 {
            let mask: Mask = crate::signal::set::load(&raw const (*buffer).mask);
            signal::set_mask(mask);
        }
        jump::long(buffer.cast::<jump::Registers>(), value)
    }
}

macro_rules! same_as_longjmp {
    ($($name:ident)*) => { $(
        /// The same function as `longjmp`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $name(buffer: *const JumpBuffer, value: c_int) -> ! {
            // SAFETY: the same contract.
            unsafe { longjmp(buffer, value) }
        }
    )* };
}
same_as_longjmp!(_longjmp siglongjmp __libc_longjmp __libc_siglongjmp);

/// `longjmp` with `_FORTIFY_SOURCE`: ends the program instead of jumping into a frame that has returned.
///
/// Signal-safe: yes. Vfork-safe: within the child's own frames.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn __longjmp_chk(buffer: *const JumpBuffer, value: c_int) -> ! {
    let here = 0u8;
    let guard = tidal_rt::block::current().abi.pointer_guard.get();
    // SAFETY: as for `longjmp`.
    let target = unsafe { (*buffer).rsp }.rotate_right(17) ^ guard;
    if target < &raw const here as usize && !leaves_signal_stack(&raw const here as usize, target) {
        tidal_rt::message::fatal("longjmp causes uninitialized stack frame");
    }
    // SAFETY: the same contract.
    unsafe { longjmp(buffer, value) }
}

/// Whether the jump goes from an alternative signal stack to another one, where addresses cannot be compared.
fn leaves_signal_stack(here: usize, target: usize) -> bool {
    let mut stack =
        linux_raw_sys::general::sigaltstack { ss_sp: core::ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    // SAFETY: the structure is live.
    let _ = unsafe { tidal_rt::syscall!(__NR_sigaltstack, 0usize, &raw mut stack) };
    let range = stack.ss_sp as usize..stack.ss_sp as usize + stack.ss_size as usize;
    range.contains(&here) && !range.contains(&target)
}
