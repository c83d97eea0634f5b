//! `<syslog.h>`: messages to the system's log, a datagram to `/dev/log` each (RFC 3164).

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::sync::atomic::Ordering::Relaxed;

use linux_raw_sys::general::{O_CLOEXEC, O_NOCTTY, O_WRONLY};
use linux_raw_sys::net::{AF_UNIX, MSG_NOSIGNAL, sockaddr_un};
use tidal_rt::lock::RawLock;
use tidal_rt::startup::PROGRAM_SHORT;
use tidal_rt::{Errno, vdso};

use crate::time::calendar::Tm;
use crate::variadic;
use crate::variadic::VaList;

const LOG_PID: c_int = 0x01;
const LOG_CONS: c_int = 0x02;
const LOG_NDELAY: c_int = 0x08;
const LOG_PERROR: c_int = 0x20;
const LOG_USER: c_int = 1 << 3;
const FACILITY: c_int = 0x3f8;
const SEVERITY: c_int = 7;
/// `SOCK_DGRAM | SOCK_CLOEXEC`.
const DATAGRAM: u32 = 2 | O_CLOEXEC;

unsafe extern "C" {
    fn vsnprintf(buffer: *mut c_char, size: usize, format: *const c_char, rest: *mut VaList) -> c_int;
}

struct Log {
    identity: *const c_char,
    options: c_int,
    facility: c_int,
    mask: c_int,
    socket: Option<usize>,
}

struct Shared(RawLock, UnsafeCell<Log>);

// SAFETY: only used with the lock held.
unsafe impl Sync for Shared {}

static LOG: Shared = Shared(
    RawLock::new(),
    UnsafeCell::new(Log {
        identity: core::ptr::null(),
        options: 0,
        facility: LOG_USER,
        mask: 0xff,
        socket: None,
    }),
);

fn locked<R>(f: impl FnOnce(&mut Log) -> R) -> R {
    LOG.0.lock();
    // SAFETY: the lock is held.
    let result = f(unsafe { &mut *LOG.1.get() });
    // SAFETY: taken above.
    unsafe { LOG.0.unlock() };
    result
}

impl Log {
    fn connect(&mut self) -> Result<usize, Errno> {
        if let Some(socket) = self.socket {
            return Ok(socket);
        }
        let mut address = sockaddr_un { sun_family: AF_UNIX as u16, sun_path: [0; 108] };
        for (to, from) in address.sun_path.iter_mut().zip(b"/dev/log") {
            *to = *from as c_char;
        }
        // SAFETY: the address is live and that long.
        unsafe {
            let socket = tidal_rt::syscall!(__NR_socket, AF_UNIX, DATAGRAM, 0u32)?;
            if let Err(e) =
                tidal_rt::syscall!(__NR_connect, socket, &raw const address, size_of::<sockaddr_un>())
            {
                let _ = tidal_rt::syscall!(__NR_close, socket);
                return Err(e);
            }
            self.socket = Some(socket);
            Ok(socket)
        }
    }

    fn close(&mut self) {
        if let Some(socket) = self.socket.take() {
            // SAFETY: ours.
            let _ = unsafe { tidal_rt::syscall!(__NR_close, socket) };
        }
    }

    fn send(&mut self, message: &[u8]) -> Result<(), Errno> {
        let mut result = Err(Errno::ENOTCONN);
        // The log daemon may have been restarted since the last message.
        for _ in 0..2 {
            let socket = self.connect()?;
            // SAFETY: the message is live.
            result = unsafe {
                tidal_rt::syscall!(
                    __NR_sendto,
                    socket,
                    message.as_ptr(),
                    message.len(),
                    MSG_NOSIGNAL,
                    0usize,
                    0usize
                )
            }
            .map(drop);
            if result.is_ok() {
                break;
            }
            self.close();
        }
        result
    }

