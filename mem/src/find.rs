//! Searches for a byte: `strlen`, `strnlen`, `memchr`, `rawmemchr`, `strchr`, `strchrnul`.
//!
//! All are one search. It reads the first block where it stands if that stays within a page, otherwise the aligned block
//! that contains it; from then on aligned blocks, which never touch a page without a byte of the operand. Bytes after the
//! end are read (and ignored) only within a block that holds a byte before it.

use crate::cpu::{AVX2, LEVEL, UNKNOWN, account};
use crate::lanes::*;
use crate::wide::{self, has_avx512};
use core::sync::atomic::Ordering::Relaxed;

/// Blocks searched with SSE2 before the processor's level is looked at.
const SHORT: usize = 4;
/// What a search that has become long counts for: its length is not known beforehand.
const LONG: usize = 1024;

/// The index of the first match among `limit` bytes at `p`; `limit` or more when there is none.
///
/// # Safety
/// The bytes at `p` up to the first match or `limit`, whichever is less, can be read.
#[inline(always)]
unsafe fn find<N: Needle>(p: *const u8, limit: usize, needle: N) -> usize {
    // SAFETY: every block read starts before `limit` and before the first match, and lies within one page.
    unsafe {
        if in_page(p) {
            let mask = mask32(p, needle);
            if mask != 0 {
                return mask.trailing_zeros() as usize;
            }
            if limit <= 32 {
                return limit;
            }
            if has_avx512() {
                return wide::find::find(p, limit, needle);
            }
            let mask = mask32(p.add(32), needle);
            if mask != 0 {
                return 32 + mask.trailing_zeros() as usize;
            }
            find_aligned(p, limit, BLOCK - p as usize % BLOCK, needle)
        } else {
            if has_avx512() {
                return wide::find::find(p, limit, needle);
            }
            let skip = p as usize % BLOCK;
            let mask = mask64(p.wrapping_sub(skip), needle) >> skip;
            if mask != 0 {
                return mask.trailing_zeros() as usize;
            }
            find_aligned(p, limit, BLOCK - skip, needle)
        }
    }
}

/// `find` from index `i` on, where `p + i` is aligned to a block.
#[inline(never)]
unsafe fn find_aligned<N: Needle>(p: *const u8, limit: usize, mut i: usize, needle: N) -> usize {
    let mut stop = i.saturating_add(SHORT * BLOCK).min(limit);
    loop {
        while i < stop {
            // SAFETY: as in `find`; blocks are aligned.
            unsafe {
                if any64(p.add(i), needle) {
                    return i + mask64(p.add(i), needle).trailing_zeros() as usize;
                }
            }
            i += BLOCK;
        }
        if i >= limit {
            return limit;
        }
        if has_avx2() {
            // SAFETY: the caller's promise; the processor has AVX2.
            return unsafe { find_avx2(p, limit, i, needle) };
        }
        stop = limit;
    }
}

/// Looks at the level, counting this search when nothing is known yet.
#[inline(always)]
pub fn has_avx2() -> bool {
    let level = LEVEL.load(Relaxed);
    if level == UNKNOWN { account(LONG) >= AVX2 } else { level >= AVX2 }
}

#[inline(never)]
#[target_feature(enable = "avx2")]
unsafe fn find_avx2<N: Needle>(p: *const u8, limit: usize, mut i: usize, needle: N) -> usize {
    // SAFETY: as in `find_aligned`; pairs of blocks are aligned to 128 bytes, so within a page.
    unsafe {
        if !(p as usize + i).is_multiple_of(2 * BLOCK) {
            let mask = mask64_avx2(p.add(i), needle);
            if mask != 0 {
                return i + mask.trailing_zeros() as usize;
            }
            i += BLOCK;
        }
        while i < limit {
            if any128_avx2(p.add(i), needle) {
                let mask = mask64_avx2(p.add(i), needle);
                if mask != 0 {
                    return i + mask.trailing_zeros() as usize;
                }
                return i + BLOCK + mask64_avx2(p.add(i + BLOCK), needle).trailing_zeros() as usize;
            }
            i += 2 * BLOCK;
        }
    }
    limit
}

/// The length of the string `s`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strlen(3).
///
/// # Safety
/// `s` is a string.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strlen(s: *const u8) -> usize {
    // SAFETY: the search ends at the terminator.
    unsafe { find(s, usize::MAX, Byte(0)) }
}

/// The length of the string `s`, or `n` if there is no terminator in its first `n` bytes.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, strnlen(3).
///
/// # Safety
/// `s` is readable up to its terminator or for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strnlen(s: *const u8, n: usize) -> usize {
    if n == 0 {
        return 0;
    }
    // SAFETY: the caller's promise.
    unsafe { find(s, n, Byte(0)).min(n) }
}

/// The first byte equal to `c` among the `n` at `s`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, memchr(3).
///
/// # Safety
/// `s` is readable up to the match or for `n` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memchr(s: *const u8, c: i32, n: usize) -> *mut u8 {
    if n == 0 {
        return core::ptr::null_mut();
    }
    // SAFETY: the caller's promise.
    let i = unsafe { find(s, n, Byte(c as u8)) };
    if i < n { s.wrapping_add(i).cast_mut() } else { core::ptr::null_mut() }
}

/// The first byte equal to `c` at or after `s`; there must be one.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: rawmemchr(3).
///
/// # Safety
/// `s` is readable up to the match.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn rawmemchr(s: *const u8, c: i32) -> *mut u8 {
    // SAFETY: the caller's promise.
    s.wrapping_add(unsafe { find(s, usize::MAX, Byte(c as u8)) }).cast_mut()
}

/// The first byte equal to `c` in the string `s`, or its terminator.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strchrnul(3).
///
/// # Safety
/// `s` is a string.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strchrnul(s: *const u8, c: i32) -> *mut u8 {
    // SAFETY: the search ends at the terminator.
    s.wrapping_add(unsafe { find(s, usize::MAX, ByteOrNul(c as u8)) }).cast_mut()
}

/// The first byte equal to `c` in the string `s`, the terminator included, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strchr(3).
///
/// # Safety
/// `s` is a string.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strchr(s: *const u8, c: i32) -> *mut u8 {
    // SAFETY: the search ends at the terminator, so the byte found can be read.
    unsafe {
        let p = s.add(find(s, usize::MAX, ByteOrNul(c as u8)));
        if *p == c as u8 { p.cast_mut() } else { core::ptr::null_mut() }
    }
}

/// `strchr` under the name of old programs.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: index(3).
///
/// # Safety
/// `s` is a string.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn index(s: *const u8, c: i32) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe { strchr(s, c) }
}
