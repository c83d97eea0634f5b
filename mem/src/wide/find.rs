//! The search of `crate::find`.

use super::{GROUP, load};
use crate::lanes::{BLOCK, Needle, in_page};
use core::arch::x86_64::*;

/// The index of the first match among `limit` bytes at `p`; `limit` or more when there is none.
///
/// # Safety
/// The bytes at `p` up to the first match or `limit`, whichever is less, can be read, and the processor has AVX-512.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,bmi1")]
pub unsafe fn find<N: Needle>(p: *const u8, limit: usize, needle: N) -> usize {
    let skip = if in_page(p) { 0 } else { p as usize % BLOCK };
    // SAFETY: a block in the page of `p`; then aligned blocks and groups that start before `limit` and before the first
    // match, so that they lie in a page with bytes of the operand.
    unsafe {
        let mask = matches(p.wrapping_sub(skip), needle) >> skip;
        if mask != 0 {
            return mask.trailing_zeros() as usize;
        }
        let mut i = BLOCK - p as usize % BLOCK;
        while i < limit {
            if (p as usize + i).is_multiple_of(GROUP) {
                return find_group(p, limit, i, needle);
            }
            let mask = matches(p.add(i), needle);
            if mask != 0 {
                return i + mask.trailing_zeros() as usize;
            }
            i += BLOCK;
        }
    }
    limit
}

/// `find` from index `i` on, where a group starts.
#[inline(always)]
unsafe fn find_group<N: Needle>(p: *const u8, limit: usize, mut i: usize, needle: N) -> usize {
    // SAFETY: as in `find`.
    unsafe {
        while i < limit {
            let zero = |k: usize| needle.avx512(load(p.add(i + k * BLOCK)));
            let (a, b, c, d) = (zero(0), zero(1), zero(2), zero(3));
            let least = _mm512_min_epu8(_mm512_min_epu8(a, b), _mm512_min_epu8(c, d));
            let some = _mm512_testn_epi8_mask(least, least);
            if some != 0 {
                for (k, zeros) in [a, b, c].into_iter().enumerate() {
                    let mask = _mm512_testn_epi8_mask(zeros, zeros);
                    if mask != 0 {
                        return i + k * BLOCK + mask.trailing_zeros() as usize;
                    }
                }
                // It is in the last block alone.
                return i + 3 * BLOCK + some.trailing_zeros() as usize;
            }
            i += GROUP;
        }
    }
    limit
}

/// The matching bytes among the 64 at `p`.
///
/// # Safety
/// 64 bytes at `p` can be read and the processor has AVX-512.
#[inline(always)]
pub unsafe fn matches<N: Needle>(p: *const u8, needle: N) -> u64 {
    // SAFETY: the caller's promise.
    unsafe {
        let zero = needle.avx512(load(p));
        _mm512_testn_epi8_mask(zero, zero)
    }
}

/// Whether any byte of the group at `p` matches.
///
/// # Safety
/// The group can be read and the processor has AVX-512.
#[inline(always)]
pub unsafe fn any<N: Needle>(p: *const u8, needle: N) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let zero = |k: usize| needle.avx512(load(p.add(k * BLOCK)));
        let least = _mm512_min_epu8(_mm512_min_epu8(zero(0), zero(1)), _mm512_min_epu8(zero(2), zero(3)));
        _mm512_testn_epi8_mask(least, least) != 0
    }
}
