//! `<mcheck.h>`. As in glibc since 2.34, nothing checks or traces the heap unless a debugging allocator is linked, and the
//! functions say so. Tidal's own checks need no call: see `TIDAL_MALLOC`.

use core::ffi::{c_int, c_void};

/// Nothing was installed.
const FAILED: c_int = -1;
/// `MCHECK_DISABLED`.
const DISABLED: c_int = -1;

/// Installs no checks: -1.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mcheck(_on_error: Option<extern "C" fn(c_int)>) -> c_int {
    FAILED
}

/// Installs no checks: -1.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mcheck_pedantic(_on_error: Option<extern "C" fn(c_int)>) -> c_int {
    FAILED
}

/// Checks nothing.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mcheck_check_all() {}

/// Whether a block is sound: `MCHECK_DISABLED`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mprobe(_block: *mut c_void) -> c_int {
    DISABLED
}

/// Starts no trace.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn mtrace() {}

/// Ends no trace.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn muntrace() {}
