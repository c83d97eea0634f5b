//! `<sys/auxv.h>`.

use core::ffi::c_ulong;

use tidal_rt::{Errno, auxv};

/// A value that the kernel gave the program at start, or 0.
///
/// # Errors
/// 0 and `ENOENT` if there is none of that kind.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn getauxval(kind: c_ulong) -> c_ulong {
    let value = u32::try_from(kind).ok().and_then(auxv::get);
    value.unwrap_or_else(|| {
        Errno::ENOENT.set();
        0
    }) as c_ulong
}

/// The same function as `getauxval`.
#[unsafe(no_mangle)]
pub extern "C" fn __getauxval(kind: c_ulong) -> c_ulong {
    getauxval(kind)
}
