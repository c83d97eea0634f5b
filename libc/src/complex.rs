//! `<complex.h>`: `double complex` and `float complex`; the latter is computed in double precision. There is no
//! `long double complex`.
//!
//! The inverse functions are W. Kahan's ("Branch Cuts for Complex Elementary Functions", 1987), which keep signed zeros on
//! the branch cuts and lose no digits near them. Infinities and NaN give what C11's Annex G says where it says something of
//! both parts; nothing sets `errno`.

use core::f64::consts::{LN_2, PI};

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

/// Numbers beyond this lose nothing by having a 1 left out.
const HUGE: f64 = 1e150;

impl Complex {
    fn re(self) -> f64 {
        self.re
    }

    fn im(self) -> f64 {
        self.im
    }

    fn abs(self) -> f64 {
        libm::hypot(self.re, self.im)
    }

    fn arg(self) -> f64 {
        libm::atan2(self.im, self.re)
    }

    fn conj(self) -> Complex {
        complex(self.re, -self.im)
    }

    fn is_infinite(self) -> bool {
        self.re.is_infinite() || self.im.is_infinite()
    }

    fn project(self) -> Complex {
        if self.is_infinite() { complex(f64::INFINITY, libm::copysign(0.0, self.im)) } else { self }
    }

    fn scale(self, factor: f64) -> Complex {
        complex(self.re * factor, self.im * factor)
    }

    /// `i` times the number.
    fn turn(self) -> Complex {
        complex(-self.im, self.re)
    }

    /// The number divided by `i`.
    fn turn_back(self) -> Complex {
        complex(self.im, -self.re)
    }

