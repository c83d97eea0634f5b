//! `<sys/shm.h>`: System V shared memory.

use core::ffi::{c_int, c_void};

use crate::macros::syscalls;

syscalls! {
    /// Opens or makes a segment.
    fn shmget(key: c_int, size: usize, flags: c_int) -> c_int = __NR_shmget(key, size, flags);
    /// Maps a segment.
    fn shmat(segment: c_int, address: *const c_void, flags: c_int) -> *mut c_void = __NR_shmat(segment, address, flags);
    /// Unmaps a segment.
    fn shmdt(address: *const c_void) -> c_int = __NR_shmdt(address);
    /// Reads, changes or removes a segment.
    fn shmctl(segment: c_int, command: c_int, state: *mut c_void) -> c_int = __NR_shmctl(segment, command, state);
}

/// What `SHMLBA` is: a page.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __getpagesize() -> c_int {
    crate::unistd::system::getpagesize()
}
