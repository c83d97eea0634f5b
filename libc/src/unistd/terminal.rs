//! `<unistd.h>`: terminals.

use core::ffi::{c_char, c_int};
use core::ptr;

use linux_raw_sys::general::termios;
use linux_raw_sys::ioctl::{TCGETS, TIOCGPGRP, TIOCSPGRP};
use tidal_rt::Errno;

use crate::macros::returned;

/// Whether a descriptor is a terminal: 1, or 0 with `errno`.
///
/// # Errors
/// `ENOTTY`, `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn isatty(fd: c_int) -> c_int {
    // SAFETY: all zeros is a valid `termios`.
    let mut settings: termios = unsafe { core::mem::zeroed() };
    // SAFETY: the settings are live and as the kernel has them.
    match unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TCGETS, ptr::from_mut(&mut settings)) } {
        Ok(_) => 1,
        Err(e) => {
            e.set();
            0
        }
    }
}

/// The foreground process group of a terminal.
///
/// # Errors
/// `ENOTTY`, `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn tcgetpgrp(fd: c_int) -> c_int {
    let mut group: c_int = 0;
    // SAFETY: the number is live.
    let result = unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TIOCGPGRP, ptr::from_mut(&mut group)) };
    returned(result.map(|_| group as usize))
}

/// Makes a process group the foreground one of a terminal.
///
/// # Errors
/// `ENOTTY`, `EBADF`, `EINVAL`, `EPERM`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn tcsetpgrp(fd: c_int, group: c_int) -> c_int {
    // SAFETY: the number is live.
    returned(unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TIOCSPGRP, ptr::from_ref(&group)) })
}

/// The name of the terminal behind a descriptor, into a buffer.
///
/// # Errors
/// An error number: `ENOTTY`, `EBADF`, `ERANGE` (buffer too small), `ENODEV` (the name is not in this mount namespace).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ttyname_r(fd: c_int, buffer: *mut c_char, size: usize) -> c_int {
    if isatty(fd) == 0 {
        return tidal_rt::errno::get();
    }
    // SAFETY: the buffer is the caller's, of that size.
    match unsafe { name(fd, buffer.cast(), size) } {
        Ok(()) => 0,
        Err(e) => {
            e.set();
            e.0
        }
    }
}

/// # Safety
/// The buffer has that many bytes.
unsafe fn name(fd: c_int, buffer: *mut u8, size: usize) -> Result<(), Errno> {
    let mut link = [0u8; 32];
    let link = crate::text::concatenate(
        &mut link,
        &[b"/proc/self/fd/", crate::text::decimal(fd as u64, &mut [0; 20])],
    );
    // SAFETY: the path is NUL-terminated, the buffer the caller's.
    let length = unsafe { tidal_rt::syscall!(__NR_readlink, link.as_ptr(), buffer, size) }?;
    if length == size {
        return Err(Errno::ERANGE);
    }
    // SAFETY: below the size.
    unsafe { *buffer.add(length) = 0 };
    let (mut by_fd, mut by_name) = (crate::sys::stat::zeroed(), crate::sys::stat::zeroed());
    // SAFETY: both results are live; the name was terminated above.
    unsafe {
        tidal_rt::syscall!(__NR_fstat, fd, ptr::from_mut(&mut by_fd))?;
        tidal_rt::syscall!(__NR_stat, buffer, ptr::from_mut(&mut by_name)).map_err(|_| Errno::ENODEV)?;
    }
    let same = by_fd.st_ino == by_name.st_ino && by_fd.st_dev == by_name.st_dev;
    if same { Ok(()) } else { Err(Errno::ENODEV) }
}

/// The name of the terminal behind a descriptor, in a buffer that the next call overwrites.
///
/// # Errors
/// Null, and those of [`ttyname_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ttyname(fd: c_int) -> *mut c_char {
    static mut NAME: [c_char; 256] = [0; 256];
    let buffer = (&raw mut NAME).cast::<c_char>();
    // SAFETY: the buffer is that long; callers do not run this at the same time, by contract.
    if unsafe { ttyname_r(fd, buffer, 256) } == 0 { buffer } else { ptr::null_mut() }
}

/// The name of the controlling terminal: always `/dev/tty`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ctermid(buffer: *mut c_char) -> *mut c_char {
    static mut NAME: [c_char; 9] = [0; 9];
    let target = if buffer.is_null() { (&raw mut NAME).cast() } else { buffer };
    // SAFETY: the buffer has L_ctermid (9) bytes by contract.
    unsafe { ptr::copy_nonoverlapping(c"/dev/tty".as_ptr(), target, 9) };
    target
}
