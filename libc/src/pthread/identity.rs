//! Which thread this is, and what others call it.

use core::ffi::{CStr, c_char, c_int};

use tidal_pthread::name;
use tidal_rt::{Errno, block};

use super::Handle;
use crate::errno::zero_or_number;

/// The calling thread.
///
/// Signal-safe: yes. Vfork-safe: yes (the parent's: one thread of control).
#[unsafe(no_mangle)]
pub extern "C" fn pthread_self() -> Handle {
    block::current() as *const _ as Handle
}

/// Whether two handles name the same thread.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pthread_equal(a: Handle, b: Handle) -> c_int {
    c_int::from(a == b)
}

/// Names a thread, for debuggers and `ps`.
///
/// # Errors
/// `ERANGE` (longer than 15 bytes), `ESRCH`, and those of writing `/proc/self/task/TID/comm`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setname_np(handle: Handle, name: *const c_char) -> c_int {
    // SAFETY: the caller's C string.
    zero_or_number(name::set(handle, unsafe { CStr::from_ptr(name) }))
}

/// A thread's name, with its NUL.
///
/// # Errors
/// `ERANGE` (room for less than 16 bytes), `ESRCH`, and those of reading `/proc/self/task/TID/comm`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getname_np(handle: Handle, buffer: *mut c_char, size: usize) -> c_int {
    if size < name::SIZE {
        return Errno::ERANGE.0;
    }
    zero_or_number(name::get(handle).map(|name| {
        // SAFETY: the caller's buffer has room.
        unsafe { buffer.cast::<[u8; name::SIZE]>().write(name) }
    }))
}
