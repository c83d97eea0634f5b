//! `strcmp`, `strncmp`.
//!
//! The operands may stand differently in their pages. As long as neither is within a step of its page's end, steps are
//! vectors; across the boundary, at most 15 bytes go one by one.

use crate::find::has_avx2;
use crate::lanes::to_page_end;
use crate::wide::{self, has_avx512};
use core::arch::x86_64::*;

/// Compares two strings as unsigned bytes: negative, zero or positive.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strcmp(3).
///
/// # Safety
/// Both are strings.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strcmp(a: *const u8, b: *const u8) -> i32 {
    // SAFETY: the comparison ends at the first terminator.
    unsafe { compare::<false>(a, b, usize::MAX) }
}

/// Compares at most `n` bytes of two strings.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strncmp(3).
///
/// # Safety
/// Both are readable up to their terminator or for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strncmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { compare::<true>(a, b, n) }
}

/// Bytes among 16 where the strings differ or end.
#[inline(always)]
unsafe fn stops16(a: *const u8, b: *const u8) -> u32 {
    // SAFETY: the caller can read 16 bytes of each; SSE2 is part of x86-64.
    unsafe {
        let (x, y) = (_mm_loadu_si128(a.cast()), _mm_loadu_si128(b.cast()));
        // Zero where they differ, else the byte itself: zero as well at the end.
        let same = _mm_and_si128(_mm_cmpeq_epi8(x, y), x);
        _mm_movemask_epi8(_mm_cmpeq_epi8(same, _mm_setzero_si128())) as u32
    }
}

#[inline(always)]
unsafe fn at(a: *const u8, b: *const u8, i: usize) -> i32 {
    // SAFETY: `i` is an index of both operands.
    unsafe { *a.add(i) as i32 - *b.add(i) as i32 }
}

/// From here on the processor's level is looked at.
const LONG: usize = 256;

#[inline(always)]
unsafe fn compare<const BOUNDED: bool>(a: *const u8, b: *const u8, n: usize) -> i32 {
    if BOUNDED && n == 0 {
        return 0;
    }
    // SAFETY: neither operand ends before the byte looked at, and vectors stay within the pages of both.
    unsafe {
        let mut i = 0;
        if to_page_end(a).min(to_page_end(b)) >= 32 {
            let stops = stops16(a, b) | stops16(a.add(16), b.add(16)) << 16;
            if stops != 0 {
                let i = stops.trailing_zeros() as usize;
                return if BOUNDED && i >= n { 0 } else { at(a, b, i) };
            }
            i = 32;
        }
        if has_avx512() {
            return if BOUNDED { wide::compare::strncmp(a, b, n, i) } else { wide::compare::strcmp(a, b, i) };
        }
        compare_on::<BOUNDED>(a, b, n, i)
    }
}

#[inline(never)]
unsafe fn compare_on<const BOUNDED: bool>(a: *const u8, b: *const u8, n: usize, mut i: usize) -> i32 {
    // SAFETY: as in `compare`.
    unsafe {
        loop {
            // Whole vectors that both pages still hold.
            let mut room = to_page_end(a.add(i)).min(to_page_end(b.add(i)));
            if i >= LONG && room >= 128 && has_avx2() {
                let limit = if BOUNDED { n } else { usize::MAX };
                match stop_avx2(a.add(i), b.add(i), room, limit - i.min(limit)) {
                    Ok(stop) => return if BOUNDED && i + stop >= n { 0 } else { at(a, b, i + stop) },
                    Err(same) => (i, room) = (i + same, room - same),
                }
            }
            // A comparison that is not long yet looks up after so many bytes.
            if i < LONG {
                room = room.min(LONG);
            }
            while room >= 64 {
                if BOUNDED && i >= n {
                    return 0;
                }
                let load = |p: *const u8, k: usize| _mm_loadu_si128(p.add(i + 16 * k).cast());
                let same = |k: usize| _mm_and_si128(_mm_cmpeq_epi8(load(a, k), load(b, k)), load(a, k));
                let least = _mm_min_epu8(_mm_min_epu8(same(0), same(1)), _mm_min_epu8(same(2), same(3)));
                if _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0 {
                    break;
                }
                i += 64;
                room -= 64;
            }
            while room >= 16 {
                if BOUNDED && i >= n {
                    return 0;
                }
                let stops = stops16(a.add(i), b.add(i));
                if stops != 0 {
                    i += stops.trailing_zeros() as usize;
                    return if BOUNDED && i >= n { 0 } else { at(a, b, i) };
                }
                i += 16;
                room -= 16;
            }
            while room > 0 {
                if BOUNDED && i >= n {
                    return 0;
                }
                if *a.add(i) != *b.add(i) || *a.add(i) == 0 {
                    return at(a, b, i);
                }
                i += 1;
                room -= 1;
            }
        }
    }
}

/// The first byte at which two strings differ or end, `Ok`; or, `Err`, how many bytes were looked at: a multiple of 128 that
/// leaves less than that up to `room` (which both pages hold), or has passed `limit`.
#[inline(never)]
#[target_feature(enable = "avx2")]
unsafe fn stop_avx2(a: *const u8, b: *const u8, room: usize, limit: usize) -> Result<usize, usize> {
    let mut i = 0;
    // SAFETY: both pages hold `room` bytes.
    unsafe {
        while room - i >= 128 && i < limit {
            let load = |p: *const u8, k: usize| _mm256_loadu_si256(p.add(i + 32 * k).cast());
            // Zero where they differ, else the byte itself: zero as well at the end.
            let same = |k: usize| {
                let x = load(a, k);
                _mm256_and_si256(_mm256_cmpeq_epi8(x, load(b, k)), x)
            };
            let parts = [same(0), same(1), same(2), same(3)];
            let least =
                _mm256_min_epu8(_mm256_min_epu8(parts[0], parts[1]), _mm256_min_epu8(parts[2], parts[3]));
            let zeros = |x| _mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256())) as u32;
            if zeros(least) != 0 {
                let pair = |k: usize| u64::from(zeros(parts[k])) | u64::from(zeros(parts[k + 1])) << 32;
                let (low, high) = (pair(0), pair(2));
                let index = if low != 0 { low.trailing_zeros() } else { 64 + high.trailing_zeros() };
                return Ok(i + index as usize);
            }
            i += 128;
        }
    }
    Err(i)
}
