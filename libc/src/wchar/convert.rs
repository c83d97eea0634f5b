//! Conversion between multibyte and wide characters, restartable, of characters and of strings.

use core::ffi::{c_char, c_int, c_uint};
use core::ptr::{null, null_mut};

use tidal_rt::Errno;

use super::Wide;
use super::state::{State, Step, write};

/// What a function without a state of the caller's uses: one for each, as ISO C has it.
macro_rules! state_or_own {
    ($state:expr) => {{
        static mut OWN: State = State::new();
        if $state.is_null() { &raw mut OWN } else { $state }
    }};
}

impl State {
    /// No character begun.
    pub const fn new() -> State {
        // SAFETY: two integers.
        unsafe { core::mem::zeroed() }
    }
}

/// A conversion's result in C: a number, or -1 (or -2: incomplete) with `errno`.
fn failed(error: Errno) -> usize {
    error.set();
    usize::MAX
}

const INCOMPLETE: usize = usize::MAX - 1;

/// Reads a character from at most `n` bytes at `s` into `*wide` (unless null): its length, 0 for the null character,
/// `(size_t)-2` if more bytes are needed.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ` if the bytes are no character.
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: ISO C, mbrtowc(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbrtowc(wide: *mut Wide, s: *const c_char, n: usize, state: *mut State) -> usize {
    let state = state_or_own!(state);
    // SAFETY: `s` is null or readable for the bytes of a character, at most `n`; `wide` is null or writable.
    unsafe {
        let (wide, s, n) = if s.is_null() { (null_mut(), c"".as_ptr(), 1) } else { (wide, s, n) };
        // No character is longer than four bytes, and none is read behind a byte that ends it.
        let mut length = 0;
        loop {
            if length == n {
                return INCOMPLETE;
            }
            let byte = *s.add(length) as u8;
            length += 1;
            match (*state).read(&[byte]) {
                Ok(Step::Incomplete) => {}
                Ok(Step::Character(character, _)) => {
                    if !wide.is_null() {
                        *wide = character;
                    }
                    return if character == 0 { 0 } else { length };
                }
                Err(error) => return failed(error),
            }
        }
    }
}

/// [`mbrtowc`] for the length alone.
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: ISO C, mbrlen(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbrlen(s: *const c_char, n: usize, state: *mut State) -> usize {
    let state = state_or_own!(state);
    // SAFETY: the same contract.
    unsafe { mbrtowc(null_mut(), s, n, state) }
}

/// [`mbrlen`] under the name that headers use.
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __mbrlen(s: *const c_char, n: usize, state: *mut State) -> usize {
    // SAFETY: the same contract.
    unsafe { mbrlen(s, n, state) }
}

/// Whether no character is begun in a state; null counts as such.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, mbsinit(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbsinit(state: *const State) -> c_int {
    // SAFETY: null or valid.
    (state.is_null() || unsafe { (*state).is_initial() }).into()
}

/// Writes the bytes of a character to `s`: their number. Null `s` resets the state.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ` if the locale does not have the character.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcrtomb(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcrtomb(s: *mut c_char, wide: Wide, state: *mut State) -> usize {
    // SAFETY: `state` is null or valid; `s` is null or has room for MB_CUR_MAX bytes.
    unsafe {
        if !state.is_null() {
            *state = State::new();
        }
        if s.is_null() {
            return 1;
        }
        match write(wide, &mut [0; 4]) {
            Ok(bytes) => {
                s.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                bytes.len()
            }
            Err(error) => failed(error),
        }
    }
}

