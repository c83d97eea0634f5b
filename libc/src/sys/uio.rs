//! `<sys/uio.h>`: reading and writing several pieces at once.

use core::ffi::{c_int, c_ulong};

use linux_raw_sys::general::iovec;

use crate::macros::{cancellation_points, syscalls};

cancellation_points! {
    /// Reads into several pieces.
    fn readv(fd: c_int, pieces: *const iovec, count: c_int) -> isize = __NR_readv(fd, pieces, count);
    /// Writes several pieces.
    fn writev(fd: c_int, pieces: *const iovec, count: c_int) -> isize = __NR_writev(fd, pieces, count);
    /// As `readv`, at an offset.
    fn preadv(fd: c_int, pieces: *const iovec, count: c_int, offset: i64) -> isize
        = __NR_preadv(fd, pieces, count, offset), as preadv64;
    /// As `writev`, at an offset.
    fn pwritev(fd: c_int, pieces: *const iovec, count: c_int, offset: i64) -> isize
        = __NR_pwritev(fd, pieces, count, offset), as pwritev64;
    /// As `preadv`, with `RWF_` flags; offset -1 is the file's own position.
    fn preadv2(fd: c_int, pieces: *const iovec, count: c_int, offset: i64, flags: c_int) -> isize
        = __NR_preadv2(fd, pieces, count, offset, 0usize, flags), as preadv64v2;
    /// As `pwritev`, with `RWF_` flags; offset -1 is the file's own position.
    fn pwritev2(fd: c_int, pieces: *const iovec, count: c_int, offset: i64, flags: c_int) -> isize
        = __NR_pwritev2(fd, pieces, count, offset, 0usize, flags), as pwritev64v2;
}

syscalls! {
    /// Reads another process's memory.
    fn process_vm_readv(pid: c_int, here: *const iovec, here_count: c_ulong, there: *const iovec, there_count: c_ulong,
        flags: c_ulong) -> isize = __NR_process_vm_readv(pid, here, here_count, there, there_count, flags);
    /// Writes another process's memory.
    fn process_vm_writev(pid: c_int, here: *const iovec, here_count: c_ulong, there: *const iovec, there_count: c_ulong,
        flags: c_ulong) -> isize = __NR_process_vm_writev(pid, here, here_count, there, there_count, flags);
}
