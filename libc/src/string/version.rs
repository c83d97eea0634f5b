//! `strverscmp`: names with version numbers in the order people expect.

use core::cmp::Ordering;
use core::ffi::{c_char, c_int};

use crate::cstr::bytes;

/// Compares runs of digits as numbers and the rest as bytes. Digits that follow a leading zero are a fraction: `000` <
/// `00` < `01` < `010` < `09` < `0` < `1` < `9` < `10`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strverscmp(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strverscmp(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: both are strings.
    let (a, b) = unsafe { (bytes(a), bytes(b)) };
    compare(a, b) as c_int
}

/// [`strverscmp`] under its internal name.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __strverscmp(a: *const c_char, b: *const c_char) -> c_int {
    // SAFETY: the same contract.
    unsafe { strverscmp(a, b) }
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let at = |s: &[u8], i: usize| s.get(i).copied().unwrap_or(0);
    let is_digit = |s: &[u8], i: usize| at(s, i).is_ascii_digit();
    let Some(differ) = (0..a.len().max(b.len())).find(|&i| at(a, i) != at(b, i)) else {
        return Ordering::Equal;
    };
    let by_byte = at(a, differ).cmp(&at(b, differ));
    // The digits right before the difference, which both have.
    let start = (0..differ).rev().take_while(|&i| a[i].is_ascii_digit()).last().unwrap_or(differ);
    let fraction = start < differ && a[start] == b'0';
    if fraction {
        // As long as there are only zeros before, a further digit makes the number smaller than its end does.
        let only_zeros = a[start..differ].iter().all(|d| *d == b'0');
        return match (is_digit(a, differ), is_digit(b, differ)) {
            (true, false) if only_zeros => Ordering::Less,
            (false, true) if only_zeros => Ordering::Greater,
            _ => by_byte,
        };
    }
    if start == differ && !(is_digit(a, differ) && is_digit(b, differ)) {
        return by_byte;
    }
    if start == differ && (at(a, differ) == b'0' || at(b, differ) == b'0') {
        // One of the numbers is a fraction, the other is not.
        return by_byte;
    }
    // Two integers: the longer is larger.
    let digits = |s: &[u8]| (differ..).take_while(|&i| is_digit(s, i)).count();
    digits(a).cmp(&digits(b)).then(by_byte)
}
