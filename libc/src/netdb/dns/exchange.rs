//! One question to one server, by UDP or TCP.

use core::ffi::c_int;
use core::net::IpAddr;

use linux_raw_sys::general::{CLOCK_MONOTONIC, O_CLOEXEC, O_NONBLOCK, POLLIN, POLLOUT, pollfd};
use linux_raw_sys::net::{AF_INET, AF_INET6, MSG_NOSIGNAL};
use tidal_rt::{Errno, vdso};

use super::message::{QUESTION, Question};

const PORT: u16 = 53;
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
/// Room for an answer; larger ones are refused.
pub const ANSWER: usize = 4096;

/// A socket to a server, closed at the end of its scope. It waits in `poll` alone, and until its deadline alone.
struct Socket {
    fd: c_int,
    deadline: i64,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: this value's own.
        let _ = unsafe { tidal_rt::syscall!(__NR_close, self.fd) };
    }
}

impl Socket {
    /// Begins to connect; all that is done with the socket has some milliseconds together.
    fn connect(server: IpAddr, kind: u32, timeout: i64) -> Result<Self, Errno> {
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
        let deadline = milliseconds() + timeout;
        // SAFETY: the address is live.
        unsafe {
            let fd = tidal_rt::syscall!(__NR_socket, family, kind | O_CLOEXEC | O_NONBLOCK, 0u32)? as c_int;
            let socket = Socket { fd, deadline };
            match tidal_rt::syscall!(__NR_connect, fd, address.as_ptr(), length) {
                // What comes of it is what the first call on the socket gives.
                Ok(_) | Err(Errno::EINPROGRESS) => Ok(socket),
                Err(e) => Err(e),
            }
        }
    }

    /// Waits until it can be read or written.
    fn wait(&self, event: u32) -> Result<(), Errno> {
        let mut ready = pollfd { fd: self.fd, events: event as i16, revents: 0 };
        loop {
            let left = self.deadline - milliseconds();
            // What keeps coming is there without a wait, and must end too.
            if left <= 0 {
                return Err(Errno::ETIMEDOUT);
            }
            // SAFETY: the structure is live.
            match unsafe { tidal_rt::syscall!(__NR_poll, &raw mut ready, 1usize, left) } {
                Ok(0) | Err(Errno::EINTR) => {}
                Ok(_) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    fn send(&self, bytes: &[u8]) -> Result<(), Errno> {
        self.wait(POLLOUT)?;
        let (start, length) = (bytes.as_ptr(), bytes.len());
        // SAFETY: the bytes are live.
        let sent =
            unsafe { tidal_rt::syscall!(__NR_sendto, self.fd, start, length, MSG_NOSIGNAL, 0usize, 0usize) };
        // A question finds room in any new socket.
        if sent? == length { Ok(()) } else { Err(Errno::ENOBUFS) }
    }

    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let (start, length) = (buffer.as_mut_ptr(), buffer.len());
        loop {
            self.wait(POLLIN)?;
            // SAFETY: the buffer is live.
            match unsafe { tidal_rt::syscall!(__NR_recvfrom, self.fd, start, length, 0u32, 0usize, 0usize) } {
                // A datagram with a wrong checksum is gone when it is looked at.
                Err(Errno::EAGAIN) => {}
                got => return got,
            }
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
    let socket = Socket::connect(server, SOCK_DGRAM, timeout)?;
    socket.send(question.bytes())?;
    loop {
        let length = socket.receive(answer)?;
        if question.is_answered_by(&answer[..length]) {
            return Ok(length);
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
    let socket = Socket::connect(server, SOCK_STREAM, timeout)?;
    // In one segment: some servers read no further than the first.
    let (mut framed, length) = ([0u8; 2 + QUESTION], question.bytes().len());
    framed[..2].copy_from_slice(&(length as u16).to_be_bytes());
    framed[2..2 + length].copy_from_slice(question.bytes());
    socket.send(&framed[..2 + length])?;
    let mut prefix = [0u8; 2];
    let fill = |buffer: &mut [u8]| {
        let mut done = 0;
        while done < buffer.len() {
            match socket.receive(&mut buffer[done..])? {
                0 => return Err(Errno::ECONNRESET),
                count => done += count,
            }
        }
        Ok(())
    };
    fill(&mut prefix)?;
    let length = usize::from(u16::from_be_bytes(prefix));
    fill(answer.get_mut(..length).ok_or(Errno::EMSGSIZE)?)?;
    if question.is_answered_by(&answer[..length]) { Ok(length) } else { Err(Errno::EBADMSG) }
}
