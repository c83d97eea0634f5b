//! `<math.h>`: numbers taken apart.

use core::ffi::{CStr, c_char, c_int};

use tidal_rt::Errno;

/// `FP_ILOGB0` and `FP_ILOGBNAN`.
const ILOGB_NONE: c_int = c_int::MIN;

macro_rules! split {
    ($float:ty, $bits:ty, $frexp:ident $modf:ident $remquo:ident $ilogb:ident $logb:ident $significand:ident $nan:ident) => {
        /// Fraction from 1/2 to 1, and the exponent of two.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $frexp(x: $float, exponent: *mut c_int) -> $float {
            let (fraction, e) = if x.is_finite() { libm::$frexp(x) } else { (x, 0) };
            // SAFETY: the caller's word.
            unsafe { exponent.write(e) };
            fraction
        }

        /// Fractional part, and the whole part.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $modf(x: $float, whole: *mut $float) -> $float {
            let (fraction, w) = libm::$modf(x);
            // SAFETY: the caller's word.
            unsafe { whole.write(w) };
            fraction
        }

        /// Remainder, and the low bits of the quotient.
        ///
        /// # Errors
        /// `EDOM` (division by 0, or of an infinity).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $remquo(x: $float, y: $float, quotient: *mut c_int) -> $float {
            let (remainder, q) = libm::$remquo(x, y);
            // SAFETY: the caller's word.
            unsafe { quotient.write(q) };
            if remainder.is_nan() && !x.is_nan() && !y.is_nan() {
                Errno::EDOM.set();
            }
            remainder
        }

        /// The exponent of two.
        ///
        /// # Errors
        /// `EDOM` for 0, infinities and NaN.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $ilogb(x: $float) -> c_int {
            if x != 0.0 && x.is_finite() {
                return libm::$ilogb(x);
            }
            Errno::EDOM.set();
            if x.is_infinite() { c_int::MAX } else { ILOGB_NONE }
        }

        /// The exponent of two, as a number.
        ///
        /// # Errors
        /// `ERANGE` for 0.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $logb(x: $float) -> $float {
            if x == 0.0 {
                Errno::ERANGE.set();
                return -<$float>::INFINITY;
            }
            if x.is_finite() { libm::$ilogb(x) as $float } else { x * x }
        }

        /// The number scaled to between 1 and 2.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $significand(x: $float) -> $float {
            if x == 0.0 || !x.is_finite() { x } else { 2.0 * libm::$frexp(x).0 }
        }

        /// A NaN, with the number in the text as its payload.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $nan(payload: *const c_char) -> $float {
            // SAFETY: a C string by contract.
            let text = unsafe { CStr::from_ptr(payload) }.to_bytes();
            let number = crate::text::parse_decimal(text).map_or(0, |(n, _)| n) as $bits;
            let quiet = <$float>::NAN.to_bits();
            // The payload lies below the bit that makes the NaN a quiet one.
            let payload = (quiet ^ <$float>::INFINITY.to_bits()) - 1;
            <$float>::from_bits(quiet | number & payload)
        }
    };
}

split!(f64, u64, frexp modf remquo ilogb logb significand nan);
split!(f32, u32, frexpf modff remquof ilogbf logbf significandf nanf);
