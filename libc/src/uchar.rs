//! `<uchar.h>`: UTF-16 and UTF-32 characters. The latter are wide characters under another name.

use core::ffi::c_char;

use tidal_rt::Errno;

use crate::wchar::Wide;
use crate::wchar::convert::{mbrtowc, wcrtomb};
use crate::wchar::state::State;

/// As [`mbrtowc`].
///
/// # Errors
/// As for [`mbrtowc`].
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: ISO C, mbrtoc32(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbrtoc32(to: *mut u32, s: *const c_char, n: usize, state: *mut State) -> usize {
    // SAFETY: the same contract.
    unsafe { mbrtowc(to.cast::<Wide>(), s, n, state) }
}

/// As [`wcrtomb`].
///
/// # Errors
/// As for [`wcrtomb`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, c32rtomb(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn c32rtomb(s: *mut c_char, c: u32, state: *mut State) -> usize {
    // SAFETY: the same contract.
    unsafe { wcrtomb(s, c, state) }
}

/// Reads a character: the first of its UTF-16 units and its length in bytes; for the second unit of a pair, `(size_t)-3` at the
/// next call.
///
/// # Errors
/// As for [`mbrtowc`].
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: ISO C, mbrtoc16(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbrtoc16(to: *mut u16, s: *const c_char, n: usize, state: *mut State) -> usize {
    static mut OWN: State = State::new();
    // SAFETY: `state` is null or valid, and ISO C lets one thread at a time use the function's own.
    let state = unsafe { &mut *(if state.is_null() { &raw mut OWN } else { state }) };
    // SAFETY: `to` is null or writable.
    let store = |unit: u16| unsafe {
        if !to.is_null() {
            *to = unit;
        }
    };
    if let Some(second) = state.take_pending() {
        store(second);
        return usize::MAX - 2;
    }
    let mut wide = 0;
    // SAFETY: the same contract.
    let length = unsafe {
        if s.is_null() {
            mbrtowc(core::ptr::null_mut(), s, n, state)
        } else {
            mbrtowc(&mut wide, s, n, state)
        }
    };
    if length <= n || s.is_null() {
        let mut units = [0; 2];
        let units = char::from_u32(wide).unwrap_or('\0').encode_utf16(&mut units);
        store(units[0]);
        if let Some(second) = units.get(1) {
            state.set_pending(*second);
        }
    }
    length
}

/// Writes the bytes of a character given in UTF-16 units: 0 for the first of a pair.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ` for half a pair, or a character that the locale does not have.
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: ISO C, c16rtomb(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn c16rtomb(s: *mut c_char, unit: u16, state: *mut State) -> usize {
    static mut OWN: State = State::new();
    // SAFETY: as in `mbrtoc16`.
    let state = unsafe { &mut *(if state.is_null() { &raw mut OWN } else { state }) };
    if s.is_null() {
        *state = State::new();
        return 1;
    }
    let first = state.take_pending();
    if first.is_none() && (0xd800..0xdc00).contains(&unit) {
        state.set_pending(unit);
        return 0;
    }
    let mut units = char::decode_utf16(first.into_iter().chain([unit]));
    match (units.next(), units.next()) {
        // SAFETY: the same contract.
        (Some(Ok(c)), None) => unsafe { wcrtomb(s, c.into(), core::ptr::null_mut()) },
        _ => {
            Errno::EILSEQ.set();
            usize::MAX
        }
    }
}
