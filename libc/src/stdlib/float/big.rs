//! Natural numbers of up to 41,000 bits: enough for the digits of every boundary between two `long double`s.

use core::cmp::Ordering;

const LIMBS: usize = 640;

/// Digits that are looked at one by one; of the rest only matters whether they are all zero. The boundary between two
/// `long double`s with the most digits has about 11,500.
pub const MOST_DIGITS: usize = 11_600;

/// A natural number, lowest limb first; limbs from `length` on are zero.
pub struct Big {
    limbs: [u64; LIMBS],
    length: usize,
}

impl Big {
    pub fn new(value: u64) -> Big {
        let mut limbs = [0; LIMBS];
        limbs[0] = value;
        Big { limbs, length: usize::from(value != 0) }
    }

    pub fn is_zero(&self) -> bool {
        self.length == 0
    }

    /// `self × factor + summand`
    pub fn multiply_add(&mut self, factor: u64, summand: u64) {
        let mut carry = summand;
        for limb in &mut self.limbs[..self.length] {
            let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
            (*limb, carry) = (product as u64, (product >> 64) as u64);
        }
        if carry != 0 {
            self.limbs[self.length] = carry;
            self.length += 1;
        }
    }

    /// `self × 5^n`
    pub fn multiply_power_of_five(&mut self, mut n: usize) {
        const MOST: usize = 27;
        while n >= MOST {
            self.multiply_add(5u64.pow(MOST as u32), 0);
            n -= MOST;
        }
        self.multiply_add(5u64.pow(n as u32), 0);
    }

    /// How many bits the number has.
    pub fn bits(&self) -> usize {
        self.length * 64 - self.limbs[..self.length].last().map_or(0, |top| top.leading_zeros() as usize)
    }

    pub fn shift_left(&mut self, n: usize) {
        let (limbs, bits) = (n / 64, n % 64);
        if self.is_zero() {
            return;
        }
        let length = self.length;
        for i in (0..=length).rev() {
            let high = self.limbs[i] << bits;
            let low = if bits == 0 || i == 0 { 0 } else { self.limbs[i - 1] >> (64 - bits) };
            if high | low != 0 || i < length {
                self.limbs[i + limbs] = high | low;
            }
        }
        self.limbs[..limbs].fill(0);
        self.length = length + limbs + usize::from(self.limbs.get(length + limbs).is_some_and(|l| *l != 0));
    }

    pub fn compare(&self, other: &Big) -> Ordering {
        let by_length = self.length.cmp(&other.length);
        by_length.then_with(|| {
            self.limbs[..self.length].iter().rev().cmp(other.limbs[..other.length].iter().rev())
        })
    }

    /// `self - other`, which is not larger.
    pub fn subtract(&mut self, other: &Big) {
        let mut borrow = false;
        for (limb, less) in self.limbs[..self.length].iter_mut().zip(&other.limbs) {
            let (difference, under) = limb.overflowing_sub(*less);
            let (difference, under_again) = difference.overflowing_sub(borrow.into());
            (*limb, borrow) = (difference, under | under_again);
        }
        while self.length > 0 && self.limbs[self.length - 1] == 0 {
            self.length -= 1;
        }
    }

    /// The highest 128 bits, the first of them set, and whether a lower one is set. The number is not zero.
    pub fn top(&self) -> (u128, bool) {
        let limb = |back: usize| self.length.checked_sub(back).map_or(0, |i| self.limbs[i]);
        let zeros = limb(1).leading_zeros();
        let high = u128::from(limb(1)) << 64 | u128::from(limb(2));
        let top = if zeros == 0 { high } else { high << zeros | u128::from(limb(3) >> (64 - zeros)) };
        let rest = if zeros == 0 { limb(3) } else { limb(3) << zeros };
        (top, rest != 0 || self.limbs[..self.length.saturating_sub(3)].iter().any(|l| *l != 0))
    }
}
