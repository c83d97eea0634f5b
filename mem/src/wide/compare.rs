//! `memcmp`, `strcmp` and `strncmp`.

use super::{GROUP, first, load};
use crate::lanes::{BLOCK, to_page_end};
use core::arch::x86_64::*;

/// The answer when byte `i` is the first that differs.
#[inline(always)]
unsafe fn at(a: *const u8, b: *const u8, i: usize) -> i32 {
    // SAFETY: `i` is an index of both operands.
    unsafe { *a.add(i) as i32 - *b.add(i) as i32 }
}

/// Compares `n` bytes, more than a block.
///
/// # Safety
/// Both operands are readable for `n` bytes and the processor has AVX-512.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,bmi1")]
pub unsafe fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: each read lies within the `n` bytes of its operand.
    unsafe {
        let differ = |i: usize| _mm512_cmpneq_epi8_mask(load(a.add(i)), load(b.add(i)));
        let mut mask = differ(0);
        if mask != 0 {
            return at(a, b, mask.trailing_zeros() as usize);
        }
        let mut i = BLOCK;
        if n >= 2 * GROUP {
            // Where `a` is aligned, half of the loads lie in one cache line.
            i = BLOCK - a as usize % BLOCK;
            while i + GROUP <= n {
                let xor = |k: usize| _mm512_xor_si512(load(a.add(i + k * BLOCK)), load(b.add(i + k * BLOCK)));
                let all = _mm512_or_si512(_mm512_or_si512(xor(0), xor(1)), _mm512_or_si512(xor(2), xor(3)));
                if _mm512_test_epi64_mask(all, all) != 0 {
                    break;
                }
                i += GROUP;
            }
        }
        while i < n {
            let block = i.min(n - BLOCK);
            mask = differ(block);
            if mask != 0 {
                return at(a, b, block + mask.trailing_zeros() as usize);
            }
            i = block + BLOCK;
        }
    }
    0
}

/// Compares at most `n` bytes of two strings, from byte `i` on.
///
/// # Safety
/// Both are readable up to their terminator or for `n` bytes, their first `i` bytes are the same without a terminator, and
/// the processor has AVX-512.
#[inline(always)]
pub unsafe fn strings(a: *const u8, b: *const u8, n: usize, mut i: usize) -> i32 {
    // SAFETY: neither operand ends before the byte looked at, and what is read lies in the pages of both.
    unsafe {
        // Single blocks at first. Then groups, where `a` is aligned: half of their loads lie in one cache line.
        let together = i + GROUP;
        let mut aligned = false;
        while i < n {
            if i >= together && !aligned {
                i -= (a as usize + i) % BLOCK;
                aligned = true;
            }
            let mut room = to_page_end(a.add(i)).min(to_page_end(b.add(i))).min(n - i);
            while aligned && room >= GROUP && !any_stop(a.add(i), b.add(i)) {
                (i, room) = (i + GROUP, room - GROUP);
            }
            for _ in 0..room.min(GROUP) / BLOCK {
                let stops = stops(load(a.add(i)), load(b.add(i)));
                if stops != 0 {
                    return at(a, b, i + stops.trailing_zeros() as usize);
                }
                (i, room) = (i + BLOCK, room - BLOCK);
            }
            if (1..BLOCK).contains(&room) {
                let stops = stops_in(a.add(i), b.add(i), first(room));
                if stops != 0 {
                    return at(a, b, i + stops.trailing_zeros() as usize);
                }
                i += room;
            }
        }
    }
    0
}

/// Bytes at which two blocks of strings differ or end.
#[inline(always)]
unsafe fn stops(x: __m512i, y: __m512i) -> u64 {
    // SAFETY: the caller has AVX-512.
    unsafe { !_mm512_mask_cmpeq_epi8_mask(_mm512_test_epi8_mask(x, x), x, y) }
}

/// The same for the bytes of a mask; others are not touched.
#[inline(always)]
unsafe fn stops_in(a: *const u8, b: *const u8, mask: u64) -> u64 {
    // SAFETY: the caller can read those bytes and has AVX-512.
    unsafe { stops(_mm512_maskz_loadu_epi8(mask, a.cast()), _mm512_maskz_loadu_epi8(mask, b.cast())) & mask }
}

/// Whether two strings differ or end within a group.
#[inline(always)]
unsafe fn any_stop(a: *const u8, b: *const u8) -> bool {
    // SAFETY: the caller can read a group of each and has AVX-512.
    unsafe {
        let x = |k: usize| load(a.add(k * BLOCK));
        let xor = |k: usize| _mm512_xor_si512(x(k), load(b.add(k * BLOCK)));
        let differ = _mm512_or_si512(_mm512_or_si512(xor(0), xor(1)), _mm512_or_si512(xor(2), xor(3)));
        let least = _mm512_min_epu8(_mm512_min_epu8(x(0), x(1)), _mm512_min_epu8(x(2), x(3)));
        (_mm512_testn_epi8_mask(least, least) | _mm512_test_epi8_mask(differ, differ)) != 0
    }
}

/// [`strings`] without a bound.
///
/// # Safety
/// As there.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,bmi1,bmi2")]
pub unsafe fn strcmp(a: *const u8, b: *const u8, i: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { strings(a, b, usize::MAX, i) }
}

/// [`strings`] with one.
///
/// # Safety
/// As there.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,bmi1,bmi2")]
pub unsafe fn strncmp(a: *const u8, b: *const u8, n: usize, i: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { strings(a, b, n, i) }
}
