//! `<math.h>`: rounding to integers.

use core::arch::x86_64::{_mm_cvtsd_si64, _mm_cvtss_si64, _mm_set_sd, _mm_set_ss};
use core::ffi::c_long;

macro_rules! rounding {
    ($($name:ident $float:ident $round:ident $round_float:ident;)*) => { $(
        /// The nearest integer, halves away from 0.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(x: f64) -> c_long {
            by_current_mode(libm::$round(x))
        }
        /// The nearest integer, halves away from 0.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float(x: f32) -> c_long {
            by_current_mode_float(libm::$round_float(x))
        }
    )* };
}

rounding! {
    lround lroundf round roundf;
    llround llroundf round roundf;
}

/// The integer by the current rounding mode; what does not fit is `LONG_MIN`.
#[inline]
fn by_current_mode(x: f64) -> c_long {
    // SAFETY: x86-64 has SSE2.
    unsafe { _mm_cvtsd_si64(_mm_set_sd(x)) }
}

#[inline]
fn by_current_mode_float(x: f32) -> c_long {
    // SAFETY: x86-64 has SSE2.
    unsafe { _mm_cvtss_si64(_mm_set_ss(x)) }
}

macro_rules! by_mode {
    ($($name:ident $float:ident)*) => { $(
        /// The integer by the current rounding mode.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(x: f64) -> c_long {
            by_current_mode(x)
        }
        /// The integer by the current rounding mode.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float(x: f32) -> c_long {
            by_current_mode_float(x)
        }
    )* };
}

by_mode! { lrint lrintf llrint llrintf }
