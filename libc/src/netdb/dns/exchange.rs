//! One question to one server, by UDP or TCP.

use core::ffi::c_int;
use core::net::IpAddr;

use linux_raw_sys::general::{CLOCK_MONOTONIC, O_CLOEXEC, POLLIN, pollfd};
use linux_raw_sys::net::{AF_INET, AF_INET6, MSG_NOSIGNAL};
use tidal_rt::{Errno, vdso};

use super::message::Question;

const PORT: u16 = 53;
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
/// Room for an answer; larger ones are refused.
pub const ANSWER: usize = 4096;

/// A socket that is closed at the end of its scope.
struct Socket(c_int);

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: this value's own.
        let _ = unsafe { tidal_rt::syscall!(__NR_close, self.0) };
    }
}

impl Socket {
    fn connect(server: IpAddr, kind: u32) -> Result<Self, Errno> {
        let mut address = [0u8; 28];
        let (family, length) = match server {
            IpAddr::V4(v4) => {
                address[4..8].copy_from_slice(&v4.octets());
                (AF_INET, 16usize)
            }
            IpAddr::V6(v6) => {
                address[8..24].copy_from_slice(&v6.octets());
                (AF_INET6, 28usize)
            }
        };
        address[..2].copy_from_slice(&(family as u16).to_ne_bytes());
        address[2..4].copy_from_slice(&PORT.to_be_bytes());
        // SAFETY: the address is live.
        unsafe {
            let socket = Socket(tidal_rt::syscall!(__NR_socket, family, kind | O_CLOEXEC, 0u32)? as c_int);
            tidal_rt::syscall!(__NR_connect, socket.0, address.as_ptr(), length)?;
            Ok(socket)
        }
    }

    fn send(&self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: the bytes are live.
        unsafe {
            tidal_rt::syscall!(__NR_sendto, self.0, bytes.as_ptr(), bytes.len(), MSG_NOSIGNAL, 0usize, 0usize)
        }
    }

    /// Receives within some milliseconds.
    fn receive(&self, buffer: &mut [u8], timeout: i64) -> Result<usize, Errno> {
        let mut ready = pollfd { fd: self.0, events: POLLIN as i16, revents: 0 };
        // SAFETY: the structure and the buffer are live.
        unsafe {
            match tidal_rt::syscall!(__NR_poll, &raw mut ready, 1usize, timeout.clamp(0, 60_000)) {
                Ok(0) => return Err(Errno::ETIMEDOUT),
                Ok(_) => {}
                Err(e) => return Err(e),
            }
            tidal_rt::syscall!(__NR_recvfrom, self.0, buffer.as_mut_ptr(), buffer.len(), 0u32, 0usize, 0usize)
        }
    }
}

fn milliseconds() -> i64 {
    let now = vdso::clock_gettime(CLOCK_MONOTONIC as c_int).unwrap_or_default();
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

/// Asks one server by UDP; how long the answer is.
pub fn by_udp(
    server: IpAddr,
    question: &Question,
    answer: &mut [u8; ANSWER],
    timeout: i64,
) -> Result<usize, Errno> {
    let socket = Socket::connect(server, SOCK_DGRAM)?;
    socket.send(question.bytes())?;
    let deadline = milliseconds() + timeout;
    loop {
        match socket.receive(answer, deadline - milliseconds()) {
            Ok(length) if question.is_answered_by(&answer[..length]) => return Ok(length),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(e) => return Err(e),
        }
    }
}

/// Asks one server by TCP, where messages have their length in front.
pub fn by_tcp(
    server: IpAddr,
    question: &Question,
    answer: &mut [u8; ANSWER],
    timeout: i64,
) -> Result<usize, Errno> {
    let socket = Socket::connect(server, SOCK_STREAM)?;
    socket.send(&(question.bytes().len() as u16).to_be_bytes())?;
    socket.send(question.bytes())?;
    let deadline = milliseconds() + timeout;
    let mut prefix = [0u8; 2];
    let fill = |buffer: &mut [u8]| {
        let mut done = 0;
        while done < buffer.len() {
            match socket.receive(&mut buffer[done..], deadline - milliseconds()) {
                Ok(0) => return Err(Errno::ECONNRESET),
                Ok(count) => done += count,
                Err(Errno::EINTR) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    };
    fill(&mut prefix)?;
    let length = usize::from(u16::from_be_bytes(prefix));
    fill(answer.get_mut(..length).ok_or(Errno::EMSGSIZE)?)?;
    if question.is_answered_by(&answer[..length]) { Ok(length) } else { Err(Errno::EBADMSG) }
}
