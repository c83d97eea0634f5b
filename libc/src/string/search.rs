//! Searches for sets of bytes and for substrings.

use core::ffi::{c_char, c_void};
use core::ptr::{null, null_mut};

use memchr::memmem::FinderBuilder;
use tidal_mem::find::{strchr, strchrnul};

use crate::cstr::bytes;

/// A set of bytes, one bit for each.
struct ByteSet([u64; 4]);

impl ByteSet {
    fn new(members: &[u8]) -> ByteSet {
        let mut set = ByteSet([0; 4]);
        members.iter().for_each(|b| set.0[usize::from(b >> 6)] |= 1 << (b & 63));
        set
    }

    #[inline(always)]
    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }
}

/// How many bytes of the string `s` come before the first that is, or is not, in `set`.
///
/// # Safety
/// Both are strings.
unsafe fn span(s: *const c_char, set: *const c_char, wanted: bool) -> usize {
    // SAFETY: both are strings; the walk ends at the terminator, which no set has.
    unsafe {
        let set = ByteSet::new(bytes(set));
        let mut n = 0;
        loop {
            let byte = *s.add(n) as u8;
            if byte == 0 || set.has(byte) != wanted {
                return n;
            }
            n += 1;
        }
    }
}

/// The length of the part of `s` that consists of bytes in `accept`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strspn(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strspn(s: *const c_char, accept: *const c_char) -> usize {
    // SAFETY: both are strings.
    unsafe { span(s, accept, true) }
}

/// The length of the part of `s` without bytes in `reject`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strcspn(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcspn(s: *const c_char, reject: *const c_char) -> usize {
    // SAFETY: both are strings, so the first byte of `reject` can be read, and the second if that is not the last.
    unsafe {
        if *reject == 0 || *reject.add(1) == 0 {
            let end = strchrnul(s.cast(), (*reject).into());
            return end.offset_from_unsigned(s.cast());
        }
        span(s, reject, false)
    }
}

/// The first byte of `s` that is in `accept`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strpbrk(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strpbrk(s: *const c_char, accept: *const c_char) -> *mut c_char {
    // SAFETY: both are strings, and `strcspn` stays within `s`.
    unsafe {
        let found = s.add(strcspn(s, accept));
        if *found == 0 { null_mut() } else { found.cast_mut() }
    }
}

/// Below this many bytes building a searcher costs more than it saves.
const SHORT_HAYSTACK: usize = 64;

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if haystack.len() < SHORT_HAYSTACK {
        // Quadratic, but in what is at most 64 by 64.
        return haystack
            .windows(needle.len().max(1))
            .position(|w| w.starts_with(needle))
            .or_else(|| (needle.is_empty()).then_some(0));
    }
    FinderBuilder::new().build_forward(needle).find(haystack)
}

/// The first place of the string `needle` in the string `haystack`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, strstr(3). Linear: the search is the `memchr` crate's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strstr(haystack: *const c_char, needle: *const c_char) -> *mut c_char {
    // SAFETY: both are strings.
    unsafe {
        let wanted = bytes(needle);
        let Some(first) = wanted.first() else { return haystack.cast_mut() };
        // To the first candidate: often that settles it without the length of the rest.
        let start: *const c_char = strchr(haystack.cast(), (*first).into()).cast();
        if start.is_null() || wanted.len() == 1 {
            return start.cast_mut();
        }
        find(bytes(start), wanted).map_or(null_mut(), |i| start.add(i).cast_mut())
    }
}

/// The first place of `needle` in `haystack`, both of given length, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: memmem(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memmem(
    haystack: *const c_void,
    haystack_len: usize,
    needle: *const c_void,
    needle_len: usize,
) -> *mut c_void {
    if needle_len == 0 {
        return haystack.cast_mut();
    }
    if needle_len > haystack_len {
        return null_mut();
    }
    // SAFETY: both are readable for their (nonzero) lengths.
    let (all, wanted) = unsafe {
        (
            core::slice::from_raw_parts(haystack.cast::<u8>(), haystack_len),
            core::slice::from_raw_parts(needle.cast::<u8>(), needle_len),
        )
    };
    find(all, wanted).map_or(null::<c_void>(), |i| haystack.wrapping_byte_add(i)).cast_mut()
}

/// The first place of `needle` in `haystack` without regard to the case of ASCII letters, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: strcasestr(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcasestr(haystack: *const c_char, needle: *const c_char) -> *mut c_char {
    // SAFETY: both are strings.
    let (all, wanted) = unsafe { (bytes(haystack), bytes(needle)) };
    if wanted.is_empty() {
        return haystack.cast_mut();
    }
    let found = all.windows(wanted.len()).position(|w| w.eq_ignore_ascii_case(wanted));
    found.map_or(null_mut(), |i| haystack.wrapping_add(i).cast_mut())
}
