//! `memcmp`, `bcmp`: operands of known length, so nothing outside them is ever read.

use crate::find::has_avx2;
use crate::lanes::BLOCK;
use crate::wide::{self, has_avx512};
use core::arch::x86_64::*;
use core::cmp::Ordering;

/// Which answer is wanted: bcmp needs no order.
trait Answer {
    const ORDER: bool;
}
struct Order;
struct Equality;
impl Answer for Order {
    const ORDER: bool = true;
}
impl Answer for Equality {
    const ORDER: bool = false;
}

/// Compares `n` bytes as unsigned: negative, zero or positive.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, memcmp(3).
///
/// # Safety
/// Both operands are readable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { compare::<Order>(a, b, n) }
}

/// Zero if the `n` bytes are equal.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: bcmp(3).
///
/// # Safety
/// Both operands are readable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { compare::<Equality>(a, b, n) }
}

/// As the libc compiles `memcmp(...) == 0`; the same as [`bcmp`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: glibc's `__memcmpeq`, which compilers call.
///
/// # Safety
/// Both operands are readable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn __memcmpeq(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { compare::<Equality>(a, b, n) }
}

/// Reads a `T` at `p`, aligned or not.
///
/// # Safety
/// `size_of::<T>()` bytes at `p` can be read.
#[inline(always)]
unsafe fn read<T: Copy>(p: *const u8) -> T {
    // SAFETY: the caller's promise.
    unsafe { p.cast::<T>().read_unaligned() }
}

/// Bytes that differ among the 16 at `a` and `b`.
#[inline(always)]
unsafe fn differ16(a: *const u8, b: *const u8) -> u32 {
    // SAFETY: the caller's promise; SSE2 is part of x86-64.
    unsafe {
        _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(a.cast()), _mm_loadu_si128(b.cast()))) as u32
            ^ 0xffff
    }
}

#[inline(always)]
fn order<T: Ord>(a: T, b: T) -> i32 {
    match a.cmp(&b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

/// The answer when byte `i` is the first that differs.
#[inline(always)]
unsafe fn at(a: *const u8, b: *const u8, i: usize) -> i32 {
    // SAFETY: `i` is an index of both operands.
    unsafe { *a.add(i) as i32 - *b.add(i) as i32 }
}

#[inline(always)]
unsafe fn compare<A: Answer>(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: each read lies within the `n` bytes of its operand.
    unsafe {
        if n >= 16 {
            let differ = differ16(a, b);
            if differ != 0 {
                return at(a, b, differ.trailing_zeros() as usize);
            }
            if n <= 32 {
                let differ = differ16(a.add(n - 16), b.add(n - 16));
                return if differ == 0 { 0 } else { at(a, b, n - 16 + differ.trailing_zeros() as usize) };
            }
            return compare_long(a, b, n);
        }
        if n >= 8 {
            let (x, y): (u64, u64) = (read(a), read(b));
            let (x2, y2): (u64, u64) = (read(a.add(n - 8)), read(b.add(n - 8)));
            if !A::ORDER {
                return (((x ^ y) | (x2 ^ y2)) != 0) as i32;
            }
            let (x, y) = if x == y { (x2, y2) } else { (x, y) };
            return order(x.swap_bytes(), y.swap_bytes());
        }
        if n >= 4 {
            let join = |p: *const u8| {
                let (high, low): (u32, u32) = (read(p), read(p.add(n - 4)));
                (high.swap_bytes() as u64) << 32 | low.swap_bytes() as u64
            };
            return order(join(a), join(b));
        }
        if n == 0 {
            return 0;
        }
        // One to three bytes, each at least once and in order: first, middle, last.
        let join = |p: *const u8| (*p as i32) << 16 | (*p.add(n / 2) as i32) << 8 | *p.add(n - 1) as i32;
        join(a) - join(b)
    }
}

/// More than 32 bytes, of which the first 16 are equal.
#[inline(never)]
unsafe fn compare_long(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: each read lies within the `n` bytes of its operand.
    unsafe {
        if n > BLOCK && has_avx512() {
            return wide::compare::memcmp(a, b, n);
        }
        let mut i = 16;
        if n > 256 && has_avx2() {
            i = equal_avx2(a, b, n);
        } else {
            while i + 64 <= n {
                let load = |p: *const u8, k: usize| _mm_loadu_si128(p.add(i + 16 * k).cast());
                let same = |k: usize| _mm_cmpeq_epi8(load(a, k), load(b, k));
                let all = _mm_and_si128(_mm_and_si128(same(0), same(1)), _mm_and_si128(same(2), same(3)));
                if _mm_movemask_epi8(all) != 0xffff {
                    break;
                }
                i += 64;
            }
        }
        while i + 16 <= n {
            let differ = differ16(a.add(i), b.add(i));
            if differ != 0 {
                return at(a, b, i + differ.trailing_zeros() as usize);
            }
            i += 16;
        }
        let last = n - 16;
        let differ = differ16(a.add(last), b.add(last));
        if differ == 0 { 0 } else { at(a, b, last + differ.trailing_zeros() as usize) }
    }
}

/// How many bytes are equal, rounded down to the step at which a difference or the end was met.
#[inline(never)]
#[target_feature(enable = "avx2")]
unsafe fn equal_avx2(a: *const u8, b: *const u8, n: usize) -> usize {
    // SAFETY: each read lies within the `n` bytes of its operand.
    unsafe {
        // The first 16 are known to be equal: start where `a` is aligned.
        let mut i = 32 - (a as usize % 32);
        if i > 16 {
            i = 0;
        }
        while i + 128 <= n {
            let load = |p: *const u8, k: usize| _mm256_loadu_si256(p.add(i + 32 * k).cast());
            let same = |k: usize| _mm256_cmpeq_epi8(load(a, k), load(b, k));
            let all =
                _mm256_and_si256(_mm256_and_si256(same(0), same(1)), _mm256_and_si256(same(2), same(3)));
            if _mm256_movemask_epi8(all) != -1 {
                return i;
            }
            i += 128;
        }
        i
    }
}
