//! `<complex.h>`: `double complex` and `float complex`; the latter is computed in double precision. There is no
//! `long double complex`.
//!
//! Infinities and NaN give what C11's Annex G says where it says something of both parts; nothing sets `errno`.

mod elementary;
mod inverse;

/// `double complex`: two registers as an argument and as a result.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Complex {
    re: f64,
    im: f64,
}

/// `float complex`: both parts in one register.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ComplexFloat {
    re: f32,
    im: f32,
}

impl From<ComplexFloat> for Complex {
    fn from(z: ComplexFloat) -> Self {
        Complex { re: z.re.into(), im: z.im.into() }
    }
}

impl From<Complex> for ComplexFloat {
    fn from(z: Complex) -> Self {
        ComplexFloat { re: z.re as f32, im: z.im as f32 }
    }
}

const fn complex(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

/// The functions from complex to complex numbers, in both formats.
macro_rules! functions {
    ($($(#[$meta:meta])* $name:ident $float:ident = $body:path;)*) => { $(
        $(#[$meta])*
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(z: Complex) -> Complex {
            $body(z)
        }
        #[doc = concat!("`", stringify!($name), "` of floats.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float(z: ComplexFloat) -> ComplexFloat {
            $body(z.into()).into()
        }
    )* };
}

/// The functions from complex to real numbers.
macro_rules! measures {
    ($($(#[$meta:meta])* $name:ident $float:ident = $body:path;)*) => { $(
        $(#[$meta])*
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(z: Complex) -> f64 {
            $body(z)
        }
        #[doc = concat!("`", stringify!($name), "` of floats.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $float(z: ComplexFloat) -> f32 {
            $body(z.into()) as f32
        }
    )* };
}

measures! {
    /// The real part.
    creal crealf = Complex::re;
    /// The imaginary part.
    cimag cimagf = Complex::im;
    /// The distance from 0.
    cabs cabsf = Complex::abs;
    /// The angle from the positive real axis.
    carg cargf = Complex::arg;
}

functions! {
    /// The conjugate.
    conj conjf = Complex::conj;
    /// The projection on the Riemann sphere: all infinities are one.
    cproj cprojf = Complex::project;
    /// The exponential.
    cexp cexpf = Complex::exp;
    /// The natural logarithm, cut along the negative real axis.
    clog clogf = Complex::ln;
    /// The decimal logarithm.
    clog10 clog10f = Complex::log10;
    /// The square root, cut along the negative real axis.
    csqrt csqrtf = Complex::sqrt;
    /// The hyperbolic sine.
    csinh csinhf = Complex::sinh;
    /// The hyperbolic cosine.
    ccosh ccoshf = Complex::cosh;
    /// The hyperbolic tangent.
    ctanh ctanhf = Complex::tanh;
    /// The sine.
    csin csinf = Complex::sin;
    /// The cosine.
    ccos ccosf = Complex::cos;
    /// The tangent.
    ctan ctanf = Complex::tan;
    /// The inverse hyperbolic sine.
    casinh casinhf = Complex::asinh;
    /// The inverse hyperbolic cosine.
    cacosh cacoshf = Complex::acosh;
    /// The inverse hyperbolic tangent.
    catanh catanhf = Complex::atanh;
    /// The arc sine.
    casin casinf = Complex::asin;
    /// The arc cosine.
    cacos cacosf = Complex::acos;
    /// The arc tangent.
    catan catanf = Complex::atan;
}

/// A base to a power.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn cpow(base: Complex, power: Complex) -> Complex {
    base.pow(power)
}

/// `cpow` of floats.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn cpowf(base: ComplexFloat, power: ComplexFloat) -> ComplexFloat {
    Complex::from(base).pow(power.into()).into()
}
