//! `<math.h>`: what kind of number it is; what the header's macros call where the compiler has no builtin.

use core::ffi::c_int;
use core::num::FpCategory;

/// `FP_NAN` to `FP_NORMAL` of the header.
fn number(category: FpCategory) -> c_int {
    match category {
        FpCategory::Nan => 0,
        FpCategory::Infinite => 1,
        FpCategory::Zero => 2,
        FpCategory::Subnormal => 3,
        FpCategory::Normal => 4,
    }
}

macro_rules! classify {
    ($float:ty, $classify:ident $sign:ident $($isnan:ident)+, $($isinf:ident)+, $($finite:ident)+) => {
        /// The kind of a number: `FP_NAN`, `FP_INFINITE`, `FP_ZERO`, `FP_SUBNORMAL`, `FP_NORMAL`.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $classify(x: $float) -> c_int {
            number(x.classify())
        }

        /// Whether the sign bit is set.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $sign(x: $float) -> c_int {
            x.is_sign_negative().into()
        }

        $(
            /// Whether it is NaN.
            ///
            /// Signal-safe: yes. Vfork-safe: yes.
            #[unsafe(no_mangle)]
            pub extern "C" fn $isnan(x: $float) -> c_int {
                x.is_nan().into()
            }
        )+

        $(
            /// 1 for infinity, -1 for minus infinity, else 0.
            ///
            /// Signal-safe: yes. Vfork-safe: yes.
            #[unsafe(no_mangle)]
            pub extern "C" fn $isinf(x: $float) -> c_int {
                if x.is_infinite() { if x > 0.0 { 1 } else { -1 } } else { 0 }
            }
        )+

        $(
            /// Whether it is neither infinite nor NaN.
            ///
            /// Signal-safe: yes. Vfork-safe: yes.
            #[unsafe(no_mangle)]
            pub extern "C" fn $finite(x: $float) -> c_int {
                x.is_finite().into()
            }
        )+
    };
}

classify!(f64, __fpclassify __signbit __isnan isnan, __isinf isinf, __finite finite);
classify!(f32, __fpclassifyf __signbitf __isnanf isnanf, __isinff isinff, __finitef finitef);
