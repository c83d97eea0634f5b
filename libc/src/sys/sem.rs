//! `<sys/sem.h>`: System V semaphores.

use core::ffi::{c_int, c_ulong, c_void};

use tidal_rt::sys::time::Timespec;

use crate::macros::syscalls;

syscalls! {
    /// Opens or makes a set of semaphores.
    fn semget(key: c_int, count: c_int, flags: c_int) -> c_int = __NR_semget(key, count, flags);
    /// Operates on a set, all at once or not at all.
    fn semop(set: c_int, operations: *mut c_void, count: usize) -> c_int = __NR_semop(set, operations, count);
    /// As `semop`, waiting at most so long.
    fn semtimedop(set: c_int, operations: *mut c_void, count: usize, timeout: *const Timespec) -> c_int
        = __NR_semtimedop(set, operations, count, timeout);
    /// Reads, changes or removes a set. `union semun` travels as an integer; see `fcntl.rs`.
    fn semctl(set: c_int, number: c_int, command: c_int, argument: c_ulong) -> c_int
        = __NR_semctl(set, number, command, argument);
}
