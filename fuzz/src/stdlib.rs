//! The host's number conversions.

pub mod float {
    use core::arch::asm;
    use core::ffi::c_char;

    #[repr(C, align(16))]
    pub struct LongDouble([u8; 16]);

    impl LongDouble {
        pub const ZERO: LongDouble = LongDouble([0; 16]);
    }

    unsafe extern "C" {
        fn strtold();
    }

    /// # Safety
    /// As for `strtold`.
    pub unsafe extern "C" fn narrow_extended(
        text: *const c_char,
        end: *mut *mut c_char,
        result: *mut LongDouble,
    ) {
        // SAFETY: a call by the C ABI; the result is popped from the x87 stack at once.
        unsafe {
            asm!("call {f}", "fstp tbyte ptr [r12]", f = sym strtold, in("r12") result,
                in("rdi") text, in("rsi") end, clobber_abi("C"));
        }
    }
}
