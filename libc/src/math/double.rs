//! `<math.h>`: functions of one, two and three numbers.

use core::ffi::{c_int, c_long};

use tidal_rt::Errno;

/// Tells `errno` what a result that is not finite means.
#[cold]
#[inline(never)]
fn report(is_nan: bool) {
    if is_nan { Errno::EDOM } else { Errno::ERANGE }.set();
}

/// Functions that are defined everywhere: nothing to report.
macro_rules! total {
    ($($name:ident $float:ident ($($arg:ident),+);)*) => { $(
        #[doc = concat!("`", stringify!($name), "` of doubles.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: f64),+) -> f64 {
            libm::$name($($arg),+)
        }
        #[doc = concat!("`", stringify!($name), "` of floats.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float($($arg: f32),+) -> f32 {
            libm::$float($($arg),+)
        }
    )* };
}

/// Functions with domain errors, poles or overflow.
macro_rules! partial {
    ($($name:ident $float:ident ($($arg:ident),+);)*) => { $(
        #[doc = concat!("`", stringify!($name), "` of doubles.")]
        ///
        /// # Errors
        /// `EDOM` (NaN from numbers), `ERANGE` (infinity from finite numbers).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: f64),+) -> f64 {
            let result = libm::$name($($arg),+);
            if !result.is_finite() && if result.is_nan() { $(!$arg.is_nan())&&+ } else { $($arg.is_finite())&&+ } {
                report(result.is_nan());
            }
            result
        }
        #[doc = concat!("`", stringify!($name), "` of floats.")]
        ///
        /// # Errors
        /// `EDOM` (NaN from numbers), `ERANGE` (infinity from finite numbers).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float($($arg: f32),+) -> f32 {
            let result = libm::$float($($arg),+);
            if !result.is_finite() && if result.is_nan() { $(!$arg.is_nan())&&+ } else { $($arg.is_finite())&&+ } {
                report(result.is_nan());
            }
            result
        }
    )* };
}

total! {
    asinh asinhf(x);
    atan atanf(x);
    atan2 atan2f(y, x);
    cbrt cbrtf(x);
    ceil ceilf(x);
    copysign copysignf(x, y);
    erf erff(x);
    erfc erfcf(x);
    fabs fabsf(x);
    floor floorf(x);
    fmax fmaxf(x, y);
    fmin fminf(x, y);
    j0 j0f(x);
    j1 j1f(x);
    rint rintf(x);
    round roundf(x);
    roundeven roundevenf(x);
    tanh tanhf(x);
    trunc truncf(x);
}

partial! {
    acos acosf(x);
    acosh acoshf(x);
    asin asinf(x);
    atanh atanhf(x);
    cos cosf(x);
    cosh coshf(x);
    expm1 expm1f(x);
    fdim fdimf(x, y);
    fma fmaf(x, y, z);
    fmod fmodf(x, y);
    hypot hypotf(x, y);
    log logf(x);
    log10 log10f(x);
    log1p log1pf(x);
    log2 log2f(x);
    nextafter nextafterf(x, y);
    remainder remainderf(x, y);
    sin sinf(x);
    sinh sinhf(x);
    sqrt sqrtf(x);
    tan tanf(x);
    tgamma tgammaf(x);
    y0 y0f(x);
    y1 y1f(x);
}

/// Exponentials, whose result can also be too small.
macro_rules! exponentials {
    ($($name:ident $float:ident;)*) => { $(
        #[doc = concat!("`", stringify!($name), "` of doubles.")]
        ///
        /// # Errors
        /// `ERANGE` (infinity or 0 from a finite number).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(x: f64) -> f64 {
            let result = libm::$name(x);
            if (!result.is_finite() || result == 0.0) && x.is_finite() {
                report(false);
            }
            result
        }
        #[doc = concat!("`", stringify!($name), "` of floats.")]
        ///
        /// # Errors
        /// `ERANGE` (infinity or 0 from a finite number).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float(x: f32) -> f32 {
            let result = libm::$float(x);
            if (!result.is_finite() || result == 0.0) && x.is_finite() {
                report(false);
            }
            result
        }
    )* };
}

exponentials! {
    exp expf;
    exp2 exp2f;
    exp10 exp10f;
}

/// `pow` of doubles.
///
/// # Errors
/// `EDOM` (negative base, broken exponent), `ERANGE` (pole, overflow or underflow).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pow(x: f64, y: f64) -> f64 {
    let result = libm::pow(x, y);
    let suspicious = !result.is_finite() || (result == 0.0 && x != 0.0);
    if suspicious && x.is_finite() && y.is_finite() {
        report(result.is_nan());
    }
    result
}

/// `pow` of floats.
///
/// # Errors
/// As [`pow`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn powf(x: f32, y: f32) -> f32 {
    let result = libm::powf(x, y);
    let suspicious = !result.is_finite() || (result == 0.0 && x != 0.0);
    if suspicious && x.is_finite() && y.is_finite() {
        report(result.is_nan());
    }
    result
}

