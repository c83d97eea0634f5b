//! The `syscall` instruction with zero to six arguments, as the x86-64 psABI (A.2.1) lays them out.
//!
//! All return what the kernel returned: -4095 to -1 is an error number.

use core::arch::asm;

macro_rules! raw {
    ($name:ident, $count:literal $(, $arg:ident $reg:tt)*) => {
        #[doc = concat!("A system call with ", $count, " arguments.")]
        ///
        /// # Safety
        /// The call's own contract: what its pointers point to, and what it does to the process.
        #[inline(always)]
        pub unsafe fn $name(nr: usize $(, $arg: usize)*) -> usize {
            let value;
            // SAFETY: the caller answers for the call; the instruction clobbers rcx and r11 alone.
            unsafe {
                asm!("syscall", inlateout("rax") nr => value $(, in($reg) $arg)*,
                    lateout("rcx") _, lateout("r11") _, options(nostack));
            }
            value
        }
    };
}

raw!(syscall0, "no");
raw!(syscall1, "one", a "rdi");
raw!(syscall2, "two", a "rdi", b "rsi");
raw!(syscall3, "three", a "rdi", b "rsi", c "rdx");
raw!(syscall4, "four", a "rdi", b "rsi", c "rdx", d "r10");
raw!(syscall5, "five", a "rdi", b "rsi", c "rdx", d "r10", e "r8");
raw!(syscall6, "six", a "rdi", b "rsi", c "rdx", d "r10", e "r8", f "r9");
