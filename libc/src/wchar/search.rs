//! Searches in wide strings.

use core::ptr::{null, null_mut};

use super::Wide;
use super::strings::{characters, wcslen};

/// The place of character `i` of `s`, or null.
fn place(s: *const Wide, i: Option<usize>) -> *mut Wide {
    i.map_or(null(), |i| s.wrapping_add(i)).cast_mut()
}

/// The first `c` among `n` characters, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wmemchr(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wmemchr(s: *const Wide, c: Wide, n: usize) -> *mut Wide {
    // SAFETY: `s` is readable up to the match or for `n` characters.
    place(s, (0..n).find(|i| unsafe { *s.add(*i) } == c))
}

/// The first `c` in a string, or its terminator.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: wcschrnul(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcschrnul(s: *const Wide, c: Wide) -> *mut Wide {
    // SAFETY: the search ends at the terminator.
    place(s, (0..).find(|i| unsafe { *s.add(*i) == c || *s.add(*i) == 0 }))
}

/// The first `c` in a string, the terminator included, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcschr(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcschr(s: *const Wide, c: Wide) -> *mut Wide {
    // SAFETY: `s` is a string.
    unsafe {
        let found = wcschrnul(s, c);
        if *found == c { found } else { null_mut() }
    }
}

/// The last `c` in a string, the terminator included, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsrchr(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsrchr(s: *const Wide, c: Wide) -> *mut Wide {
    // SAFETY: `s` is a string.
    unsafe { place(s, (0..=wcslen(s)).rev().find(|i| *s.add(*i) == c)) }
}

/// The length of the part of `s` without characters in `reject`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcscspn(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcscspn(s: *const Wide, reject: *const Wide) -> usize {
    // SAFETY: both are strings.
    let (s, reject) = unsafe { (characters(s), characters(reject)) };
    s.iter().take_while(|c| !reject.contains(c)).count()
}

/// The length of the part of `s` that consists of characters in `accept`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsspn(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsspn(s: *const Wide, accept: *const Wide) -> usize {
    // SAFETY: both are strings.
    let (s, accept) = unsafe { (characters(s), characters(accept)) };
    s.iter().take_while(|c| accept.contains(c)).count()
}

/// The first character of `s` that is in `accept`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcspbrk(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcspbrk(s: *const Wide, accept: *const Wide) -> *mut Wide {
    // SAFETY: both are strings.
    unsafe {
        let found = s.add(wcscspn(s, accept));
        if *found == 0 { null_mut() } else { found.cast_mut() }
    }
}

/// The first place of `needle` in `haystack`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsstr(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsstr(haystack: *const Wide, needle: *const Wide) -> *mut Wide {
    // SAFETY: both are strings.
    let (all, wanted) = unsafe { (characters(haystack), characters(needle)) };
    if wanted.is_empty() {
        return haystack.cast_mut();
    }
    place(haystack, all.windows(wanted.len()).position(|w| w == wanted))
}

crate::macros::aliases! {
    fn wcswcs(haystack: *const Wide, needle: *const Wide) -> *mut Wide = wcsstr;
}
