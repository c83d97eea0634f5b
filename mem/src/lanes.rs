//! Blocks of 64 bytes as bit masks: what the search functions are written in.
//!
//! Bit *i* of a mask speaks of byte *i* of the block. Two implementations: four SSE2 registers, which every x86-64 has,
//! and two AVX2 registers, used in long searches when `cpu` has found AVX2. A third is in `wide`.

use core::arch::x86_64::*;

/// Bytes in a block. A block aligned to its size lies in one page and one cache line.
pub const BLOCK: usize = 64;
const PAGE: usize = 4096;

/// Whether a block that starts at `p`, aligned or not, stays within the page of `p`.
#[inline(always)]
pub fn in_page<T>(p: *const T) -> bool {
    p as usize & (PAGE - 1) <= PAGE - BLOCK
}

/// Bytes from `p` to the end of its page.
#[inline(always)]
pub fn to_page_end(p: *const u8) -> usize {
    PAGE - (p as usize & (PAGE - 1))
}

/// Which bytes a search stops at.
pub trait Needle: Copy {
    /// All bits of each byte of `x` that matches.
    fn sse2(self, x: __m128i) -> __m128i;
    /// The same for 32 bytes.
    ///
    /// # Safety
    /// The processor has AVX2.
    unsafe fn avx2(self, x: __m256i) -> __m256i;
    /// Zero in each of 64 bytes that matches, and there alone.
    ///
    /// # Safety
    /// The processor has AVX-512.
    unsafe fn avx512(self, x: __m512i) -> __m512i;
}

/// A byte equal to this one.
#[derive(Clone, Copy)]
pub struct Byte(pub u8);

impl Needle for Byte {
    #[inline(always)]
    fn sse2(self, x: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_cmpeq_epi8(x, _mm_set1_epi8(self.0 as i8)) }
    }

    #[inline(always)]
    unsafe fn avx2(self, x: __m256i) -> __m256i {
        // SAFETY: the caller has AVX2.
        unsafe { _mm256_cmpeq_epi8(x, _mm256_set1_epi8(self.0 as i8)) }
    }

    #[inline(always)]
    unsafe fn avx512(self, x: __m512i) -> __m512i {
        // SAFETY: the caller has AVX-512.
        unsafe { _mm512_xor_si512(x, _mm512_set1_epi8(self.0 as i8)) }
    }
}

/// A byte equal to this one, or the end of the string.
#[derive(Clone, Copy)]
pub struct ByteOrNul(pub u8);

impl Needle for ByteOrNul {
    #[inline(always)]
    fn sse2(self, x: __m128i) -> __m128i {
        // min(x ^ c, x) is zero exactly where x is c or zero.
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let min = _mm_min_epu8(_mm_xor_si128(x, _mm_set1_epi8(self.0 as i8)), x);
            _mm_cmpeq_epi8(min, _mm_setzero_si128())
        }
    }

    #[inline(always)]
    unsafe fn avx2(self, x: __m256i) -> __m256i {
        // SAFETY: the caller has AVX2.
        unsafe {
            let min = _mm256_min_epu8(_mm256_xor_si256(x, _mm256_set1_epi8(self.0 as i8)), x);
            _mm256_cmpeq_epi8(min, _mm256_setzero_si256())
        }
    }

    #[inline(always)]
    unsafe fn avx512(self, x: __m512i) -> __m512i {
        // SAFETY: the caller has AVX-512.
        unsafe { _mm512_min_epu8(_mm512_xor_si512(x, _mm512_set1_epi8(self.0 as i8)), x) }
    }
}

/// The matching bytes among the 16 at `p`.
///
/// # Safety
/// 16 bytes at `p` can be read.
#[inline(always)]
pub unsafe fn mask16<N: Needle>(p: *const u8, needle: N) -> u32 {
    // SAFETY: the caller's promise; SSE2 is part of x86-64.
    unsafe { _mm_movemask_epi8(needle.sse2(_mm_loadu_si128(p.cast()))) as u32 }
}

/// The matching bytes among the 32 at `p`.
///
/// # Safety
/// 32 bytes at `p` can be read.
#[inline(always)]
pub unsafe fn mask32<N: Needle>(p: *const u8, needle: N) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { mask16(p, needle) | mask16(p.add(16), needle) << 16 }
}

/// The matching bytes among the 64 at `p`.
///
/// # Safety
/// 64 bytes at `p` can be read.
#[inline(always)]
pub unsafe fn mask64<N: Needle>(p: *const u8, needle: N) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { mask32(p, needle) as u64 | (mask32(p.add(32), needle) as u64) << 32 }
}

/// Whether any of the 64 bytes at `p`, aligned to 16, matches: cheaper than the mask.
///
/// # Safety
/// 64 bytes at `p` can be read and `p` is aligned to 16.
#[inline(always)]
pub unsafe fn any64<N: Needle>(p: *const u8, needle: N) -> bool {
    // SAFETY: the caller's promise; SSE2 is part of x86-64.
    unsafe {
        let p: *const __m128i = p.cast();
        let hit = |i| needle.sse2(_mm_load_si128(p.add(i)));
        let all = _mm_or_si128(_mm_or_si128(hit(0), hit(1)), _mm_or_si128(hit(2), hit(3)));
        _mm_movemask_epi8(all) != 0
    }
}

/// The matching bytes among the 64 at `p`, with AVX2.
///
/// # Safety
/// 64 bytes at `p` can be read and the processor has AVX2.
#[inline(always)]
pub unsafe fn mask64_avx2<N: Needle>(p: *const u8, needle: N) -> u64 {
    // SAFETY: the caller's promise.
    unsafe {
        let p: *const __m256i = p.cast();
        let low = _mm256_movemask_epi8(needle.avx2(_mm256_loadu_si256(p))) as u32;
        let high = _mm256_movemask_epi8(needle.avx2(_mm256_loadu_si256(p.add(1)))) as u32;
        low as u64 | (high as u64) << 32
    }
}

/// Whether any of the 128 bytes at `p`, aligned to 32, matches, with AVX2.
///
/// # Safety
/// 128 bytes at `p` can be read, `p` is aligned to 32, and the processor has AVX2.
#[inline(always)]
pub unsafe fn any128_avx2<N: Needle>(p: *const u8, needle: N) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let p: *const __m256i = p.cast();
        let hit = |i| needle.avx2(_mm256_load_si256(p.add(i)));
        let all = _mm256_or_si256(_mm256_or_si256(hit(0), hit(1)), _mm256_or_si256(hit(2), hit(3)));
        _mm256_movemask_epi8(all) != 0
    }
}
