//! `<termios.h>`: terminals. glibc's structure is longer than the kernel's and has the speeds in fields of their own.

use core::ffi::{c_int, c_uint};

use linux_raw_sys::general as linux;
use linux_raw_sys::ioctl::{TCFLSH, TCGETS, TCSBRK, TCSBRKP, TCSETS, TCSETSF, TCSETSW, TCXONC, TIOCGSID};
use tidal_rt::Errno;

use crate::errno::{or_errno, zero_or_errno};
use crate::macros::returned;

/// `struct termios` of `<bits/termios-struct.h>`.
#[repr(C)]
pub struct Termios {
    input: c_uint,
    output: c_uint,
    control: c_uint,
    local: c_uint,
    line: u8,
    characters: [u8; 32],
    input_speed: c_uint,
    output_speed: c_uint,
}

const _: () = assert!(size_of::<Termios>() == 60);

/// Bits of `c_cflag` that hold the speed.
const CBAUD: u32 = 0o10017;

/// A terminal's settings.
///
/// # Errors
/// `EBADF`, `ENOTTY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcgetattr(fd: c_int, settings: *mut Termios) -> c_int {
    // SAFETY: all zeros is a valid value.
    let mut kernel: linux::termios = unsafe { core::mem::zeroed() };
    // SAFETY: the structure is live.
    let result = unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TCGETS, &raw mut kernel) };
    zero_or_errno(result.map(|_| {
        let mut characters = [0; 32];
        characters[..kernel.c_cc.len()].copy_from_slice(&kernel.c_cc);
        let speed = kernel.c_cflag & CBAUD;
        // SAFETY: the caller's structure.
        unsafe {
            settings.write(Termios {
                input: kernel.c_iflag,
                output: kernel.c_oflag,
                control: kernel.c_cflag,
                local: kernel.c_lflag,
                line: kernel.c_line,
                characters,
                input_speed: speed,
                output_speed: speed,
            });
        }
    }))
}

/// Sets a terminal: now, when the output is written, or then without the input that waits.
///
/// # Errors
/// `EBADF`, `EINVAL`, `ENOTTY`, `EINTR`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcsetattr(fd: c_int, when: c_int, settings: *const Termios) -> c_int {
    let command = match when {
        0 => TCSETS,
        1 => TCSETSW,
        2 => TCSETSF,
        _ => return or_errno(Err(Errno::EINVAL)),
    };
    // SAFETY: the caller's structure.
    let settings = unsafe { &*settings };
    // SAFETY: all zeros is a valid value.
    let mut kernel: linux::termios = unsafe { core::mem::zeroed() };
    kernel.c_iflag = settings.input;
    kernel.c_oflag = settings.output;
    kernel.c_cflag = settings.control;
    kernel.c_lflag = settings.local;
    kernel.c_line = settings.line;
    let length = kernel.c_cc.len();
    kernel.c_cc.copy_from_slice(&settings.characters[..length]);
    // SAFETY: the structure is live.
    returned(unsafe { tidal_rt::syscall!(__NR_ioctl, fd, command, &raw const kernel) })
}

/// Waits until a terminal's output is written.
///
/// # Errors
/// `EBADF`, `ENOTTY`, `EINTR`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tcdrain(fd: c_int) -> c_int {
    // SAFETY: no pointers.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_ioctl, fd, TCSBRK, 1) })
}

/// Stops and starts output or input.
///
/// # Errors
/// `EBADF`, `EINVAL`, `ENOTTY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcflow(fd: c_int, action: c_int) -> c_int {
    // SAFETY: no pointers.
    returned(unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TCXONC, action) })
}

/// Drops input that was not read, output that was not written, or both.
///
/// # Errors
/// `EBADF`, `EINVAL`, `ENOTTY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcflush(fd: c_int, queue: c_int) -> c_int {
    // SAFETY: no pointers.
    returned(unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TCFLSH, queue) })
}

/// Sends a break: of a quarter to half a second, or so many tenths.
///
/// # Errors
/// `EBADF`, `ENOTTY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcsendbreak(fd: c_int, duration: c_int) -> c_int {
    let command = if duration <= 0 { TCSBRK } else { TCSBRKP };
    // SAFETY: no pointers. Milliseconds become tenths of a second, as in glibc.
    returned(unsafe { tidal_rt::syscall!(__NR_ioctl, fd, command, (duration.max(0) + 99) / 100) })
}

/// The session that a terminal controls.
///
/// # Errors
/// `EBADF`, `ENOTTY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tcgetsid(fd: c_int) -> c_int {
    let mut session: c_int = 0;
    // SAFETY: the number is live.
    let result = unsafe { tidal_rt::syscall!(__NR_ioctl, fd, TIOCGSID, &raw mut session) };
    returned(result.map(|_| session as usize))
}

/// The output speed, a `B` number.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cfgetospeed(settings: *const Termios) -> c_uint {
    // SAFETY: the caller's structure.
    unsafe { (*settings).control & CBAUD }
}

/// The input speed, a `B` number.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cfgetispeed(settings: *const Termios) -> c_uint {
    // SAFETY: the same contract.
    unsafe { cfgetospeed(settings) }
}

/// Sets the output speed, a `B` number.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cfsetospeed(settings: *mut Termios, speed: c_uint) -> c_int {
    if speed & !CBAUD != 0 {
        return or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: the caller's structure.
    unsafe {
        (*settings).control = (*settings).control & !CBAUD | speed;
        (*settings).output_speed = speed;
    }
    0
}

/// Sets the input speed, a `B` number; 0 is that of the output. Linux has one speed for both.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cfsetispeed(settings: *mut Termios, speed: c_uint) -> c_int {
    // SAFETY: the same contract.
    if speed == 0 { 0 } else { unsafe { cfsetospeed(settings, speed) } }
}

/// Sets both speeds.
///
/// # Errors
/// `EINVAL`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cfsetspeed(settings: *mut Termios, speed: c_uint) -> c_int {
    // SAFETY: the same contract.
    unsafe { cfsetospeed(settings, speed) }
}

/// Makes settings raw: bytes as they are, without echo and signals.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cfmakeraw(settings: *mut Termios) {
    // SAFETY: the caller's structure.
    let settings = unsafe { &mut *settings };
    settings.input &= !(linux::IGNBRK
        | linux::BRKINT
        | linux::PARMRK
        | linux::ISTRIP
        | linux::INLCR
        | linux::IGNCR
        | linux::ICRNL
        | linux::IXON);
    settings.output &= !linux::OPOST;
    settings.local &= !(linux::ECHO | linux::ECHONL | linux::ICANON | linux::ISIG | linux::IEXTEN);
    settings.control = settings.control & !(linux::CSIZE | linux::PARENB) | linux::CS8;
    settings.characters[linux::VMIN as usize] = 1;
    settings.characters[linux::VTIME as usize] = 0;
}
