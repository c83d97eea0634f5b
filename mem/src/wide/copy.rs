//! `stpcpy`, in one pass.

use super::{first, load};
use crate::lanes::{BLOCK, in_page};
use core::arch::x86_64::*;

/// Copies the string `src` with its terminator to `dst` and returns the end of the copy.
///
/// # Safety
/// `src` is a string, `dst` has room for it, they do not overlap, and the processor has AVX-512.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512bw,bmi1,bmi2")]
pub unsafe fn stpcpy(dst: *mut u8, src: *const u8) -> *mut u8 {
    // SAFETY: blocks in a page with bytes of the string; what is stored is the string's.
    unsafe {
        let mut i = 0;
        if !in_page(src) {
            // The rest of the aligned block, by a masked load.
            let count = BLOCK - src as usize % BLOCK;
            let x = _mm512_maskz_loadu_epi8(first(count), src.cast());
            let ends = _mm512_testn_epi8_mask(x, x) & first(count);
            let end = if ends != 0 { ends.trailing_zeros() as usize } else { count - 1 };
            _mm512_mask_storeu_epi8(dst.cast(), first(end + 1), x);
            if ends != 0 {
                return dst.add(end);
            }
            i = count;
        }
        loop {
            let x = load(src.add(i));
            let ends = _mm512_testn_epi8_mask(x, x);
            if ends != 0 {
                let end = ends.trailing_zeros() as usize;
                _mm512_mask_storeu_epi8(dst.add(i).cast(), first(end + 1), x);
                return dst.add(i + end);
            }
            _mm512_storeu_si512(dst.add(i).cast(), x);
            // The next aligned block: once, bytes are copied twice.
            i += BLOCK - (src as usize + i) % BLOCK;
        }
    }
}
