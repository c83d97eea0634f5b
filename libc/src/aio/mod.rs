//! `<aio.h>`: reading and writing that goes on while the program does.
//!
//! Requests wait in a queue of the programs' own control blocks ([`block`]), and threads of the runtime do them
//! ([`queue`]), those of one descriptor one after the other. A fork child has no requests.

pub mod block;
mod list;
pub mod queue;

use core::ffi::{c_int, c_void};

use linux_raw_sys::general::{O_DSYNC, O_SYNC};
use tidal_rt::Errno;
use tidal_rt::futex::Clock;
use tidal_rt::sys::time::Timespec;
use tidal_rt::vdso;

use crate::errno::{or_errno, zero_or_errno};
use crate::macros::aliases;
use block::{Block, Operation};
use queue::Canceled;

/// # Safety
/// `block` is the caller's control block, and stays until the request is done.
unsafe fn submit(block: *mut Block, operation: Operation) -> c_int {
    // SAFETY: the caller's.
    zero_or_errno(unsafe { queue::submit(block, operation, core::ptr::null_mut()) })
}

/// Starts to read at the block's offset, or where the descriptor stands if it cannot seek.
///
/// # Errors
/// `EAGAIN` (no thread could be had), `EBADF`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aio_read(block: *mut Block) -> c_int {
    // SAFETY: the caller's.
    unsafe { submit(block, Operation::Read) }
}

/// Starts to write at the block's offset, or at the end of a file opened with `O_APPEND`.
///
/// # Errors
/// `EAGAIN` (no thread could be had), `EBADF`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aio_write(block: *mut Block) -> c_int {
    // SAFETY: the caller's.
    unsafe { submit(block, Operation::Write) }
}

/// Starts to bring what was written so far to the disk: `O_SYNC` or `O_DSYNC`.
///
/// # Errors
/// `EINVAL`, `EAGAIN`, `EBADF`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aio_fsync(how: c_int, block: *mut Block) -> c_int {
    let operation = match how as u32 {
        O_SYNC => Operation::Sync,
        O_DSYNC => Operation::DataSync,
        _ => return zero_or_errno::<()>(Err(Errno::EINVAL)),
    };
    // SAFETY: the caller's.
    unsafe { submit(block, operation) }
}

/// `EINPROGRESS` while a request goes on, then 0 or its error.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aio_error(block: *const Block) -> c_int {
    // SAFETY: the caller's.
    unsafe { (*block).error() }
}

/// What the call that a request stands for returned. To be asked once, when it is done.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aio_return(block: *mut Block) -> isize {
    // SAFETY: the caller's.
    unsafe { (*block).result() }
}

/// Cancels the requests of a descriptor, or one of them, that no thread has begun: `AIO_CANCELED`, or
/// `AIO_NOTCANCELED` where one was begun, or `AIO_ALLDONE`.
///
/// # Errors
/// `EBADF`; `EINVAL` for a block of another descriptor.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aio_cancel(descriptor: c_int, block: *mut Block) -> c_int {
    // SAFETY: no pointers.
    let open = unsafe { tidal_rt::syscall!(__NR_fcntl, descriptor, 1i32) };
    // SAFETY: the caller's block, or null.
    let other = unsafe { block.as_ref() }.is_some_and(|block| block.descriptor != descriptor);
    let result = match open {
        Err(e) => Err(e),
        Ok(_) if other => Err(Errno::EINVAL),
        // SAFETY: as above.
        Ok(_) => Ok(unsafe { queue::cancel(descriptor, block) }),
    };
    or_errno(result.map(|canceled| match canceled {
        Canceled::All => 0,
        Canceled::NotAll => 1,
        Canceled::AllDone => 2,
    }))
}

/// Waits until one of some requests is done, at most for a length of time. A cancellation point.
///
/// # Errors
/// `EAGAIN` (the time is over), `EINTR`, `EINVAL`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn aio_suspend(
    blocks: *const *const Block,
    count: c_int,
    length: *const Timespec,
) -> c_int {
    let Ok(count) = usize::try_from(count) else { return zero_or_errno::<()>(Err(Errno::EINVAL)) };
    // SAFETY: the caller's time, or null.
    let deadline = unsafe { length.as_ref() }.map(|length| {
        let now = vdso::clock_gettime(1).unwrap_or_default();
        let nanoseconds = now.tv_nsec + length.tv_nsec;
        Timespec {
            tv_sec: now.tv_sec.saturating_add(length.tv_sec).saturating_add(nanoseconds / 1_000_000_000),
            tv_nsec: nanoseconds % 1_000_000_000,
        }
    });
    let any_done = || {
        // SAFETY: the caller's array of blocks, or null ones.
        (0..count).any(|i| unsafe { (*blocks.add(i)).as_ref() }.is_some_and(|block| !block.goes_on()))
    };
    match queue::wait_until_some(any_done, deadline.as_ref().map(|time| (Clock::Monotonic, time))) {
        Err(Errno::ECANCELED) => tidal_pthread::cancel::act(),
        Err(Errno::ETIMEDOUT) => zero_or_errno::<()>(Err(Errno::EAGAIN)),
        result => zero_or_errno(result),
    }
}

aliases! {
    fn aio_read64(block: *mut Block) -> c_int = aio_read;
    fn aio_write64(block: *mut Block) -> c_int = aio_write;
    fn aio_fsync64(how: c_int, block: *mut Block) -> c_int = aio_fsync;
    fn aio_error64(block: *const Block) -> c_int = aio_error;
    fn aio_return64(block: *mut Block) -> isize = aio_return;
    fn aio_cancel64(descriptor: c_int, block: *mut Block) -> c_int = aio_cancel;
    fn aio_suspend64(blocks: *const *const Block, count: c_int, length: *const Timespec) -> c_int = aio_suspend;
}

/// Hints of how many threads there should be, which are as many as there is work for.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn aio_init(_hints: *const c_void) {}
