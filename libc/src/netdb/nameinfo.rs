//! `<netdb.h>`: `getnameinfo`.

use core::ffi::{c_char, c_int, c_uint};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr;

use linux_raw_sys::net::{AF_INET, AF_INET6};

use super::addrinfo::{EAI_AGAIN, EAI_FAIL, EAI_FAMILY, EAI_NONAME, EAI_OVERFLOW};
use super::lookup::{Failure, name_in_hosts};
use super::{dns, services};
use crate::arpa::inet::Text;

const NI_NUMERICHOST: c_int = 1;
const NI_NUMERICSERV: c_int = 2;
const NI_NAMEREQD: c_int = 8;
const NI_DGRAM: c_int = 16;

/// Address, scope and port of a socket address.
///
/// # Safety
/// `address` has `length` bytes.
pub(crate) unsafe fn read(address: *const u8, length: usize) -> Option<(IpAddr, u32, u16)> {
    // SAFETY: by the caller's contract.
    let bytes = unsafe { core::slice::from_raw_parts(address, length) };
    let family = u32::from(u16::from_ne_bytes([*bytes.first()?, *bytes.get(1)?]));
    let port = u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]);
    match family {
        AF_INET => {
            let octets: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some((IpAddr::V4(Ipv4Addr::from(octets)), 0, port))
        }
        AF_INET6 => {
            let octets: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            let scope: [u8; 4] = bytes.get(24..28).unwrap_or(&[0; 4]).try_into().ok()?;
            Some((IpAddr::V6(Ipv6Addr::from(octets)), u32::from_ne_bytes(scope), port))
        }
        _ => None,
    }
}

/// # Safety
/// The buffer has `size` bytes.
unsafe fn put(pieces: &[&[u8]], buffer: *mut c_char, size: c_uint) -> Result<(), c_int> {
    let length: usize = pieces.iter().map(|p| p.len()).sum();
    if length >= size as usize {
        return Err(EAI_OVERFLOW);
    }
    let mut to = buffer;
    for piece in pieces {
        // SAFETY: fits, with the NUL.
        unsafe {
            ptr::copy_nonoverlapping(piece.as_ptr().cast(), to, piece.len());
            to = to.add(piece.len());
        }
    }
    // SAFETY: as above.
    unsafe { to.write(0) };
    Ok(())
}

/// # Safety
/// The buffer has `size` bytes.
unsafe fn host(
    address: IpAddr,
    scope: u32,
    flags: c_int,
    buffer: *mut c_char,
    size: c_uint,
) -> Result<(), c_int> {
    if flags & NI_NUMERICHOST == 0 {
        let mut name = [0; 256];
        let found = match name_in_hosts(address, &mut name) {
            Some(length) => Ok(length),
            None => dns::name_of(address, &mut name),
        };
        match found {
            // SAFETY: by the caller's contract.
            Ok(length) => return unsafe { put(&[&name[..length]], buffer, size) },
            Err(_) if flags & NI_NAMEREQD == 0 => {}
            Err(Failure::Again) => return Err(EAI_AGAIN),
            Err(Failure::Fail) => return Err(EAI_FAIL),
            Err(_) => return Err(EAI_NONAME),
        }
    }
    let text = Text::of(address);
    let mut name = [0 as c_char; 16];
    let mut digits = [0; 20];
    let mut suffix: &[u8] = b"";
    if scope != 0 {
        // SAFETY: the buffer has 16 bytes; a name is a C string.
        suffix = unsafe {
            match crate::net::interface::if_indextoname(scope, name.as_mut_ptr()).is_null() {
                false => core::ffi::CStr::from_ptr(name.as_ptr()).to_bytes(),
                true => crate::text::decimal(scope.into(), &mut digits),
            }
        };
    }
    let percent: &[u8] = if suffix.is_empty() { b"" } else { b"%" };
    // SAFETY: by the caller's contract.
    unsafe { put(&[&text.bytes[..text.length], percent, suffix], buffer, size) }
}

/// # Safety
/// The buffer has `size` bytes.
unsafe fn service(port: u16, flags: c_int, buffer: *mut c_char, size: c_uint) -> Result<(), c_int> {
    let mut name = [0; 64];
    let protocol: &[u8] = if flags & NI_DGRAM != 0 { b"udp" } else { b"tcp" };
    if flags & NI_NUMERICSERV == 0
        && let Some(length) = services::name(port, protocol, &mut name)
    {
        // SAFETY: by the caller's contract.
        return unsafe { put(&[&name[..length]], buffer, size) };
    }
    // SAFETY: by the caller's contract.
    unsafe { put(&[crate::text::decimal(port.into(), &mut [0; 20])], buffer, size) }
}

/// The names of a socket address's host and service.
///
/// # Errors
/// `EAI_FAMILY`, `EAI_NONAME`, `EAI_OVERFLOW`, `EAI_AGAIN`, `EAI_FAIL`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getnameinfo(
    address: *const u8,
    length: c_uint,
    host_buffer: *mut c_char,
    host_size: c_uint,
    service_buffer: *mut c_char,
    service_size: c_uint,
    flags: c_int,
) -> c_int {
    let wants_host = !host_buffer.is_null() && host_size > 0;
    let wants_service = !service_buffer.is_null() && service_size > 0;
    if !wants_host && !wants_service {
        return EAI_NONAME;
    }
    // SAFETY: the caller's address and buffers.
    let outcome = unsafe {
        let Some((address, scope, port)) = read(address, length as usize) else { return EAI_FAMILY };
        let named = if wants_host { host(address, scope, flags, host_buffer, host_size) } else { Ok(()) };
        named.and_then(|()| {
            if wants_service { service(port, flags, service_buffer, service_size) } else { Ok(()) }
        })
    };
    outcome.err().unwrap_or(0)
}
