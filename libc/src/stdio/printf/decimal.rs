//! Exact decimal digits of `m * 2^e`, by big-integer arithmetic in base 10^9.
//!
//! For `e < 0`, `m / 2^k = m * 5^k / 10^k`: so every value is a whole number `N` over a power of ten, and all digits
//! of `N` are significant. 53-bit values need at most 767 digits, 64-bit ones at most 11,514.

use core::arch::asm;

/// Digits of a limb.
const WIDTH: usize = 9;
const BASE: u64 = 1_000_000_000;
/// Limbs for any `double`: 767 digits, and one for a carry.
pub const DOUBLE_LIMBS: usize = 88;
/// Limbs for any `long double`.
pub const LONG_DOUBLE_LIMBS: usize = 1284;

/// `N / 10^scale`.
pub struct Decimal<'a> {
    /// Base 10^9, least significant first.
    limbs: &'a mut [u32],
    /// Limbs in use; the last of them is not zero.
    used: usize,
    /// Decimal places of `N`.
    pub scale: usize,
}

const POWERS: [u32; WIDTH + 1] =
    [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

impl<'a> Decimal<'a> {
    /// The digits of `m * 2^e`; `limbs` has room for them.
    pub fn new(limbs: &'a mut [u32], m: u64, e: i32) -> Self {
        let mut this = Decimal { limbs, used: 0, scale: 0 };
        // Trailing zero bits would be multiplied by five for nothing.
        let even = (e.min(0).unsigned_abs()).min(m.trailing_zeros() & 63);
        let (mut m, e) = (m >> even, e + even as i32);
        while m != 0 {
            this.append((m % BASE) as u32);
            m /= BASE;
        }
        if e >= 0 {
            this.multiply(1 << 32, 2, 32, e as usize);
        } else {
            this.scale = e.unsigned_abs() as usize;
            this.multiply(5u64.pow(14), 5, 14, this.scale);
        }
        this
    }

    fn append(&mut self, limb: u32) {
        if let Some(place) = self.limbs.get_mut(self.used) {
            *place = limb;
            self.used += 1;
        }
    }

    /// Multiplies by `base^power`, in steps of `large = base^step`.
    fn multiply(&mut self, large: u64, base: u64, step: usize, power: usize) {
        for _ in 0..power / step {
            self.multiply_by(large);
        }
        self.multiply_by(base.pow((power % step) as u32));
    }

    /// `factor` is at most 2^34, so that limb times factor plus carry fits 64 bits.
    fn multiply_by(&mut self, factor: u64) {
        let mut carry = 0;
        for limb in self.limbs.iter_mut().take(self.used) {
            let product = u64::from(*limb) * factor + carry;
            *limb = (product % BASE) as u32;
            carry = product / BASE;
        }
        while carry != 0 {
            self.append((carry % BASE) as u32);
            carry /= BASE;
        }
    }

    fn limb(&self, index: usize) -> u32 {
        if index < self.used { self.limbs.get(index).copied().unwrap_or(0) } else { 0 }
    }

    /// Number of digits of `N`, 0 for zero.
    pub fn digits(&self) -> usize {
        let Some(top) = self.used.checked_sub(1) else { return 0 };
        let limb = self.limb(top);
        top * WIDTH + POWERS.iter().take_while(|&&power| power <= limb).count()
    }

    /// Rounds so that the lowest `drop` digits of `N` are zero, as the rounding mode of the processor says.
    pub fn round(&mut self, drop: usize, negative: bool) {
        if drop == 0 || self.used == 0 {
            return;
        }
        let (index, within) = (drop / WIDTH, drop % WIDTH);
        let unit = POWERS.get(within).copied().unwrap_or(1);
        let (rest, half, below) = match within {
            0 => (self.limb(index - 1), (BASE / 2) as u32, index - 1),
            _ => (self.limb(index) % unit, unit / 2, index),
        };
        let sticky = (0..below.min(self.used)).any(|i| self.limb(i) != 0);
        let odd = self.limb(index) / unit % 2 == 1;
        let up = match rounding() {
            Rounding::Nearest => rest > half || rest == half && (sticky || odd),
            Rounding::Up if !negative => rest != 0 || sticky,
            Rounding::Down if negative => rest != 0 || sticky,
            _ => false,
        };
        if drop > self.digits() {
            // Below a tenth of the unit: nothing, or the unit itself.
            self.used = 0;
            if up {
                self.scale -= drop.min(self.scale);
                self.append(1);
            }
            return;
        }
        for limb in self.limbs.iter_mut().take(index.min(self.used)) {
            *limb = 0;
        }
        if within != 0
            && let Some(limb) = self.limbs.get_mut(index)
        {
            *limb -= rest;
        }
        if up {
            self.add(index, unit);
        }
        while self.used > 0 && self.limb(self.used - 1) == 0 {
            self.used -= 1;
        }
    }

    /// Adds `unit` at a limb, and carries.
    fn add(&mut self, mut index: usize, unit: u32) {
        let mut carry = unit;
        while carry != 0 {
            if index >= self.used {
                self.append(carry);
                return;
            }
            let Some(limb) = self.limbs.get_mut(index) else { return };
            let sum = *limb + carry;
            carry = sum / BASE as u32;
            *limb = sum % BASE as u32;
            index += 1;
        }
    }

    /// Position of the lowest digit that is not zero; 0 for zero.
    pub fn lowest_nonzero(&self) -> usize {
        let Some(index) = (0..self.used).find(|&i| self.limb(i) != 0) else { return 0 };
        let limb = self.limb(index);
        index * WIDTH + POWERS.iter().skip(1).take_while(|&&power| limb.is_multiple_of(power)).count()
    }

    /// Gives the digits at positions `high` down to `low` (10^0 is 0), in runs. Beyond `N` on both sides are zeros.
    pub fn emit(&self, high: i64, low: i64, mut put: impl FnMut(Run)) {
        let mut at = high;
        let top = self.used as i64 * WIDTH as i64;
        if at >= top && at >= low {
            let zeros = at - top.max(low) + 1;
            put(Run::Zeros(zeros as usize));
            at -= zeros;
        }
        while at >= low && at >= 0 {
            let (index, within) = (at as usize / WIDTH, at as usize % WIDTH);
            let mut digits = [0; WIDTH];
            let mut limb = self.limb(index);
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + (limb % 10) as u8;
                limb /= 10;
            }
            let start = WIDTH - 1 - within;
            let left_in_limb = (within + 1).min((at - low + 1) as usize);
            if let Some(run) = digits.get(start..start + left_in_limb) {
                put(Run::Digits(run));
            }
            at -= left_in_limb as i64;
        }
        if at >= low {
            put(Run::Zeros((at - low + 1) as usize));
        }
    }
}

/// A piece of a number.
pub enum Run<'a> {
    /// ASCII digits.
    Digits(&'a [u8]),
    /// That many zeros.
    Zeros(usize),
}

/// Rounding directions of the x87 control word's RC field, in its order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To nearest, ties to even.
    Nearest,
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
    /// Towards zero.
    Zero,
}

/// What `fesetround` set.
pub fn rounding() -> Rounding {
    let mut control: u16 = 0;
    // SAFETY: stores the control word in the variable.
    unsafe { asm!("fnstcw [{}]", in(reg) &raw mut control, options(nostack, preserves_flags)) };
    match control >> 10 & 3 {
        0 => Rounding::Nearest,
        1 => Rounding::Down,
        2 => Rounding::Up,
        _ => Rounding::Zero,
    }
}
