//! Parts, products, powers, exponentials and roots.

use core::f64::consts::{LN_2, LOG10_E};

use super::{Complex, complex};

/// Numbers beyond this lose nothing by having a 1 left out.
pub(super) const HUGE: f64 = 1e150;

impl Complex {
    pub(super) fn re(self) -> f64 {
        self.re
    }

    pub(super) fn im(self) -> f64 {
        self.im
    }

    pub(super) fn abs(self) -> f64 {
        libm::hypot(self.re, self.im)
    }

    pub(super) fn arg(self) -> f64 {
        libm::atan2(self.im, self.re)
    }

    pub(super) fn conj(self) -> Complex {
        complex(self.re, -self.im)
    }

    pub(super) fn is_infinite(self) -> bool {
        self.re.is_infinite() || self.im.is_infinite()
    }

    pub(super) fn project(self) -> Complex {
        if self.is_infinite() { complex(f64::INFINITY, libm::copysign(0.0, self.im)) } else { self }
    }

    pub(super) fn scale(self, factor: f64) -> Complex {
        complex(self.re * factor, self.im * factor)
    }

    /// `i` times the number.
    pub(super) fn turn(self) -> Complex {
        complex(-self.im, self.re)
    }

    /// The number divided by `i`.
    pub(super) fn turn_back(self) -> Complex {
        complex(self.im, -self.re)
    }

    pub(super) fn multiply(self, other: Complex) -> Complex {
        complex(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }

    /// `size` times the point of that angle, where the size is `e^exponent` and may be too large by itself.
    pub(super) fn polar(exponent: f64, angle: f64) -> Complex {
        let (sin, cos) = libm::sincos(angle);
        if exponent > 709.0 && exponent < 1500.0 {
            let half = libm::exp(exponent / 2.0);
            return complex(half * cos * half, half * sin * half);
        }
        let size = libm::exp(exponent);
        complex(size * cos, size * sin)
    }

    pub(super) fn exp(self) -> Complex {
        if self.im == 0.0 {
            return complex(libm::exp(self.re), self.im);
        }
        if !self.im.is_finite() && self.re.is_infinite() {
            return if self.re < 0.0 { complex(0.0, 0.0) } else { complex(f64::INFINITY, f64::NAN) };
        }
        Complex::polar(self.re, self.im)
    }

    pub(super) fn ln(self) -> Complex {
        complex(self.ln_abs(), self.arg())
    }

    /// The logarithm of the distance from 0, also where that is near 1 or beyond the largest number.
    pub(super) fn ln_abs(self) -> f64 {
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

    pub(super) fn log10(self) -> Complex {
        self.ln().scale(LOG10_E)
    }

    pub(super) fn sqrt(self) -> Complex {
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

    pub(super) fn cosh(self) -> Complex {
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

    pub(super) fn sinh(self) -> Complex {
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
    pub(super) fn tanh(self) -> Complex {
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

    pub(super) fn sin(self) -> Complex {
        self.turn().sinh().turn_back()
    }

    pub(super) fn cos(self) -> Complex {
        self.turn().cosh()
    }

    pub(super) fn tan(self) -> Complex {
        self.turn().tanh().turn_back()
    }

    pub(super) fn pow(self, power: Complex) -> Complex {
        if power.re == 0.0 && power.im == 0.0 {
            return complex(1.0, 0.0);
        }
        if self.re == 0.0 && self.im == 0.0 && power.re > 0.0 {
            return complex(0.0, 0.0);
        }
        power.multiply(self.ln()).exp()
    }
}
