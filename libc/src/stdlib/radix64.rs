//! `a64l`, `l64a`, `getsubopt`.

use core::ffi::{c_char, c_int, c_long};
use core::ptr::null_mut;

use tidal_mem::find::strchrnul;

use crate::cstr::bytes;

const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number of up to six digits in base 64, the lowest first. Of the 36 bits of six digits 32 count.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, a64l(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn a64l(text: *const c_char) -> c_long {
    // SAFETY: `text` is a string.
    let digits = unsafe { bytes(text) }.iter().take(6).map_while(|c| DIGITS.iter().position(|d| d == c));
    digits.enumerate().fold(0, |value, (i, digit)| value | (digit as c_long) << (6 * i)) & 0xffff_ffff
}

/// The low 32 bits of `value` in base 64, the lowest digit first, in a place that the next call overwrites.
///
/// Signal-safe: no. Vfork-safe: no.
/// Source: POSIX, l64a(3).
#[unsafe(no_mangle)]
pub extern "C" fn l64a(value: c_long) -> *mut c_char {
    static mut TEXT: [u8; 7] = [0; 7];
    let mut text = [0; 7];
    let mut rest = value as u32;
    for place in &mut text {
        if rest == 0 {
            break;
        }
        *place = DIGITS[(rest & 63) as usize];
        rest >>= 6;
    }
    // SAFETY: POSIX lets no two threads call l64a at a time.
    unsafe {
        TEXT = text;
        (&raw mut TEXT).cast()
    }
}

/// Takes the next of the comma-separated options at `*place`: the index of its name in `names` (ended by null), or -1;
/// `*value` is what follows `=`, or null. For an unknown name `*value` is the whole option.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, getsubopt(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getsubopt(
    place: *mut *mut c_char,
    names: *const *mut c_char,
    value: *mut *mut c_char,
) -> c_int {
    // SAFETY: `*place` is a string, `names` an array ended by null, and `value` is writable.
    unsafe {
        let option = *place;
        if *option == 0 {
            return -1;
        }
        let end: *mut c_char = strchrnul(option.cast(), b','.into()).cast();
        if *end == 0 {
            *place = end;
        } else {
            *end = 0;
            *place = end.add(1);
        }
        let text = bytes(option);
        let equals = text.iter().position(|c| *c == b'=');
        let name = &text[..equals.unwrap_or(text.len())];
        let mut index = 0;
        while !(*names.add(index)).is_null() {
            if bytes(*names.add(index)) == name {
                *value = equals.map_or(null_mut(), |i| option.add(i + 1));
                return index as c_int;
            }
            index += 1;
        }
        *value = option;
        -1
    }
}
