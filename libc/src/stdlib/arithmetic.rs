//! Absolute values and division: the `abs` and `div` families, `<inttypes.h>`'s included.

use core::ffi::{c_int, c_long, c_longlong};

/// What `div` returns: `div_t`.
#[repr(C)]
pub struct Division<T> {
    /// Rounded towards zero.
    pub quotient: T,
    /// Has the sign of the dividend.
    pub remainder: T,
}

const _: () = assert!(size_of::<Division<c_int>>() == 8 && size_of::<Division<c_long>>() == 16);

macro_rules! arithmetic {
    ($($type:ty: $($abs:ident)* / $($div:ident)*;)*) => { $($(
        /// The absolute value; the least value stays as it is.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C, abs(3).
        #[unsafe(no_mangle)]
        pub extern "C" fn $abs(value: $type) -> $type {
            value.wrapping_abs()
        }
    )*$(
        /// Quotient and remainder. A divisor of 0 raises SIGFPE, as the instruction does.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: ISO C, div(3).
        #[unsafe(no_mangle)]
        pub extern "C" fn $div(dividend: $type, divisor: $type) -> Division<$type> {
            if divisor == 0 {
                divide_by_zero();
            }
            Division { quotient: dividend.wrapping_div(divisor), remainder: dividend.wrapping_rem(divisor) }
        }
    )*)* };
}

/// What the division instruction would do: SIGFPE, again after a handler that returns.
#[cold]
fn divide_by_zero() -> ! {
    loop {
        // SAFETY: the trap is the point.
        unsafe { core::arch::asm!("div {0:e}", in(reg) 0, inout("eax") 0 => _, inout("edx") 0 => _) };
    }
}

arithmetic! {
    c_int: abs / div;
    c_long: labs imaxabs / ldiv imaxdiv;
    c_longlong: llabs / lldiv;
}
