//! `<unistd.h>`: `confstr`: configuration variables that are strings.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use tidal_rt::Errno;

/// Copies a configuration string; the bytes it needs with its NUL, 0 if there is none of that name.
///
/// # Errors
/// 0 and `EINVAL` for a name that does not exist.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn confstr(name: c_int, buffer: *mut c_char, size: usize) -> usize {
    let Some(value) = value(name) else {
        Errno::EINVAL.set();
        return 0;
    };
    let value = value.to_bytes_with_nul();
    if size != 0 && !buffer.is_null() {
        let length = value.len().min(size);
        // SAFETY: the caller's buffer has `size` bytes.
        unsafe {
            ptr::copy_nonoverlapping(value.as_ptr().cast(), buffer, length);
            *buffer.add(length - 1) = 0;
        }
    }
    value.len()
}

/// Numbers are those of `<bits/confname.h>`, from `_CS_PATH` on.
fn value(name: c_int) -> Option<&'static CStr> {
    Some(match name {
        0 => c"/bin:/usr/bin",
        1 => c"POSIX_V6_LP64_OFF64",
        // Programs ask these what ABI they run on, which is that of this version.
        2 => c"glibc 2.36",
        3 => c"NPTL 2.36",
        4 => c"XBS5_LP64_OFF64",
        5 => c"POSIX_V7_LP64_OFF64",
        1004 | 1007 => c"-D_LARGEFILE64_SOURCE",
        1108 | 1109 | 1124 | 1125 | 1140 | 1141 => c"-m64",
        1148 | 1149 => c"POSIXLY_CORRECT=1",
        1000..=1147 => c"",
        _ => return None,
    })
}
