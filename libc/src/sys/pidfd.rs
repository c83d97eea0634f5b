//! `<sys/pidfd.h>`; `pidfd_send_signal` is in `signal/send.rs`.

use core::ffi::{CStr, c_int, c_uint};

use tidal_rt::Errno;

use crate::errno::or_errno;
use crate::files::Lines;
use crate::macros::syscalls;
use crate::text;

syscalls! {
    /// Makes a descriptor of a process.
    fn pidfd_open(pid: c_int, flags: c_uint) -> c_int = __NR_pidfd_open(pid, flags);
    /// Copies a descriptor out of a process.
    fn pidfd_getfd(pidfd: c_int, fd: c_int, flags: c_uint) -> c_int = __NR_pidfd_getfd(pidfd, fd, flags);
    /// Frees the memory of a process that is being killed.
    fn process_mrelease(pidfd: c_int, flags: c_uint) -> c_int = __NR_process_mrelease(pidfd, flags);
}

/// The PID of the process that a descriptor stands for.
///
/// # Errors
/// -1 and `EBADF` (no such descriptor), `EINVAL` (not one of a process), `ESRCH` (the process is gone), `EREMOTE` (it has no PID
/// here), and those of reading `/proc`.
///
/// Source: glibc 2.39. Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn pidfd_getpid(pidfd: c_int) -> c_int {
    or_errno(process_of(pidfd))
}

fn process_of(pidfd: c_int) -> Result<c_int, Errno> {
    let number = u64::try_from(pidfd).map_err(|_| Errno::EBADF)?;
    let mut path = [0; 48];
    text::concatenate(&mut path, &[b"/proc/self/fdinfo/", text::decimal(number, &mut [0; 20])]);
    let path = CStr::from_bytes_until_nul(&path).map_err(|_| Errno::EBADF)?;
    let mut lines =
        Lines::<128>::open(path).map_err(|e| if e == Errno::ENOENT { Errno::EBADF } else { e })?;
    while let Some(line) = lines.next_line() {
        let Some(value) = line.strip_prefix(b"Pid:") else { continue };
        return match value.trim_ascii() {
            b"-1" => Err(Errno::ESRCH),
            b"0" => Err(Errno::EREMOTE),
            pid => text::parse_decimal(pid).map(|(pid, _)| pid as c_int).ok_or(Errno::EINVAL),
        };
    }
    Err(Errno::EINVAL)
}