/// Converts at most `n` bytes of a string to at most `room` wide characters; how many. Null `dst` only counts. `*src`
/// becomes null when the terminator was converted, otherwise it is left at the next byte.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ`, with `*src` at the bytes that are no character.
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: POSIX, mbsnrtowcs(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbsnrtowcs(
    dst: *mut Wide,
    src: *mut *const c_char,
    n: usize,
    room: usize,
    state: *mut State,
) -> usize {
    let state = state_or_own!(state);
    // SAFETY: `*src` is readable up to its terminator or for `n` bytes, `dst` is null or has room.
    unsafe {
        let mut temporary = *state;
        let start = *src;
        let (mut at, mut count) = (0, 0);
        let end = loop {
            if at >= n || (count == room && !dst.is_null()) {
                break start.add(at.min(n));
            }
            let character_start = at;
            let mut read = temporary.read(&[*start.add(at) as u8]);
            at += 1;
            while read == Ok(Step::Incomplete) && at < n {
                read = temporary.read(&[*start.add(at) as u8]);
                at += 1;
            }
            match read {
                Ok(Step::Character(0, _)) => {
                    if !dst.is_null() {
                        *dst.add(count) = 0;
                    }
                    break null();
                }
                Ok(Step::Character(character, _)) => {
                    if !dst.is_null() {
                        *dst.add(count) = character;
                    }
                    count += 1;
                }
                Ok(Step::Incomplete) => {}
                Err(error) => {
                    if !dst.is_null() {
                        *src = start.add(character_start);
                    }
                    return failed(error);
                }
            }
        };
        if !dst.is_null() {
            *src = end;
            *state = temporary;
        }
        count
    }
}

/// [`mbsnrtowcs`] of a whole string.
///
/// # Errors
/// As for [`mbsnrtowcs`].
///
/// Signal-safe: yes, with a state. Vfork-safe: yes.
/// Source: ISO C, mbsrtowcs(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mbsrtowcs(
    dst: *mut Wide,
    src: *mut *const c_char,
    room: usize,
    state: *mut State,
) -> usize {
    let state = state_or_own!(state);
    // SAFETY: the same contract.
    unsafe { mbsnrtowcs(dst, src, usize::MAX, room, state) }
}

/// Converts at most `n` wide characters of a string to at most `room` bytes; how many. Null `dst` only counts. `*src`
/// becomes null when the terminator was converted, otherwise it is left at the next character.
///
/// # Errors
/// `(size_t)-1` and `EILSEQ`, with `*src` at a character that the locale does not have.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, wcsnrtombs(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsnrtombs(
    dst: *mut c_char,
    src: *mut *const Wide,
    n: usize,
    room: usize,
    _state: *mut State,
) -> usize {
    // SAFETY: `*src` is readable up to its terminator or for `n` characters, `dst` is null or has room.
    unsafe {
        let start = *src;
        let (mut at, mut count) = (0, 0);
        let end = loop {
            if at == n || (count == room && !dst.is_null()) {
                break start.add(at);
            }
            let character = *start.add(at);
            let mut buffer = [0; 4];
            let bytes = match write(character, &mut buffer) {
                Ok(bytes) => bytes,
                Err(error) => {
                    if !dst.is_null() {
                        *src = start.add(at);
                    }
                    return failed(error);
                }
            };
            if !dst.is_null() {
                if count + bytes.len() > room {
                    break start.add(at);
                }
                dst.add(count).cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            }
            if character == 0 {
                break null();
            }
            (at, count) = (at + 1, count + bytes.len());
        };
        if !dst.is_null() {
            *src = end;
        }
        count
    }
}

/// [`wcsnrtombs`] of a whole string.
///
/// # Errors
/// As for [`wcsnrtombs`].
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wcsrtombs(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wcsrtombs(
    dst: *mut c_char,
    src: *mut *const Wide,
    room: usize,
    state: *mut State,
) -> usize {
    // SAFETY: the same contract.
    unsafe { wcsnrtombs(dst, src, usize::MAX, room, state) }
}

/// The wide character of a byte that is a character by itself, else `WEOF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, btowc(3).
#[unsafe(no_mangle)]
pub extern "C" fn btowc(c: c_int) -> c_uint {
    if (0..0x80).contains(&c) { c as c_uint } else { c_uint::MAX }
}

/// The byte of a wide character that one byte represents, else `EOF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, wctob(3).
#[unsafe(no_mangle)]
pub extern "C" fn wctob(c: c_uint) -> c_int {
    if c < 0x80 { c as c_int } else { -1 }
}
