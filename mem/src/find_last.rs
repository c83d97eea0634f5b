//! Searches for the last byte: `memrchr`, `strrchr`.
//!
//! Aligned blocks throughout, so that no page is touched that holds no byte of the operand.

use crate::lanes::*;
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
    let start = s as usize;
    let end = start + n;
    // The aligned block with the last byte; bits past the end are cut off.
    let mut block = (end - 1) & !(BLOCK - 1);
    let mut keep = u64::MAX >> (BLOCK - (end - block));
    loop {
        let p = s.wrapping_add(block.wrapping_sub(start));
        // SAFETY: an aligned block with at least one byte of the operand.
        let mut mask = if keep == u64::MAX && unsafe { !any64(p, needle) } {
            0
        } else {
            // SAFETY: the same.
            unsafe { mask64(p, needle) & keep }
        };
        if block < start {
            mask = mask >> (start - block) << (start - block);
        }
        if mask != 0 {
            return p.wrapping_add(63 - mask.leading_zeros() as usize).cast_mut();
        }
        if block <= start {
            return null_mut();
        }
        block -= BLOCK;
        keep = u64::MAX;
    }
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
        // SAFETY: the terminator has not been seen, so each aligned block holds a byte of the string.
        while unsafe { !any64(p, ByteOrNul(c)) } {
            p = p.wrapping_add(BLOCK);
        }
    }
    match found {
        (_, 0) => null_mut(),
        (block, mask) => block.wrapping_add(63 - mask.leading_zeros() as usize).cast_mut(),
    }
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
