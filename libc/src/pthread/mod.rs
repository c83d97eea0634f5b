//! `<pthread.h>`, one file per family.

pub mod mutex;
pub mod mutexattr;

use core::ffi::c_int;

use linux_raw_sys::general::{CLOCK_MONOTONIC, CLOCK_REALTIME};
use tidal_rt::Errno;
use tidal_rt::futex::Clock;

/// `PTHREAD_PROCESS_PRIVATE`.
const PROCESS_PRIVATE: c_int = 0;
/// `PTHREAD_PROCESS_SHARED`.
const PROCESS_SHARED: c_int = 1;

/// What a `pshared` argument says; `EINVAL` for what is neither.
fn is_shared(number: c_int) -> Result<bool, Errno> {
    match number {
        PROCESS_PRIVATE => Ok(false),
        PROCESS_SHARED => Ok(true),
        _ => Err(Errno::EINVAL),
    }
}

/// The clocks that deadlines may be counted by.
fn clock_of(number: c_int) -> Option<Clock> {
    match number as u32 {
        CLOCK_REALTIME => Some(Clock::Realtime),
        CLOCK_MONOTONIC => Some(Clock::Monotonic),
        _ => None,
    }
}
