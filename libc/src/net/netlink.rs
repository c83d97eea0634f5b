//! Questions to the kernel by rtnetlink (`rtnetlink(7)`): all links, all addresses.

use core::ffi::c_uint;

use linux_raw_sys::general::O_CLOEXEC;
use tidal_rt::Errno;

/// `RTM_GETLINK`, `RTM_GETADDR`, and what they are answered with.
pub const RTM_GETLINK: u16 = 18;
pub const RTM_GETADDR: u16 = 22;
/// Attributes of links.
pub const IFLA_ADDRESS: u16 = 1;
pub const IFLA_BROADCAST: u16 = 2;
pub const IFLA_IFNAME: u16 = 3;
pub const IFLA_STATS: u16 = 7;
/// Attributes of addresses.
pub const IFA_ADDRESS: u16 = 1;
pub const IFA_LOCAL: u16 = 2;
pub const IFA_LABEL: u16 = 3;
pub const IFA_BROADCAST: u16 = 4;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// `NLM_F_REQUEST | NLM_F_DUMP`.
const DUMP: u16 = 1 | 0x300;
const AF_NETLINK: u32 = 16;
const SOCK_RAW: u32 = 3;
/// Header of a message: length, type, flags, sequence number, port.
const HEADER: usize = 16;

/// A message: the fixed part behind its header, and attributes.
pub struct Message<'m> {
    /// `struct ifinfomsg` (16 bytes) or `struct ifaddrmsg` (8).
    pub fixed: &'m [u8],
    attributes: &'m [u8],
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl<'m> Message<'m> {
    /// The interface's number, which stands at offset 4 in both kinds.
    pub fn index(&self) -> c_uint {
        u32_at(self.fixed, 4)
    }

    /// The contents of an attribute.
    pub fn attribute(&self, kind: u16) -> Option<&'m [u8]> {
        let mut rest = self.attributes;
        while rest.len() >= 4 {
            let length = usize::from(u16_at(rest, 0));
            if length < 4 || length > rest.len() {
                return None;
            }
            if u16_at(rest, 2) == kind {
                return Some(&rest[4..length]);
            }
            rest = rest.get(length.next_multiple_of(4)..)?;
        }
        None
    }
}

/// Asks for all of a kind and calls `each` with every answer.
pub fn dump(kind: u16, each: impl FnMut(&Message) -> Result<(), Errno>) -> Result<(), Errno> {
    // SAFETY: no pointers.
    let socket = unsafe { tidal_rt::syscall!(__NR_socket, AF_NETLINK, SOCK_RAW | O_CLOEXEC, 0u32) }?;
    let result = converse(socket, kind, each);
    // SAFETY: opened above.
    let _ = unsafe { tidal_rt::syscall!(__NR_close, socket) };
    result
}

fn converse(
    socket: usize,
    kind: u16,
    mut each: impl FnMut(&Message) -> Result<(), Errno>,
) -> Result<(), Errno> {
    let mut request = [0u8; HEADER + 4];
    request[..4].copy_from_slice(&((HEADER + 4) as u32).to_ne_bytes());
    request[4..6].copy_from_slice(&kind.to_ne_bytes());
    request[6..8].copy_from_slice(&DUMP.to_ne_bytes());
    // SAFETY: the request is live.
    unsafe {
        tidal_rt::syscall!(__NR_sendto, socket, request.as_ptr(), request.len(), 0u32, 0usize, 0usize)
    }?;
    let fixed = if kind == RTM_GETLINK { 16 } else { 8 };
    let mut buffer = [0u8; 8192];
    loop {
        // SAFETY: the buffer is live.
        let received = unsafe {
            tidal_rt::syscall!(__NR_recvfrom, socket, buffer.as_mut_ptr(), buffer.len(), 0u32, 0usize, 0usize)
        }?;
        let mut rest = &buffer[..received];
        while rest.len() >= HEADER {
            let length = u32_at(rest, 0) as usize;
            if length < HEADER || length > rest.len() {
                return Err(Errno::EIO);
            }
            match u16_at(rest, 4) {
                NLMSG_DONE => return Ok(()),
                NLMSG_ERROR => return Err(Errno(-(u32_at(rest, HEADER) as i32))),
                _ if length >= HEADER + fixed => {
                    let body = &rest[HEADER..length];
                    each(&Message { fixed: &body[..fixed], attributes: &body[fixed..] })?;
                }
                _ => {}
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or(&[]);
        }
    }
}