/// Second names.
macro_rules! same {
    ($($name:ident = $of:ident ($($arg:ident: $type:ty),+) -> $ret:ty;)*) => { $(
        #[doc = concat!("The same function as `", stringify!($of), "`.")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($arg: $type),+) -> $ret {
            $of($($arg),+)
        }
    )* };
}

same! {
    drem = remainder(x: f64, y: f64) -> f64;
    dremf = remainderf(x: f32, y: f32) -> f32;
    pow10 = exp10(x: f64) -> f64;
    nearbyint = rint(x: f64) -> f64;
    nearbyintf = rintf(x: f32) -> f32;
    gamma = lgamma(x: f64) -> f64;
    __exp_finite = exp(x: f64) -> f64;
    __log_finite = log(x: f64) -> f64;
    __pow_finite = pow(x: f64, y: f64) -> f64;
    __sqrt_finite = sqrt(x: f64) -> f64;
}

/// The sign of the gamma function in the last call of `lgamma`.
#[unsafe(no_mangle)]
pub static mut signgam: c_int = 0;

/// The logarithm of the gamma function's absolute value; its sign in `*sign`.
///
/// # Errors
/// `ERANGE` (pole or overflow).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lgamma_r(x: f64, sign: *mut c_int) -> f64 {
    let (result, s) = libm::lgamma_r(x);
    // SAFETY: the caller's word.
    unsafe { sign.write(s) };
    if result.is_infinite() && x.is_finite() {
        report(false);
    }
    result
}

/// As `lgamma_r`, of floats.
///
/// # Errors
/// `ERANGE` (pole or overflow).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lgammaf_r(x: f32, sign: *mut c_int) -> f32 {
    let (result, s) = libm::lgammaf_r(x);
    // SAFETY: the caller's word.
    unsafe { sign.write(s) };
    if result.is_infinite() && x.is_finite() {
        report(false);
    }
    result
}

/// As `lgamma_r`, with the sign in `signgam`.
///
/// # Errors
/// `ERANGE` (pole or overflow).
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn lgamma(x: f64) -> f64 {
    // SAFETY: C makes this variable the function's.
    unsafe { lgamma_r(x, &raw mut signgam) }
}

/// As `lgamma`, of floats.
///
/// # Errors
/// `ERANGE` (pole or overflow).
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn lgammaf(x: f32) -> f32 {
    // SAFETY: C makes this variable the function's.
    unsafe { lgammaf_r(x, &raw mut signgam) }
}

/// Functions with an integer.
macro_rules! with_integer {
    ($($(#[$meta:meta])* $name:ident $float:ident ([$($int:ident)?] $x:ident $(, $n:ident: $type:ty)?) = $of:ident $of_float:ident;)*) => { $(
        $(#[$meta])*
        ///
        /// # Errors
        /// `ERANGE` (overflow).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($int: c_int,)? $x: f64 $(, $n: $type)?) -> f64 {
            let result = libm::$of($($int,)? $x $(, clamp($n as i64))?);
            if !result.is_finite() && $x.is_finite() {
                report(result.is_nan());
            }
            result
        }
        $(#[$meta])*
        /// Of floats.
        ///
        /// # Errors
        /// `ERANGE` (overflow).
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float($($int: c_int,)? $x: f32 $(, $n: $type)?) -> f32 {
            let result = libm::$of_float($($int,)? $x $(, clamp($n as i64))?);
            if !result.is_finite() && $x.is_finite() {
                report(result.is_nan());
            }
            result
        }
    )* };
}

/// An exponent that does the same as a larger one.
fn clamp(n: i64) -> i32 {
    n.clamp(-100_000, 100_000) as i32
}

with_integer! {
    /// A number times a power of two.
    ldexp ldexpf([] x, n: c_int) = scalbn scalbnf;
    /// A number times a power of two.
    scalbn scalbnf([] x, n: c_int) = scalbn scalbnf;
    /// A number times a power of two.
    scalbln scalblnf([] x, n: c_long) = scalbn scalbnf;
    /// Bessel function of the first kind and any order.
    jn jnf([order] x) = jn jnf;
    /// Bessel function of the second kind and any order.
    yn ynf([order] x) = yn ynf;
}

/// Sine and cosine.
///
/// # Errors
/// `EDOM` for an infinity.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sincos(x: f64, sine: *mut f64, cosine: *mut f64) {
    if x.is_infinite() {
        report(true);
    }
    let (s, c) = libm::sincos(x);
    // SAFETY: the caller's words.
    unsafe {
        sine.write(s);
        cosine.write(c);
    }
}

/// Sine and cosine of a float.
///
/// # Errors
/// `EDOM` for an infinity.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sincosf(x: f32, sine: *mut f32, cosine: *mut f32) {
    if x.is_infinite() {
        report(true);
    }
    let (s, c) = libm::sincosf(x);
    // SAFETY: the caller's words.
    unsafe {
        sine.write(s);
        cosine.write(c);
    }
}
