//! `<sys/ipc.h>`.

use core::ffi::{c_char, c_int};
use core::ptr;

use crate::errno::or_errno;

/// A key for System V IPC, made of a file's identity and a byte.
///
/// # Errors
/// Those of `stat(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftok(path: *const c_char, project: c_int) -> c_int {
    let mut file = super::stat::zeroed();
    // SAFETY: the path is the caller's, the result is live.
    let result = unsafe { tidal_rt::syscall!(__NR_stat, path, ptr::from_mut(&mut file)) };
    or_errno(result.map(|_| {
        (file.st_ino as u32 & 0xffff | (file.st_dev as u32 & 0xff) << 16 | (project as u32 & 0xff) << 24)
            as c_int
    }))
}
