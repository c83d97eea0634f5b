//! `<sys/msg.h>`: System V message queues.

use core::ffi::{c_int, c_long, c_void};

use crate::macros::{cancellation_points, syscalls};

syscalls! {
    /// Opens or makes a queue.
    fn msgget(key: c_int, flags: c_int) -> c_int = __NR_msgget(key, flags);
    /// Reads, changes or removes a queue.
    fn msgctl(queue: c_int, command: c_int, state: *mut c_void) -> c_int = __NR_msgctl(queue, command, state);
}

cancellation_points! {
    /// Sends a message.
    fn msgsnd(queue: c_int, message: *const c_void, size: usize, flags: c_int) -> c_int
        = __NR_msgsnd(queue, message, size, flags);
    /// Receives a message of a kind.
    fn msgrcv(queue: c_int, message: *mut c_void, size: usize, kind: c_long, flags: c_int) -> isize
        = __NR_msgrcv(queue, message, size, kind, flags);
}
