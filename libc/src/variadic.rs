//! Variadic C functions on stable Rust: the SysV `va_list`, and trampolines that build one.
//!
//! A C caller of `f(a, ...)` passes the first six integer words in registers, the first eight floating-point words in
//! `xmm0` to `xmm7` (with `al` an upper bound of how many), and the rest on the stack (x86-64 psABI, 3.5.7). The
//! [`variadic!`] macro makes a naked function that spills those registers, builds a `va_list` that describes them, and
//! calls an ordinary function which takes the named arguments and a pointer to the list:
//!
//! ```ignore
//! variadic! {
//!     /// `open(2)`.
//!     pub fn open(path: *const c_char, flags: c_int, ...) -> c_int => open_va;
//! }
//!
//! unsafe extern "C" fn open_va(path: *const c_char, flags: c_int, rest: *mut VaList) -> c_int {
//!     // SAFETY: …
//!     let mode: u32 = if needs_mode(flags) { unsafe { (*rest).arg() } } else { 0 };
//!     …
//! }
//! ```
//!
//! C's `va_list` is an array of one, so `v…` functions (`vprintf`) receive the same `*mut VaList`.
//! Named arguments must be integers or pointers, one to five of them.

use core::ffi::c_void;
use core::mem::{offset_of, size_of};

/// `__va_list_tag` of the psABI: C's `va_list` is an array of one of these.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VaList {
    /// Bytes of the save area's integer part already consumed, 0 to 48.
    gp_offset: u32,
    /// Offset of the next floating-point register in the save area, 48 to 176.
    fp_offset: u32,
    /// The next argument on the stack.
    overflow_arg_area: *mut c_void,
    /// Six integer registers, then eight of 16 bytes.
    reg_save_area: *mut c_void,
}

/// End of the integer registers in the save area.
const GP_END: u32 = 48;
/// End of the save area.
const FP_END: u32 = GP_END + 8 * 16;

const _: () = {
    assert!(size_of::<VaList>() == 24);
    assert!(offset_of!(VaList, overflow_arg_area) == 8 && offset_of!(VaList, reg_save_area) == 16);
};

/// The 80-bit extended format of x87, as a C `long double` lies in memory: 16 bytes, of which 10 count.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
pub struct LongDouble {
    /// The significand; bit 63 is the explicit integer bit.
    pub significand: u64,
    /// Sign (bit 15) and exponent, biased by 16383.
    pub sign_exponent: u16,
}

/// A type that an argument of a variadic call can be read as.
///
/// # Safety
/// The implementation consumes exactly the words that C passes for the type.
pub unsafe trait Argument: Sized {
    /// Takes the next argument.
    ///
    /// # Safety
    /// There is a next argument, and it has this type after C's default promotions.
    unsafe fn take(list: &mut VaList) -> Self;
}

impl VaList {
    /// Takes the next argument as a `T`: C's `va_arg`.
    ///
    /// # Safety
    /// There is a next argument, and it has this type after C's default promotions.
    #[inline]
    pub unsafe fn arg<T: Argument>(&mut self) -> T {
        // SAFETY: by the caller's contract.
        unsafe { T::take(self) }
    }

    /// Takes one word from the stack.
    #[inline]
    fn overflow_word(&mut self) -> *const u64 {
        let word = self.overflow_arg_area.cast::<u64>();
        self.overflow_arg_area = word.wrapping_add(1).cast();
        word
    }

    #[inline]
    fn integer_word(&mut self) -> *const u64 {
        if self.gp_offset < GP_END {
            let word = self.reg_save_area.cast::<u8>().wrapping_add(self.gp_offset as usize);
            self.gp_offset += 8;
            word.cast()
        } else {
            self.overflow_word()
        }
    }

    #[inline]
    fn float_word(&mut self) -> *const u64 {
        if self.fp_offset < FP_END {
            let word = self.reg_save_area.cast::<u8>().wrapping_add(self.fp_offset as usize);
            self.fp_offset += 16;
            word.cast()
        } else {
            self.overflow_word()
        }
    }
}

macro_rules! integer_arguments {
    ($($t:ty)*) => { $(
        // SAFETY: an integer of up to eight bytes takes one integer word.
        unsafe impl Argument for $t {
            #[inline]
            unsafe fn take(list: &mut VaList) -> Self {
                // SAFETY: the caller says that the argument is there.
                unsafe { *list.integer_word() as $t }
            }
        }
    )* };
}
integer_arguments!(i32 u32 i64 u64 isize usize);

