//! The entry macro for Rust `no_std` programs.

use core::ffi::{CStr, c_char};

use tidal_rt::startup;

/// The program's arguments.
#[derive(Clone, Copy)]
pub struct Args {
    next: usize,
}

impl Args {
    /// All of them, the program's name first.
    pub fn new() -> Self {
        Args { next: 0 }
    }
}

impl Default for Args {
    fn default() -> Self {
        Args::new()
    }
}

impl Iterator for Args {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        if self.next >= startup::argc() as usize {
            return None;
        }
        // SAFETY: below argc, and the kernel's arrays stay for the life of the process.
        let argument: *const c_char = unsafe { *startup::argv().add(self.next) };
        self.next += 1;
        // SAFETY: arguments end with NUL.
        Some(unsafe { CStr::from_ptr(argument) })
    }
}

/// `entry!(main)`: makes `fn main(args: Args) -> i32` the program's main function, and gives the program what a
/// `no_std` binary must define: `_start`, the panic handler (one line on standard error, then SIGABRT) and the two
/// unwinding symbols that precompiled code names.
///
/// Link with `-nostartfiles -nostdlib -static`, position-independent or not.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn _start() -> ! {
            ::core::arch::naked_asm!(
                ".cfi_startproc",
                ".cfi_undefined rip",
                "xor ebp, ebp",
                "mov rbx, rsp",
                "and rsp, -16",
                // Undefined, that is 0, in a program at fixed addresses.
                ".weak _DYNAMIC",
                ".hidden _DYNAMIC",
                "lea rdi, [rip + _DYNAMIC]",
                "call {relocate}",
                "mov rdi, rbx",
                "lea rsi, [rip + {main}]",
                "lea rdx, [rip + {indirect}]",
                "call {start}",
                "ud2",
                ".cfi_endproc",
                relocate = sym $crate::relocate::__tidal_relocate,
                main = sym __tidal_rust_main,
                indirect = sym $crate::relocate::__tidal_indirect,
                start = sym $crate::start::__tidal_start,
            )
        }

        extern "C" fn __tidal_rust_main(
            _argc: ::core::ffi::c_int,
            _argv: *mut *mut ::core::ffi::c_char,
            _envp: *mut *mut ::core::ffi::c_char,
        ) -> ::core::ffi::c_int {
            let main: fn($crate::entry::Args) -> i32 = $main;
            main($crate::entry::Args::new())
        }

        #[panic_handler]
        fn panic(info: &::core::panic::PanicInfo<'_>) -> ! {
            $crate::entry::panicked(info)
        }

        #[unsafe(no_mangle)]
        extern "C" fn rust_eh_personality() {}

        #[unsafe(no_mangle)]
        extern "C" fn _Unwind_Resume() -> ! {
            $crate::entry::unwound()
        }
    };
}

struct Line {
    text: [u8; 400],
    length: usize,
}

impl core::fmt::Write for Line {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        for &byte in s.as_bytes() {
            if self.length < self.text.len() {
                self.text[self.length] = if byte == b'\n' { b' ' } else { byte };
                self.length += 1;
            }
        }
        Ok(())
    }
}

/// Says where and why a Rust program panicked, and aborts.
pub fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    let mut line = Line { text: [0; 400], length: 0 };
    let _ = core::fmt::write(&mut line, format_args!("{info}"));
    tidal_rt::message::line(&[&line.text[..line.length]]);
    tidal_rt::signal::abort()
}

/// Nothing here unwinds; whoever tries has lost its way.
pub fn unwound() -> ! {
    tidal_rt::message::fatal("unwinding in a program that does not unwind")
}
