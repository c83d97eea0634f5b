//! Waiting in a vfork child.
//!
//! A child may be killed at any instruction. Among the waiters of an object it would leave a count that nobody takes back, or
//! take a wake-up with it that was for somebody else: so it waits by itself, and looks again.

use tidal_rt::Errno;

use crate::mutex::biased::Deadline;
use crate::mutex::contended::nap;

/// Tries until it succeeds or fails otherwise than by `EAGAIN`.
///
/// # Errors
/// Those of `attempt`; `ETIMEDOUT`, `EINVAL` for a deadline that is no time.
#[cold]
pub fn until(deadline: Deadline, mut attempt: impl FnMut() -> Result<(), Errno>) -> Result<(), Errno> {
    loop {
        match attempt() {
            Err(Errno::EAGAIN) => nap(deadline)?,
            result => return result,
        }
    }
}
