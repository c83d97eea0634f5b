//! Questions to the name servers of `/etc/resolv.conf` (RFC 1035), by UDP, and by TCP where an answer was cut.

use core::ffi::c_int;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use linux_raw_sys::general::{CLOCK_MONOTONIC, O_CLOEXEC, POLLIN, pollfd};
use linux_raw_sys::net::{AF_INET, AF_INET6, MSG_NOSIGNAL};
use tidal_rt::{Errno, vdso};

use super::lookup::{Addresses, Failure};
use crate::files::{Lines, words};

const PORT: u16 = 53;
/// Record types.
pub const A: u16 = 1;
const CNAME: u16 = 5;
pub const PTR: u16 = 12;
pub const AAAA: u16 = 28;
const INTERNET: u16 = 1;
const HEADER: usize = 12;
/// The longest name in its encoded form.
const NAME_MAX: usize = 255;
const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
/// Room for an answer; larger ones are refused.
const ANSWER: usize = 4096;

/// What `/etc/resolv.conf` says.
pub struct Configuration {
    servers: [IpAddr; 3],
    count: usize,
    attempts: u32,
    /// Milliseconds to wait for an answer.
    timeout: i64,
    /// With fewer dots than this, the search list comes first.
    pub dots: usize,
    search: [u8; 256],
    search_length: usize,
}

impl Configuration {
    pub fn read() -> Self {
        let mut this = Configuration {
            servers: [IpAddr::V4(Ipv4Addr::LOCALHOST); 3],
            count: 0,
            attempts: 2,
            timeout: 5000,
            dots: 1,
            search: [0; 256],
            search_length: 0,
        };
        if let Ok(mut lines) = Lines::<1024>::open(c"/etc/resolv.conf") {
            while let Some(line) = lines.next_line() {
                this.line(line);
            }
        }
        this.count = this.count.max(1);
        this
    }

    fn line(&mut self, line: &[u8]) {
        let line = line.split(|&b| b == b';').next().unwrap_or(line);
        let mut words = words(line);
        match words.next() {
            Some(b"nameserver") if self.count < self.servers.len() => {
                let text = words.next().and_then(|w| core::str::from_utf8(w).ok());
                if let Some(address) = text.and_then(|t| t.split('%').next()?.parse().ok()) {
                    self.servers[self.count] = address;
                    self.count += 1;
                }
            }
            Some(b"search" | b"domain") => {
                self.search_length = 0;
                for domain in words {
                    let end = self.search_length + domain.len() + 1;
                    if end > self.search.len() {
                        break;
                    }
                    self.search[self.search_length..end - 1].copy_from_slice(domain);
                    self.search[end - 1] = b' ';
                    self.search_length = end;
                }
            }
            Some(b"options") => words.for_each(|option| self.option(option)),
            _ => {}
        }
    }

    fn option(&mut self, option: &[u8]) {
        let number = |name: &[u8], most: u64| {
            let (value, _) = crate::text::parse_decimal(option.strip_prefix(name)?)?;
            Some(value.min(most))
        };
        if let Some(value) = number(b"timeout:", 30) {
            self.timeout = value.max(1) as i64 * 1000;
        } else if let Some(value) = number(b"attempts:", 5) {
            self.attempts = value.max(1) as u32;
        } else if let Some(value) = number(b"ndots:", 15) {
            self.dots = value as usize;
        }
    }

    /// The domains that a short name is looked for in.
    pub fn search(&self) -> impl Iterator<Item = &[u8]> {
        self.search[..self.search_length].split(|&b| b == b' ').filter(|d| !d.is_empty())
    }
}

/// A question, ready to send.
struct Question {
    bytes: [u8; HEADER + NAME_MAX + 4],
    length: usize,
}

impl Question {
    /// Encodes a name; nothing if it cannot be one.
    fn of(name: &[&[u8]], kind: u16) -> Option<Self> {
        let mut this = Question { bytes: [0; HEADER + NAME_MAX + 4], length: HEADER };
        let mut id = [0u8; 2];
        // SAFETY: the buffer is live.
        let got = unsafe { tidal_rt::syscall!(__NR_getrandom, id.as_mut_ptr(), 2usize, 0u32) };
        if got != Ok(2) {
            id = (vdso::clock_gettime(0).unwrap_or_default().tv_nsec as u16).to_ne_bytes();
        }
        this.bytes[..2].copy_from_slice(&id);
        // Recursion desired, one question.
        this.bytes[2] = 1;
        this.bytes[5] = 1;
        for part in name {
            for label in part.strip_suffix(b".").unwrap_or(part).split(|&b| b == b'.') {
                if label.is_empty() || label.len() > 63 || this.length + label.len() + 2 > HEADER + NAME_MAX {
                    return None;
                }
                this.bytes[this.length] = label.len() as u8;
                this.bytes[this.length + 1..=this.length + label.len()].copy_from_slice(label);
                this.length += label.len() + 1;
            }
        }
        this.bytes[this.length] = 0;
        this.bytes[this.length + 1..this.length + 3].copy_from_slice(&kind.to_be_bytes());
        this.bytes[this.length + 3..this.length + 5].copy_from_slice(&INTERNET.to_be_bytes());
        this.length += 5;
        Some(this)
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Whether a message answers this question: same number, an answer, same question.
    fn is_answered_by(&self, message: &[u8]) -> bool {
        message.len() >= self.length
            && message[..2] == self.bytes[..2]
            && message[2] & 0x80 != 0
            && message[HEADER..self.length].eq_ignore_ascii_case(&self.bytes[HEADER..self.length])
    }
}

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
fn by_udp(
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
fn by_tcp(
    server: IpAddr,
    question: &Question,
    answer: &mut [u8; ANSWER],
    timeout: i64,
) -> Result<usize, Errno> {
    let socket = Socket::connect(server, SOCK_STREAM)?;
    socket.send(&(question.length as u16).to_be_bytes())?;
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

/// Asks until a server answers.
fn ask(
    configuration: &Configuration,
    question: &Question,
    answer: &mut [u8; ANSWER],
) -> Result<usize, Failure> {
    const TRUNCATED: u8 = 2;
    let mut failure = Failure::Again;
    for _ in 0..configuration.attempts {
        for &server in &configuration.servers[..configuration.count] {
            let mut got = by_udp(server, question, answer, configuration.timeout);
            if got.is_ok() && answer[2] & TRUNCATED != 0 {
                got = by_tcp(server, question, answer, configuration.timeout);
            }
            let Ok(length) = got else { continue };
            match answer[3] & 15 {
                0 => return Ok(length),
                // NXDOMAIN.
                3 => return Err(Failure::NoName),
                2 => failure = Failure::Again,
                _ => failure = Failure::Fail,
            }
        }
    }
    Err(failure)
}

/// Skips a name in a message; where it ends.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length if length & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += usize::from(length) + 1,
        }
    }
}