    fn multiply(self, other: Complex) -> Complex {
        complex(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }

    /// `size` times the point of that angle, where the size is `e^exponent` and may be too large by itself.
    fn polar(exponent: f64, angle: f64) -> Complex {
        let (sin, cos) = libm::sincos(angle);
        if exponent > 709.0 && exponent < 1500.0 {
            let half = libm::exp(exponent / 2.0);
            return complex(half * cos * half, half * sin * half);
        }
        let size = libm::exp(exponent);
        complex(size * cos, size * sin)
    }

    fn exp(self) -> Complex {
        if self.im == 0.0 {
            return complex(libm::exp(self.re), self.im);
        }
        if !self.im.is_finite() && self.re.is_infinite() {
            return if self.re < 0.0 { complex(0.0, 0.0) } else { complex(f64::INFINITY, f64::NAN) };
        }
        Complex::polar(self.re, self.im)
    }

    fn ln(self) -> Complex {
        complex(self.ln_abs(), self.arg())
    }

    /// The logarithm of the distance from 0, also where that is near 1 or beyond the largest number.
    fn ln_abs(self) -> f64 {
        let (x, y) = (self.re.abs(), self.im.abs());
        let (large, small) = if x > y { (x, y) } else { (y, x) };
        if large > 0.5 && large < 2.0 && small > 1e-150 {
            let rest = (large - 1.0) * (large + 1.0) + small * small;
            if rest.abs() < 0.5 {
                return libm::log1p(rest) / 2.0;
            }
        }
        if large.is_finite() && large > HUGE {
            return libm::log(self.scale(0.25).abs()) + 2.0 * LN_2;
        }
        libm::log(self.abs())
    }

    fn log10(self) -> Complex {
        self.ln().scale(core::f64::consts::LOG10_E)
    }

    fn sqrt(self) -> Complex {
        let Complex { re: x, im: y } = self;
        if y.is_infinite() {
            return complex(f64::INFINITY, y);
        }
        if x.is_infinite() {
            let rest = if y.is_nan() { y } else { 0.0 };
            return if x > 0.0 {
                complex(x, if y.is_nan() { y } else { libm::copysign(0.0, y) })
            } else {
                complex(rest, libm::copysign(f64::INFINITY, y))
            };
        }
        if x == 0.0 && y == 0.0 {
            return complex(0.0, y);
        }
        // Out of the range where the sum below overflows or loses digits.
        let (z, back) = if x.abs() > HUGE || y.abs() > HUGE {
            (self.scale(1.0 / 16.0), 4.0)
        } else if x.abs() < 1e-290 && y.abs() < 1e-290 {
            (self.scale(libm::ldexp(1.0, 108)), libm::ldexp(1.0, -54))
        } else {
            (self, 1.0)
        };
        let half = libm::sqrt((z.re.abs() + z.abs()) / 2.0);
        let other = z.im.abs() / (2.0 * half);
        let root = if x >= 0.0 { complex(half, other) } else { complex(other, half) };
        complex(root.re * back, libm::copysign(root.im * back, y))
    }

    fn cosh(self) -> Complex {
        let Complex { re: x, im: y } = self;
        if y == 0.0 {
            return complex(libm::cosh(x), y * libm::copysign(1.0, x));
        }
        if x == 0.0 {
            return complex(libm::cos(y), x * libm::sin(y));
        }
        if x.is_infinite() && !y.is_finite() {
            return complex(f64::INFINITY, f64::NAN);
        }
        if x.abs() > 700.0 {
            let z = Complex::polar(x.abs() - LN_2, y);
            return complex(z.re, libm::copysign(1.0, x) * z.im);
        }
        let (sin, cos) = libm::sincos(y);
        complex(libm::cosh(x) * cos, libm::sinh(x) * sin)
    }

    fn sinh(self) -> Complex {
        let Complex { re: x, im: y } = self;
        if y == 0.0 {
            return complex(libm::sinh(x), y);
        }
        if x == 0.0 {
            return complex(x, libm::sin(y));
        }
        if x.is_infinite() && !y.is_finite() {
            return complex(x, f64::NAN);
        }
        if x.abs() > 700.0 {
            let z = Complex::polar(x.abs() - LN_2, y);
            return complex(libm::copysign(1.0, x) * z.re, z.im);
        }
        let (sin, cos) = libm::sincos(y);
        complex(libm::sinh(x) * cos, libm::cosh(x) * sin)
    }

    /// Kahan's, with t = tan y, s = sinh x: nothing cancels.
    fn tanh(self) -> Complex {
        let Complex { re: x, im: y } = self;
        if y == 0.0 {
            return complex(libm::tanh(x), y);
        }
        if x.abs() > 22.0 {
            // 4 sin y cos y e^(-2|x|) is all that is left.
            let rest = if y.is_finite() { libm::sin(2.0 * y) * 2.0 * libm::exp(-2.0 * x.abs()) } else { 0.0 };
            return complex(libm::copysign(1.0, x), rest);
        }
        if x == 0.0 {
            return complex(x, libm::tan(y));
        }
        let t = libm::tan(y);
        let beta = 1.0 + t * t;
        let s = libm::sinh(x);
        let rho = libm::sqrt(1.0 + s * s);
        if t.is_infinite() {
            return complex(rho / s, 1.0 / t);
        }
        let below = 1.0 + beta * s * s;
        complex(beta * rho * s / below, t / below)
    }

    fn sin(self) -> Complex {
        self.turn().sinh().turn_back()
    }

    fn cos(self) -> Complex {
        self.turn().cosh()
    }

    fn tan(self) -> Complex {
        self.turn().tanh().turn_back()
    }

    /// √(1 - z) and √(1 + z).
    fn roots(self) -> (Complex, Complex) {
        (complex(1.0 - self.re, -self.im).sqrt(), complex(1.0 + self.re, self.im).sqrt())
    }

    fn acos(self) -> Complex {
        if self.abs() > HUGE {
            let ln = self.scale(2.0).ln();
            return complex(libm::atan2(self.im.abs(), self.re), libm::copysign(ln.re, -self.im));
        }
        let (minus, plus) = self.roots();
        let im = (plus.re * minus.im) - (plus.im * minus.re);
        complex(2.0 * libm::atan2(minus.re, plus.re), libm::asinh(im))
    }

    fn asin(self) -> Complex {
        if self.abs() > HUGE {
            let ln = self.scale(2.0).ln();
            return complex(libm::atan2(self.re, self.im.abs()), libm::copysign(ln.re, self.im));
        }
        let (minus, plus) = self.roots();
        let re = minus.multiply(plus).re;
        let im = (minus.re * plus.im) - (minus.im * plus.re);
        complex(libm::atan2(self.re, re), libm::asinh(im))
    }

    fn acosh(self) -> Complex {
        let z = self.acos();
        // Of the two that are i times the arc cosine away, the one to the right.
        if z.im.is_sign_negative() || (z.im.is_nan() && self.im.is_sign_positive()) {
            z.turn()
        } else {
            z.turn_back()
        }
    }

    fn asinh(self) -> Complex {
        self.turn().asin().turn_back()
    }

    fn atanh(self) -> Complex {
        let Complex { re: x, im: y } = self;
        if self.abs() > HUGE || self.is_infinite() {
            // 1/z, of which the real part is below all notice.
            let re = if self.is_infinite() { 0.0 } else { x / y.abs().max(x.abs()) / y.abs().max(x.abs()) };
            return complex(libm::copysign(re, x), libm::copysign(PI / 2.0, y));
        }
        if x.abs() == 1.0 && y == 0.0 {
            return complex(x / 0.0, y);
        }
        let near = 1.0 - x.abs();
        let re = libm::log1p(4.0 * x.abs() / (near * near + y * y)) / 4.0;
        let im = libm::atan2(2.0 * y, near * (1.0 + x.abs()) - y * y) / 2.0;
        complex(libm::copysign(re, x), im)
    }

    fn atan(self) -> Complex {
        self.turn().atanh().turn_back()
    }

    fn pow(self, power: Complex) -> Complex {
        if power.re == 0.0 && power.im == 0.0 {
            return complex(1.0, 0.0);
        }
        if self.re == 0.0 && self.im == 0.0 && power.re > 0.0 {
            return complex(0.0, 0.0);
        }
        power.multiply(self.ln()).exp()
    }
}
