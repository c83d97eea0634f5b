//! The inverse functions, W. Kahan's ("Branch Cuts for Complex Elementary Functions", 1987), which keep signed zeros on the
//! branch cuts and lose no digits near them.

use core::f64::consts::PI;

use super::elementary::HUGE;
use super::{Complex, complex};

impl Complex {
    /// √(1 - z) and √(1 + z).
    pub(super) fn roots(self) -> (Complex, Complex) {
        (complex(1.0 - self.re, -self.im).sqrt(), complex(1.0 + self.re, self.im).sqrt())
    }

    pub(super) fn acos(self) -> Complex {
        if self.abs() > HUGE {
            let ln = self.scale(2.0).ln();
            return complex(libm::atan2(self.im.abs(), self.re), libm::copysign(ln.re, -self.im));
        }
        let (minus, plus) = self.roots();
        let im = (plus.re * minus.im) - (plus.im * minus.re);
        complex(2.0 * libm::atan2(minus.re, plus.re), libm::asinh(im))
    }

    pub(super) fn asin(self) -> Complex {
        if self.abs() > HUGE {
            let ln = self.scale(2.0).ln();
            return complex(libm::atan2(self.re, self.im.abs()), libm::copysign(ln.re, self.im));
        }
        let (minus, plus) = self.roots();
        let re = minus.multiply(plus).re;
        let im = (minus.re * plus.im) - (minus.im * plus.re);
        complex(libm::atan2(self.re, re), libm::asinh(im))
    }

    pub(super) fn acosh(self) -> Complex {
        let z = self.acos();
        // Of the two that are i times the arc cosine away, the one to the right.
        if z.im.is_sign_negative() || (z.im.is_nan() && self.im.is_sign_positive()) {
            z.turn()
        } else {
            z.turn_back()
        }
    }

    pub(super) fn asinh(self) -> Complex {
        self.turn().asin().turn_back()
    }

    pub(super) fn atanh(self) -> Complex {
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

    pub(super) fn atan(self) -> Complex {
        self.turn().atanh().turn_back()
    }
}
