//! Checked forms of the wide copies and of the conversions between wide and multibyte strings.

use core::ffi::{c_char, c_int};

use super::checked;
use crate::locale::__ctype_get_mb_cur_max as longest;
use crate::stdlib::multibyte::{mbstowcs, wcstombs, wctomb};
use crate::wchar::Wide;
use crate::wchar::convert::{mbsnrtowcs, mbsrtowcs, wcrtomb, wcsnrtombs, wcsrtombs};
use crate::wchar::copy::{
    wcpcpy, wcpncpy, wcscat, wcscpy, wcsncat, wcsncpy, wmemcpy, wmemmove, wmempcpy, wmemset,
};
use crate::wchar::state::State;
use crate::wchar::strings::{wcslen, wcsnlen};

checked! { "C":
    __wmemcpy_chk(dst: *mut Wide, src: *const Wide, n: usize, room: usize) -> *mut Wide {
        n, room => wmemcpy(dst, src, n)
    }
    __wmemmove_chk(dst: *mut Wide, src: *const Wide, n: usize, room: usize) -> *mut Wide {
        n, room => wmemmove(dst, src, n)
    }
    __wmempcpy_chk(dst: *mut Wide, src: *const Wide, n: usize, room: usize) -> *mut Wide {
        n, room => wmempcpy(dst, src, n)
    }
    __wmemset_chk(dst: *mut Wide, c: Wide, n: usize, room: usize) -> *mut Wide { n, room => wmemset(dst, c, n) }
    __wcscpy_chk(dst: *mut Wide, src: *const Wide, room: usize) -> *mut Wide {
        wcslen(src) + 1, room => wcscpy(dst, src)
    }
    __wcpcpy_chk(dst: *mut Wide, src: *const Wide, room: usize) -> *mut Wide {
        wcslen(src) + 1, room => wcpcpy(dst, src)
    }
    __wcsncpy_chk(dst: *mut Wide, src: *const Wide, n: usize, room: usize) -> *mut Wide {
        n, room => wcsncpy(dst, src, n)
    }
    __wcpncpy_chk(dst: *mut Wide, src: *const Wide, n: usize, room: usize) -> *mut Wide {
        n, room => wcpncpy(dst, src, n)
    }
    __wcscat_chk(dst: *mut Wide, src: *const Wide, room: usize) -> *mut Wide {
        wcslen(dst) + wcslen(src) + 1, room => wcscat(dst, src)
    }
    __wcsncat_chk(dst: *mut Wide, src: *const Wide, n: usize, room: usize) -> *mut Wide {
        wcslen(dst) + wcsnlen(src, n) + 1, room => wcsncat(dst, src, n)
    }
    __mbstowcs_chk(dst: *mut Wide, src: *const c_char, n: usize, room: usize) -> usize {
        n, room => mbstowcs(dst, src, n)
    }
    __wcstombs_chk(dst: *mut c_char, src: *const Wide, n: usize, room: usize) -> usize {
        n, room => wcstombs(dst, src, n)
    }
    __mbsrtowcs_chk(dst: *mut Wide, src: *mut *const c_char, n: usize, state: *mut State, room: usize) -> usize {
        n, room => mbsrtowcs(dst, src, n, state)
    }
    __wcsrtombs_chk(dst: *mut c_char, src: *mut *const Wide, n: usize, state: *mut State, room: usize) -> usize {
        n, room => wcsrtombs(dst, src, n, state)
    }
    __mbsnrtowcs_chk(
        dst: *mut Wide,
        src: *mut *const c_char,
        bytes: usize,
        n: usize,
        state: *mut State,
        room: usize,
    ) -> usize { n, room => mbsnrtowcs(dst, src, bytes, n, state) }
    __wcsnrtombs_chk(
        dst: *mut c_char,
        src: *mut *const Wide,
        characters: usize,
        n: usize,
        state: *mut State,
        room: usize,
    ) -> usize { n, room => wcsnrtombs(dst, src, characters, n, state) }
    __wctomb_chk(dst: *mut c_char, c: Wide, room: usize) -> c_int { longest(), room => wctomb(dst, c) }
    __wcrtomb_chk(dst: *mut c_char, c: Wide, state: *mut State, room: usize) -> usize {
        longest(), room => wcrtomb(dst, c, state)
    }
}
