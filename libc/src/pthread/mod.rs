//! `<pthread.h>`, one file per family. Functions return 0 or an error number and leave `errno` alone.

pub mod attributes;
pub mod barrier;
pub mod cancel;
pub mod cleanup;
pub mod cond;
pub mod condattr;
pub mod identity;
pub mod keys;
pub mod legacy;
pub mod lifecycle;
pub mod mutex;
pub mod mutexattr;
pub mod once;
pub mod running;
pub mod rwlock;
pub mod rwlockattr;
pub mod scheduling;
pub mod signal;
pub mod spin;

use core::ffi::c_int;

use linux_raw_sys::general::{CLOCK_MONOTONIC, CLOCK_REALTIME};
use tidal_rt::Errno;
use tidal_rt::futex::Clock;

/// `pthread_t`: the address of the thread's block.
pub type Handle = usize;

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
pub(crate) fn clock_of(number: c_int) -> Option<Clock> {
    match number as u32 {
        CLOCK_REALTIME => Some(Clock::Realtime),
        CLOCK_MONOTONIC => Some(Clock::Monotonic),
        _ => None,
    }
}