    /// # Safety
    /// As for `vprintf`.
    unsafe fn write(&mut self, priority: c_int, format: *const c_char, rest: *mut VaList) {
        if self.mask & (1 << (priority & SEVERITY)) == 0 || priority & !(SEVERITY | FACILITY) != 0 {
            return;
        }
        let priority = if priority & FACILITY == 0 { priority | self.facility } else { priority };
        let mut digits = [0; 20];
        let mut message = [0u8; 2048];
        let mut stamp = [0u8; 32];
        let mut length = 0;
        let mut put = |text: &[u8], message: &mut [u8; 2048]| {
            let take = text.len().min(message.len() - length);
            message[length..length + take].copy_from_slice(&text[..take]);
            length += take;
            length
        };
        put(b"<", &mut message);
        put(crate::text::decimal(priority as u64, &mut digits), &mut message);
        put(b">", &mut message);
        let now = vdso::clock_gettime(0).unwrap_or_default().tv_sec;
        let mut tm = core::mem::MaybeUninit::<Tm>::zeroed();
        // SAFETY: time, structure and buffer are live.
        let written = unsafe {
            crate::time::local::localtime_r(&now, tm.as_mut_ptr());
            crate::time::format::strftime(stamp.as_mut_ptr().cast(), 32, c"%h %e %T ".as_ptr(), tm.as_ptr())
        };
        let text_start = put(&stamp[..written], &mut message);
        let identity =
            if self.identity.is_null() { PROGRAM_SHORT.load(Relaxed) } else { self.identity.cast_mut() };
        // SAFETY: the program's string, which it keeps, by contract of `openlog`.
        put(unsafe { CStr::from_ptr(identity) }.to_bytes(), &mut message);
        if self.options & LOG_PID != 0 {
            put(b"[", &mut message);
            put(crate::text::decimal(tidal_rt::sys::process::getpid().into(), &mut digits), &mut message);
            put(b"]", &mut message);
        }
        let start = put(b": ", &mut message);
        // SAFETY: by the caller's contract; the rest of the buffer.
        let want =
            unsafe { vsnprintf(message[start..].as_mut_ptr().cast(), message.len() - start, format, rest) };
        let length = start + (want.max(0) as usize).min(message.len() - start - 1);
        if self.options & LOG_PERROR != 0 {
            tidal_rt::message::line(&[message[text_start..length]
                .strip_suffix(b"\n")
                .unwrap_or(&message[text_start..length])]);
        }
        if self.send(&message[..length]).is_err() && self.options & LOG_CONS != 0 {
            to_console(&message[text_start..length]);
        }
    }
}

fn to_console(text: &[u8]) {
    // SAFETY: the path is a C string, the text is live.
    unsafe {
        if let Ok(fd) =
            tidal_rt::syscall!(__NR_open, c"/dev/console".as_ptr(), O_WRONLY | O_NOCTTY | O_CLOEXEC, 0u32)
        {
            let _ = tidal_rt::syscall!(__NR_write, fd, text.as_ptr(), text.len());
            let _ = tidal_rt::syscall!(__NR_write, fd, c"\r\n".as_ptr(), 2usize);
            let _ = tidal_rt::syscall!(__NR_close, fd);
        }
    }
}

/// Sets what messages start with, options and the facility. The program keeps the string.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn openlog(identity: *const c_char, options: c_int, facility: c_int) {
    locked(|log| {
        log.identity = identity;
        log.options = options;
        if facility != 0 && facility & !FACILITY == 0 {
            log.facility = facility;
        }
        if options & LOG_NDELAY != 0 {
            let _ = log.connect();
        }
    });
}

/// Closes the connection to the log.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn closelog() {
    locked(|log| {
        log.close();
        log.identity = core::ptr::null();
    });
}

/// Sets which severities are logged, unless 0; the mask before.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setlogmask(mask: c_int) -> c_int {
    locked(|log| {
        let before = log.mask;
        if mask != 0 {
            log.mask = mask;
        }
        before
    })
}

/// Logs a message.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vsyslog(priority: c_int, format: *const c_char, rest: *mut VaList) {
    // SAFETY: the same contract. `%m` wants the caller's errno, which the lock leaves alone.
    locked(|log| unsafe { log.write(priority, format, rest) });
}

unsafe extern "C" fn vsyslog_checked(
    priority: c_int,
    _flag: c_int,
    format: *const c_char,
    rest: *mut VaList,
) {
    // SAFETY: the same contract.
    unsafe { vsyslog(priority, format, rest) }
}

/// `vsyslog` with `_FORTIFY_SOURCE`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __vsyslog_chk(
    priority: c_int,
    flag: c_int,
    format: *const c_char,
    rest: *mut VaList,
) {
    // SAFETY: the same contract.
    unsafe { vsyslog_checked(priority, flag, format, rest) }
}

variadic! {
    /// Logs a message.
    ///
    /// Signal-safe: no. Vfork-safe: no.
    pub fn syslog(priority: c_int, format: *const c_char, ...) => vsyslog;
    /// `syslog` with `_FORTIFY_SOURCE`.
    ///
    /// Signal-safe: no. Vfork-safe: no.
    pub fn __syslog_chk(priority: c_int, flag: c_int, format: *const c_char, ...) => vsyslog_checked;
}