/// Reads a name, following pointers, into text with dots; its length.
fn read_name(message: &[u8], mut at: usize, text: &mut [u8; 256]) -> Option<usize> {
    let mut length = 0;
    // More pointers than labels fit would be a loop.
    for _ in 0..128 {
        match *message.get(at)? {
            0 => return Some(length),
            pointer if pointer & 0xc0 == 0xc0 => {
                at = usize::from(pointer & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
            }
            label => {
                let label = message.get(at + 1..at + 1 + usize::from(label))?;
                let dot = usize::from(length > 0);
                let end = length + dot + label.len();
                if end > 253 {
                    return None;
                }
                if dot == 1 {
                    text[length] = b'.';
                }
                text[length + dot..end].copy_from_slice(label);
                length = end;
                at += label.len() + 1;
            }
        }
    }
    None
}

/// Calls `each` with type, place and contents of every answer record.
fn records(message: &[u8], mut each: impl FnMut(u16, usize, &[u8])) -> Option<()> {
    let count = |at: usize| usize::from(u16::from_be_bytes([message[at], message[at + 1]]));
    let mut at = HEADER;
    for _ in 0..count(4) {
        at = skip_name(message, at)? + 4;
    }
    for _ in 0..count(6) {
        at = skip_name(message, at)?;
        let fixed = message.get(at..at + 10)?;
        let kind = u16::from_be_bytes([fixed[0], fixed[1]]);
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = message.get(at + 10..at + 10 + length)?;
        each(kind, at + 10, data);
        at += 10 + length;
    }
    Some(())
}

/// Adds the addresses of a name, in parts, to the list.
pub fn addresses(
    configuration: &Configuration,
    name: &[&[u8]],
    kind: u16,
    result: &mut Addresses,
) -> Result<(), Failure> {
    let question = Question::of(name, kind).ok_or(Failure::NoName)?;
    let mut answer = [0; ANSWER];
    let length = ask(configuration, &question, &mut answer)?;
    let message = &answer[..length];
    let before = result.count;
    records(message, |found, at, data| match (found, data.len()) {
        (A, 4) if kind == A => result.push(IpAddr::V4(Ipv4Addr::new(data[0], data[1], data[2], data[3])), 0),
        (AAAA, 16) if kind == AAAA => {
            let mut octets = [0; 16];
            octets.copy_from_slice(data);
            result.push(IpAddr::V6(Ipv6Addr::from(octets)), 0);
        }
        (CNAME, _) => {
            let mut text = [0; 256];
            if let Some(length) = read_name(message, at, &mut text) {
                result.set_canonical(&[&text[..length]]);
            }
        }
        _ => {}
    })
    .ok_or(Failure::Fail)?;
    if result.count > before { Ok(()) } else { Err(Failure::NoData) }
}

/// The name of an address; its length.
pub fn name_of(address: IpAddr, text: &mut [u8; 256]) -> Result<usize, Failure> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut reverse = [0u8; 80];
    let length = match address {
        IpAddr::V4(v4) => {
            let mut length = 0;
            for octet in v4.octets().iter().rev() {
                let mut digits = [0; 20];
                let digits = crate::text::decimal(u64::from(*octet), &mut digits);
                reverse[length..length + digits.len()].copy_from_slice(digits);
                reverse[length + digits.len()] = b'.';
                length += digits.len() + 1;
            }
            length
        }
        IpAddr::V6(v6) => {
            for (i, octet) in v6.octets().iter().rev().enumerate() {
                let digits = [HEX[usize::from(octet & 15)], b'.', HEX[usize::from(octet >> 4)], b'.'];
                reverse[4 * i..4 * i + 4].copy_from_slice(&digits);
            }
            64
        }
    };
    let zone: &[u8] = if address.is_ipv4() { b"in-addr.arpa" } else { b"ip6.arpa" };
    let question = Question::of(&[&reverse[..length], zone], PTR).ok_or(Failure::Fail)?;
    let mut answer = [0; ANSWER];
    let length = ask(&Configuration::read(), &question, &mut answer)?;
    let message = &answer[..length];
    let mut found = None;
    records(message, |kind, at, _| {
        if kind == PTR && found.is_none() {
            found = read_name(message, at, text);
        }
    });
    found.ok_or(Failure::NoName)
}