// SAFETY: a pointer takes one integer word.
unsafe impl<T> Argument for *const T {
    #[inline]
    unsafe fn take(list: &mut VaList) -> Self {
        // SAFETY: the caller says that the argument is there.
        unsafe { *list.integer_word().cast::<*const T>() }
    }
}

// SAFETY: a pointer takes one integer word.
unsafe impl<T> Argument for *mut T {
    #[inline]
    unsafe fn take(list: &mut VaList) -> Self {
        // SAFETY: the caller says that the argument is there.
        unsafe { *list.integer_word().cast::<*mut T>() }
    }
}

// SAFETY: a double takes one floating-point word.
unsafe impl Argument for f64 {
    #[inline]
    unsafe fn take(list: &mut VaList) -> Self {
        // SAFETY: the caller says that the argument is there.
        unsafe { *list.float_word().cast() }
    }
}

// SAFETY: a long double has class MEMORY: 16 bytes on the stack, aligned to 16.
unsafe impl Argument for LongDouble {
    #[inline]
    unsafe fn take(list: &mut VaList) -> Self {
        let at = list.overflow_arg_area.cast::<u8>();
        let at = at.wrapping_add(at.align_offset(16)).cast::<LongDouble>();
        list.overflow_arg_area = at.wrapping_add(1).cast();
        // SAFETY: the caller says that the argument is there.
        unsafe { *at }
    }
}

/// The register after the named arguments: the one that carries the list.
#[doc(hidden)]
#[macro_export]
macro_rules! list_register {
    ($a:ident) => {
        "rsi"
    };
    ($a:ident $b:ident) => {
        "rdx"
    };
    ($a:ident $b:ident $c:ident) => {
        "rcx"
    };
    ($a:ident $b:ident $c:ident $d:ident) => {
        "r8"
    };
    ($a:ident $b:ident $c:ident $d:ident $e:ident) => {
        "r9"
    };
}

/// Defines variadic C symbols; see the [module's](crate::variadic) text.
///
/// The inner function's type is checked: `unsafe extern "C" fn(named…, *mut VaList) -> ret`.
#[macro_export]
macro_rules! variadic {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),+, ...) $(-> $ret:ty)? => $inner:path;)+) => { $(
        $(#[$meta])*
        ///
        /// # Safety
        /// As C demands: the named and the variable arguments are what the function expects.
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        $vis unsafe extern "C" fn $name($($arg: $ty),+) $(-> $ret)? {
            const _: unsafe extern "C" fn($($ty),+, *mut $crate::variadic::VaList) $(-> $ret)? = $inner;
            // The frame: the list (24 bytes, padded to 32), the save area (176), 8 to align the stack for the call.
            core::arch::naked_asm!(
                ".cfi_startproc",
                "sub rsp, 216",
                ".cfi_adjust_cfa_offset 216",
                "mov [rsp + 32], rdi",
                "mov [rsp + 40], rsi",
                "mov [rsp + 48], rdx",
                "mov [rsp + 56], rcx",
                "mov [rsp + 64], r8",
                "mov [rsp + 72], r9",
                "test al, al",
                "je 2f",
                "movaps [rsp + 80], xmm0",
                "movaps [rsp + 96], xmm1",
                "movaps [rsp + 112], xmm2",
                "movaps [rsp + 128], xmm3",
                "movaps [rsp + 144], xmm4",
                "movaps [rsp + 160], xmm5",
                "movaps [rsp + 176], xmm6",
                "movaps [rsp + 192], xmm7",
                "2:",
                "mov dword ptr [rsp], {gp}",
                "mov dword ptr [rsp + 4], 48",
                "lea rax, [rsp + 224]",
                "mov [rsp + 8], rax",
                "lea rax, [rsp + 32]",
                "mov [rsp + 16], rax",
                concat!("mov ", $crate::list_register!($($arg)+), ", rsp"),
                "call {inner}",
                "add rsp, 216",
                ".cfi_adjust_cfa_offset -216",
                "ret",
                ".cfi_endproc",
                gp = const 8 * [$(stringify!($arg)),+].len(),
                inner = sym $inner,
            )
        }
    )+ };
}
