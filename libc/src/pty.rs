//! `<pty.h>`, and the pseudo-terminals of `<stdlib.h>`.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use linux_raw_sys::general::{O_NOCTTY, O_RDWR};
use linux_raw_sys::ioctl::{TIOCGPTN, TIOCSCTTY, TIOCSPTLCK, TIOCSWINSZ};
use tidal_rt::Errno;

use crate::errno::{or_errno, zero_or_errno};
use crate::macros::returned;
use crate::termios::{Termios, tcsetattr};

/// Opens a new pseudo-terminal's master.
///
/// # Errors
/// `EAGAIN`, `ENOSPC`, `EMFILE`, `ENFILE`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_openpt(flags: c_int) -> c_int {
    // SAFETY: the path is a C string.
    let opened = unsafe { tidal_rt::syscall!(__NR_open, c"/dev/ptmx".as_ptr(), flags, 0u32) };
    returned(opened.map_err(|e| if e == Errno::ENOSPC { Errno::EAGAIN } else { e }))
}

/// Opens a new pseudo-terminal's master for reading and writing.
///
/// # Errors
/// As [`posix_openpt`].
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getpt() -> c_int {
    // SAFETY: no preconditions.
    unsafe { posix_openpt(O_RDWR as c_int) }
}

fn number(fd: c_int) -> Result<u32, Errno> {
    let mut number = 0u32;
    // SAFETY: the number is live.
    unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TIOCGPTN, &raw mut number) }?;
    Ok(number)
}

/// Gives the caller the slave's file: Linux's file system has done that already.
///
/// # Errors
/// `EINVAL` if it is no master, `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn grantpt(fd: c_int) -> c_int {
    zero_or_errno(number(fd).map_err(|e| if e == Errno::ENOTTY { Errno::EINVAL } else { e }))
}

/// Lets the slave be opened.
///
/// # Errors
/// `EINVAL` if it is no master, `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlockpt(fd: c_int) -> c_int {
    let locked: c_int = 0;
    // SAFETY: the number is live.
    let result = unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TIOCSPTLCK, &raw const locked) };
    returned(result.map_err(|e| if e == Errno::ENOTTY { Errno::EINVAL } else { e }))
}

/// The slave's name.
///
/// # Errors
/// An error number, which is in `errno` too: `ENOTTY`, `EBADF`, `ERANGE` (buffer too small).
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptsname_r(fd: c_int, buffer: *mut c_char, size: usize) -> c_int {
    let mut digits = [0; 20];
    let mut path = [0; 32];
    let outcome = number(fd).and_then(|number| {
        let digits = crate::text::decimal(number.into(), &mut digits);
        let path = crate::text::concatenate(&mut path, &[b"/dev/pts/", digits]);
        if path.len() > size {
            return Err(Errno::ERANGE);
        }
        // SAFETY: fits into the caller's buffer.
        unsafe { ptr::copy_nonoverlapping(path.as_ptr().cast(), buffer, path.len()) };
        Ok(())
    });
    outcome.map_or_else(
        |e| {
            e.set();
            e.0
        },
        |()| 0,
    )
}

/// The slave's name, in a buffer that the next call overwrites.
///
/// # Errors
/// Null, and those of [`ptsname_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ptsname(fd: c_int) -> *mut c_char {
    static mut NAME: [c_char; 32] = [0; 32];
    let buffer = (&raw mut NAME).cast::<c_char>();
    // SAFETY: the buffer is that long; one thread at a time, by contract.
    if unsafe { ptsname_r(fd, buffer, 32) } == 0 { buffer } else { ptr::null_mut() }
}

/// Opens both ends of a new pseudo-terminal; name, settings and window size may be null.
///
/// # Errors
/// Those of [`posix_openpt`], and `ENOENT`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openpty(
    master: *mut c_int,
    slave: *mut c_int,
    name: *mut c_char,
    settings: *const Termios,
    window: *const c_void,
) -> c_int {
    // SAFETY: the caller's structures.
    zero_or_errno(unsafe { open_both(name, settings, window) }.map(|(m, s)| {
        // SAFETY: the caller's words.
        unsafe {
            master.write(m);
            slave.write(s);
        }
    }))
}

/// # Safety
/// The caller's structures: a buffer for the name, settings and window size, each of which may be null.
unsafe fn open_both(
    name: *mut c_char,
    settings: *const Termios,
    window: *const c_void,
) -> Result<(c_int, c_int), Errno> {
    let unlocked: c_int = 0;
    let mut path = [0 as c_char; 32];
    // SAFETY: paths are C strings; the numbers are live.
    unsafe {
        let master = tidal_rt::syscall!(__NR_open, c"/dev/ptmx".as_ptr(), O_RDWR | O_NOCTTY, 0u32)? as c_int;
        let slave = tidal_rt::syscall!(__NR_ioctl, master, TIOCSPTLCK, &raw const unlocked).and_then(|_| {
            match ptsname_r(master, path.as_mut_ptr(), path.len()) {
                0 => tidal_rt::syscall!(__NR_open, path.as_ptr(), O_RDWR | O_NOCTTY, 0u32),
                e => Err(Errno(e)),
            }
        });
        let slave = slave.inspect_err(|_| {
            let _ = tidal_rt::syscall!(__NR_close, master);
        })? as c_int;
        if !settings.is_null() {
            tcsetattr(slave, 0, settings);
        }
        if !window.is_null() {
            let _ = tidal_rt::syscall!(__NR_ioctl, slave, TIOCSWINSZ, window);
        }
        if !name.is_null() {
            ptr::copy_nonoverlapping(
                path.as_ptr(),
                name,
                core::ffi::CStr::from_ptr(path.as_ptr()).count_bytes() + 1,
            );
        }
        Ok((master, slave))
    }
}

/// Makes a terminal the controlling one of a new session, and the standard descriptors.
///
/// # Errors
/// `EPERM`, `ENOTTY`, `EBADF`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn login_tty(fd: c_int) -> c_int {
    // SAFETY: no pointers.
    zero_or_errno(unsafe {
        let _ = tidal_rt::syscall!(__NR_setsid);
        tidal_rt::syscall!(__NR_ioctl, fd, TIOCSCTTY, 0usize).map(|_| {
            for standard in 0..3 {
                let _ = tidal_rt::syscall!(__NR_dup2, fd, standard);
            }
            if fd > 2 {
                let _ = tidal_rt::syscall!(__NR_close, fd);
            }
        })
    })
}

/// Forks a child whose terminal is a new pseudo-terminal; the parent gets its master.
///
/// # Errors
/// Those of [`openpty`] and `fork`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn forkpty(
    master: *mut c_int,
    name: *mut c_char,
    settings: *const Termios,
    window: *const c_void,
) -> c_int {
    unsafe extern "C" {
        fn fork() -> c_int;
    }
    // SAFETY: the caller's structures.
    let (m, s) = match unsafe { open_both(name, settings, window) } {
        Ok(both) => both,
        Err(e) => return or_errno(Err(e)),
    };
    // SAFETY: the descriptors are ours; the word is the caller's.
    unsafe {
        let child = fork();
        match child {
            0 => {
                let _ = tidal_rt::syscall!(__NR_close, m);
                if login_tty(s) != 0 {
                    tidal_rt::message::exit_now(1);
                }
            }
            -1 => {
                let _ = tidal_rt::syscall!(__NR_close, m);
                let _ = tidal_rt::syscall!(__NR_close, s);
            }
            _ => {
                master.write(m);
                let _ = tidal_rt::syscall!(__NR_close, s);
            }
        }
        child
    }
}
