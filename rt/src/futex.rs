//! `futex(2)`: sleeping on a 32-bit word until someone wakes it.

use core::ffi::c_int;
use core::ptr;
use core::sync::atomic::AtomicU32;

use linux_raw_sys::general as linux;

use crate::errno::Errno;
use crate::sys::time::Timespec;
use crate::{syscall, syscall_or_canceled};

/// Whether waiters may be in other processes (`pshared`), which decides how the kernel finds them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Threads of this process alone: `FUTEX_PRIVATE_FLAG`.
    Private,
    /// Any process that maps the word.
    Shared,
}

impl Scope {
    /// The flag that the scope adds to a futex operation.
    #[inline]
    pub const fn flag(self) -> u32 {
        match self {
            Scope::Private => linux::FUTEX_PRIVATE_FLAG,
            Scope::Shared => 0,
        }
    }
}

/// The clock that an absolute deadline is measured by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    /// `CLOCK_REALTIME`.
    Realtime,
    /// `CLOCK_MONOTONIC`.
    Monotonic,
}

/// Sleeps while `*word == expected`.
///
/// # Errors
/// `EAGAIN` if the word had another value, `EINTR` by a signal handler. Spurious returns are possible.
pub fn wait(word: &AtomicU32, expected: u32, scope: Scope) -> Result<(), Errno> {
    wait_until(word, expected, scope, None)
}

/// Sleeps while `*word == expected`, at most until an absolute time.
///
/// # Errors
/// As [`wait`], and `ETIMEDOUT`; `EINVAL` for a deadline with bad nanoseconds.
pub fn wait_until(
    word: &AtomicU32,
    expected: u32,
    scope: Scope,
    deadline: Option<(Clock, &Timespec)>,
) -> Result<(), Errno> {
    wait_among(word, expected, scope, deadline, linux::FUTEX_BITSET_MATCH_ANY)
}

/// As [`wait_until`], as one of the groups whose bits are set: [`wake_among`] wakes by group.
///
/// # Errors
/// As [`wait_until`].
pub fn wait_among(
    word: &AtomicU32,
    expected: u32,
    scope: Scope,
    deadline: Option<(Clock, &Timespec)>,
    groups: u32,
) -> Result<(), Errno> {
    let (op, time) = operation(scope, deadline)?;
    // SAFETY: the word and the time are live references.
    unsafe { syscall!(__NR_futex, word.as_ptr(), op, expected, time, 0usize, groups).map(drop) }
}

/// As [`wait_until`], and a cancellation point: a waiting request gives `ECANCELED`, on which the caller tidies up and
/// calls `pthread`'s `cancel::act`.
///
/// # Errors
/// As [`wait_until`], and `ECANCELED`.
pub fn wait_or_canceled(
    word: &AtomicU32,
    expected: u32,
    scope: Scope,
    deadline: Option<(Clock, &Timespec)>,
) -> Result<(), Errno> {
    let (op, time) = operation(scope, deadline)?;
    // SAFETY: the word and the time are live references.
    unsafe {
        syscall_or_canceled!(
            __NR_futex,
            word.as_ptr(),
            op,
            expected,
            time,
            0usize,
            linux::FUTEX_BITSET_MATCH_ANY
        )
        .map(drop)
    }
}

/// The operation and its time, for an absolute deadline.
fn operation(scope: Scope, deadline: Option<(Clock, &Timespec)>) -> Result<(u32, *const Timespec), Errno> {
    let op = linux::FUTEX_WAIT_BITSET | scope.flag();
    let Some((clock, time)) = deadline else { return Ok((op, ptr::null())) };
    if time.tv_sec < 0 && time.is_valid() {
        // The kernel calls times before the epoch invalid; POSIX calls them past.
        return Err(Errno::ETIMEDOUT);
    }
    let clock_flag = if clock == Clock::Realtime { linux::FUTEX_CLOCK_REALTIME } else { 0 };
    Ok((op | clock_flag, ptr::from_ref(time)))
}

/// Sleeps while `*word == expected`, at most for a length of time.
///
/// # Errors
/// As [`wait`], and `ETIMEDOUT`.
pub fn wait_for(word: &AtomicU32, expected: u32, scope: Scope, length: &Timespec) -> Result<(), Errno> {
    let op = linux::FUTEX_WAIT | scope.flag();
    // SAFETY: the word and the time are live references.
    unsafe { syscall!(__NR_futex, word.as_ptr(), op, expected, ptr::from_ref(length)) }.map(drop)
}

/// Wakes up to `count` waiters and tells how many.
///
/// The word is named by address alone, because its memory may be gone already: a released lock may be unmapped by the
/// thread that took it next. The kernel then finds nobody, or wakes someone spuriously, which every waiter allows for.
#[inline]
pub fn wake(word: *const AtomicU32, count: c_int, scope: Scope) -> usize {
    let op = linux::FUTEX_WAKE | scope.flag();
    // SAFETY: FUTEX_WAKE does not access the word.
    unsafe { syscall!(__NR_futex, word, op, count) }.unwrap_or(0)
}

/// As [`wake`], but only who waits in one of the groups whose bits are set.
pub fn wake_among(word: *const AtomicU32, count: c_int, scope: Scope, groups: u32) -> usize {
    let op = linux::FUTEX_WAKE_BITSET | scope.flag();
    // SAFETY: FUTEX_WAKE_BITSET does not access the word.
    unsafe { syscall!(__NR_futex, word, op, count, 0usize, 0usize, groups) }.unwrap_or(0)
}

/// `*word = 0`, then wakes all waiters, in one system call that no kill divides (`FUTEX_WAKE_OP`). The kernel's store orders
/// as a read-modify-write does; it is the last access of the word.
///
/// # Errors
/// `ENOSYS` where a sandbox refuses the operation; the word is as it was.
pub fn clear_and_wake_all(word: &AtomicU32, scope: Scope) -> Result<(), Errno> {
    // The second wake, of nobody, is for an old value of 0, which a held lock does not have.
    const CLEAR: u32 = linux::FUTEX_OP_SET << 28 | linux::FUTEX_OP_CMP_EQ << 24;
    let op = linux::FUTEX_WAKE_OP | scope.flag();
    // SAFETY: the word is live when the kernel writes it.
    unsafe { syscall!(__NR_futex, word.as_ptr(), op, c_int::MAX, 0usize, word.as_ptr(), CLEAR) }.map(drop)
}
