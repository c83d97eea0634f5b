//! `<sys/random.h>`; `getentropy` is in `<unistd.h>`.

use core::ffi::{c_uint, c_void};

use crate::macros::cancellation_points;

cancellation_points! {
    /// Random bytes.
    fn getrandom(buffer: *mut c_void, size: usize, flags: c_uint) -> isize = __NR_getrandom(buffer, size, flags);
}
