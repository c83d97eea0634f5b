//! Searches for the last byte: `memrchr`, `strrchr`.
//!
//! Aligned blocks throughout, so that no page is touched that holds no byte of the operand.

use crate::find::has_avx2;
use crate::lanes::*;
use crate::wide::{self, has_avx512};
use core::ptr::null_mut;

/// The last byte equal to `c` among the `n` at `s`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: memrchr(3).
///
/// # Safety
/// `s` is readable for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memrchr(s: *const u8, c: i32, n: usize) -> *mut u8 {
    if n == 0 {
        return null_mut();
    }
    let needle = Byte(c as u8);
    if has_avx512() {
        // SAFETY: the caller's promise; the processor has AVX-512.
        return unsafe { wide::find_last::memrchr(s, needle, n) };
    }
    let start = s as usize;
    let end = start + n;
    // The aligned block with the last byte; bits past the end are cut off.
    let mut block = (end - 1) & !(BLOCK - 1);
    let at = |block: usize| s.wrapping_add(block.wrapping_sub(start));
    let last =
        |block: usize, mask: u64| at(block).wrapping_add(63 - mask.leading_zeros() as usize).cast_mut();
    // Bits of the block that are before the operand.
    let before = |block: usize| start.saturating_sub(block);
    // SAFETY: an aligned block with at least one byte of the operand; so are all below.
    let mask = unsafe { mask64(at(block), needle) } & (u64::MAX >> (BLOCK - (end - block)));
    let mask = mask >> before(block) << before(block);
    if mask != 0 {
        return last(block, mask);
    }
    if n > LONG && has_avx2() {
        // SAFETY: the processor has AVX2.
        block = unsafe { skip_back_avx2(at(block), start, needle) };
    }
    while block > start {
        block -= BLOCK;
        // SAFETY: the same.
        unsafe {
            if any64(at(block), needle) {
                let mask = mask64(at(block), needle) >> before(block) << before(block);
                return if mask != 0 { last(block, mask) } else { null_mut() };
            }
        }
    }
    null_mut()
}

/// Operands of more bytes look at the processor's level.
const LONG: usize = 256;

/// Goes back from the block `p` over blocks without a match, as far as they lie within the operand that starts at
/// `start`; the last block without.
#[inline(never)]
#[target_feature(enable = "avx2")]
unsafe fn skip_back_avx2(p: *const u8, start: usize, needle: Byte) -> usize {
    let mut p = p;
    // SAFETY: the two blocks before `p` lie within the operand. They may be aligned to 64 only, which `any128_avx2` takes.
    unsafe {
        while p as usize >= start + 2 * BLOCK && !any128_avx2(p.wrapping_sub(2 * BLOCK), needle) {
            p = p.wrapping_sub(2 * BLOCK);
        }
    }
    p as usize
}

/// The last byte equal to `c` in the string `s`, the terminator included, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strrchr(3).
///
/// # Safety
/// `s` is a string.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strrchr(s: *const u8, c: i32) -> *mut u8 {
    let c = c as u8;
    if has_avx512() {
        // SAFETY: the caller's promise; the processor has AVX-512.
        return unsafe { wide::find_last::strrchr(s, c) };
    }
    // The start of the last block with a match, and its matches.
    let mut found = (s, 0u64);
    let (mut p, mut shift) =
        if in_page(s) { (s, 0) } else { (s.wrapping_sub(s as usize % BLOCK), s as usize % BLOCK) };
    loop {
        // SAFETY: the block holds a byte of the string and stays within a page.
        let (matches, ends) = unsafe { (mask64(p, Byte(c)), mask64(p, Byte(0))) };
        let (matches, ends) = (matches >> shift << shift, ends >> shift << shift);
        if ends != 0 {
            // Up to and with the terminator.
            let matches = matches & (ends ^ (ends - 1));
            if matches != 0 {
                found = (p, matches);
            }
            break;
        }
        if matches != 0 {
            found = (p, matches);
        }
        // The next aligned block, then as far as neither byte occurs.
        p = p.wrapping_add(BLOCK - p as usize % BLOCK);
        shift = 0;
        let from = p;
        // SAFETY: the terminator has not been seen, so each aligned block holds a byte of the string.
        while unsafe { !any64(p, ByteOrNul(c)) } {
            p = p.wrapping_add(BLOCK);
            if p as usize - from as usize == LONG && has_avx2() {
                // SAFETY: the processor has AVX2.
                p = unsafe { skip_avx2(p, ByteOrNul(c)) };
                break;
            }
        }
    }
    match found {
        (_, 0) => null_mut(),
        (block, mask) => block.wrapping_add(63 - mask.leading_zeros() as usize).cast_mut(),
    }
}

/// The first block from `p` on, or the one before it, in which a byte matches.
#[inline(never)]
#[target_feature(enable = "avx2")]
unsafe fn skip_avx2(mut p: *const u8, needle: ByteOrNul) -> *const u8 {
    // SAFETY: as in `strrchr`; pairs of blocks that are aligned as such lie in one page.
    unsafe {
        if !(p as usize).is_multiple_of(2 * BLOCK) {
            if any64(p, needle) {
                return p;
            }
            p = p.wrapping_add(BLOCK);
        }
        while !any128_avx2(p, needle) {
            p = p.wrapping_add(2 * BLOCK);
        }
    }
    p
}

/// `strrchr` under the name of old programs.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: rindex(3).
///
/// # Safety
/// `s` is a string.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn rindex(s: *const u8, c: i32) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { strrchr(s, c) }
}
