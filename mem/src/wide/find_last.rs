//! `memrchr` and `strrchr`.

use super::find::{any, matches};
use super::{GROUP, first, load};
use crate::lanes::{BLOCK, Byte, ByteOrNul, Needle, in_page};
use core::arch::x86_64::*;
use core::ptr::null_mut;

/// The byte that a mask's highest bit speaks of.
#[inline(always)]
fn last(block: *const u8, mask: u64) -> *mut u8 {
    block.wrapping_add(63 - mask.leading_zeros() as usize).cast_mut()
}

/// The last match among the `n` bytes at `s`, at least one, or null.
///
/// # Safety
/// `s` is readable for `n` bytes and the processor has AVX-512.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw")]
pub unsafe fn memrchr(s: *const u8, needle: Byte, n: usize) -> *mut u8 {
    // SAFETY: what is read lies within the operand.
    unsafe {
        if n <= BLOCK {
            let zero = needle.avx512(_mm512_maskz_loadu_epi8(first(n), s.cast()));
            let mask = _mm512_testn_epi8_mask(zero, zero) & first(n);
            return if mask != 0 { last(s, mask) } else { null_mut() };
        }
        // The last block, then aligned ones, at last the one at the start.
        let mut p = s.add(n - BLOCK);
        loop {
            let mask = matches(p, needle);
            if mask != 0 {
                return last(p, mask);
            }
            if p == s {
                return null_mut();
            }
            p = p.wrapping_sub(1).wrapping_sub((p as usize - 1) % BLOCK);
            while p as usize >= s as usize + GROUP && !any(p.wrapping_sub(GROUP - BLOCK), needle) {
                p = p.wrapping_sub(GROUP);
            }
            if (p as usize) < s as usize {
                p = s;
            }
        }
    }
}

/// The last byte equal to `c` in the string `s`, the terminator included, or null.
///
/// # Safety
/// `s` is a string and the processor has AVX-512.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,bmi1")]
pub unsafe fn strrchr(s: *const u8, c: u8) -> *mut u8 {
    let skip = if in_page(s) { 0 } else { s as usize % BLOCK };
    let mut p = s.wrapping_sub(skip);
    // SAFETY: blocks and groups in a page with bytes of the string: the terminator has not been seen.
    unsafe {
        let wanted = _mm512_set1_epi8(c as i8);
        let look = |p: *const u8| {
            let x = load(p);
            (_mm512_cmpeq_epi8_mask(x, wanted), _mm512_testn_epi8_mask(x, x))
        };
        let (mut matches, mut ends) = look(p);
        (matches, ends) = (matches >> skip << skip, ends >> skip << skip);
        // The last block with a match so far, and its matches.
        let mut found = (p, 0);
        while ends == 0 {
            if matches != 0 {
                found = (p, matches);
            }
            p = p.wrapping_add(BLOCK - p as usize % BLOCK);
            while (p as usize).is_multiple_of(GROUP) && !any(p, ByteOrNul(c)) {
                p = p.wrapping_add(GROUP);
            }
            (matches, ends) = look(p);
        }
        // Up to and with the terminator.
        matches &= ends ^ (ends - 1);
        match (matches, found) {
            (0, (_, 0)) => null_mut(),
            (0, (block, mask)) => last(block, mask),
            (mask, _) => last(p, mask),
        }
    }
}
