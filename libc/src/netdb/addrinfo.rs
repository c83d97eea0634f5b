//! `<netdb.h>`: `getaddrinfo`.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr;

use linux_raw_sys::general::O_CLOEXEC;
use linux_raw_sys::net::{AF_INET, AF_INET6};

use super::lookup::{self, Addresses, Failure, Family};
use super::services::{self, optional};
use crate::heap;

/// `struct addrinfo`.
#[repr(C)]
pub struct AddrInfo {
    flags: c_int,
    family: c_int,
    kind: c_int,
    protocol: c_int,
    length: c_uint,
    address: *mut c_void,
    canonical: *mut c_char,
    next: *mut AddrInfo,
}

const _: () = assert!(size_of::<AddrInfo>() == 48);

const AI_PASSIVE: c_int = 0x01;
const AI_CANONNAME: c_int = 0x02;
const AI_NUMERICHOST: c_int = 0x04;
const AI_V4MAPPED: c_int = 0x08;
const AI_ALL: c_int = 0x10;
const AI_NUMERICSERV: c_int = 0x400;
/// All flags of glibc's header.
const AI_KNOWN: c_int = 0x7ff;

pub(crate) const EAI_BADFLAGS: c_int = -1;
pub(crate) const EAI_NONAME: c_int = -2;
pub(crate) const EAI_AGAIN: c_int = -3;
pub(crate) const EAI_FAIL: c_int = -4;
const EAI_NODATA: c_int = -5;
pub(crate) const EAI_FAMILY: c_int = -6;
const EAI_SOCKTYPE: c_int = -7;
const EAI_SERVICE: c_int = -8;
const EAI_ADDRFAMILY: c_int = -9;
const EAI_MEMORY: c_int = -10;
pub(crate) const EAI_OVERFLOW: c_int = -12;

/// A kind of socket with its protocol.
struct Kind {
    kind: c_int,
    protocol: c_int,
    /// The protocol's name in `/etc/services`; raw sockets have no ports.
    name: &'static [u8],
}

const KINDS: [Kind; 3] = [
    Kind { kind: 1, protocol: 6, name: b"tcp" },
    Kind { kind: 2, protocol: 17, name: b"udp" },
    Kind { kind: 3, protocol: 0, name: b"" },
];

/// What is asked for.
struct Hints {
    flags: c_int,
    family: Family,
    kind: c_int,
    protocol: c_int,
}

impl Hints {
    /// # Safety
    /// Null or a live structure.
    unsafe fn of(hints: *const AddrInfo) -> Result<Self, c_int> {
        // SAFETY: by the caller's contract.
        let Some(hints) = (unsafe { hints.as_ref() }) else {
            return Ok(Hints { flags: 0, family: Family::Any, kind: 0, protocol: 0 });
        };
        if hints.flags & !AI_KNOWN != 0 {
            return Err(EAI_BADFLAGS);
        }
        let family = match hints.family as u32 {
            0 => Family::Any,
            AF_INET => Family::V4,
            AF_INET6 => Family::V6,
            _ => return Err(EAI_FAMILY),
        };
        Ok(Hints { flags: hints.flags, family, kind: hints.kind, protocol: hints.protocol })
    }

    fn takes(&self, kind: &Kind) -> bool {
        (self.kind == 0 || self.kind == kind.kind)
            && (self.protocol == 0 || kind.protocol == 0 || self.protocol == kind.protocol)
    }

    /// The port of a service for a kind of socket.
    fn port(&self, service: Option<&[u8]>, kind: &Kind) -> Result<u16, c_int> {
        let Some(service) = service else { return Ok(0) };
        if let Some((port, [])) = crate::text::parse_decimal(service) {
            return u16::try_from(port).map_err(|_| EAI_SERVICE);
        }
        if self.flags & AI_NUMERICSERV != 0 {
            return Err(EAI_NONAME);
        }
        services::port(service, kind.name).ok_or(EAI_SERVICE)
    }

    fn addresses(&self, node: Option<&[u8]>, result: &mut Addresses) -> Result<(), c_int> {
        let Some(node) = node else {
            let passive = self.flags & AI_PASSIVE != 0;
            let v4 = if passive { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
            let v6 = if passive { Ipv6Addr::UNSPECIFIED } else { Ipv6Addr::LOCALHOST };
            // As glibc: to listen by IPv4 first, to connect by IPv6 first.
            let (v4, v6) = (IpAddr::V4(v4), IpAddr::V6(v6));
            for address in if passive { [v4, v6] } else { [v6, v4] } {
                if self.family.takes(address) {
                    result.push(address, 0);
                }
            }
            return Ok(());
        };
        if self.flags & AI_NUMERICHOST != 0 && lookup::numeric(node).is_none() {
            return Err(EAI_NONAME);
        }
        let found = lookup::addresses(node, self.family, result);
        let mapped = self.family == Family::V6 && self.flags & AI_V4MAPPED != 0;
        if mapped && (result.count == 0 || self.flags & AI_ALL != 0) {
            let mut v4 = Addresses::new();
            if lookup::addresses(node, Family::V4, &mut v4).is_ok() {
                for &(address, _) in v4.all() {
                    if let IpAddr::V4(v4) = address {
                        result.push(IpAddr::V6(v4.to_ipv6_mapped()), 0);
                    }
                }
                return Ok(());
            }
        }
        found.map_err(|failure| match failure {
            // A number of the other family.
            Failure::NoData if lookup::numeric(node).is_some() => EAI_ADDRFAMILY,
            Failure::NoData => EAI_NODATA,
            Failure::NoName => EAI_NONAME,
            Failure::Again => EAI_AGAIN,
            Failure::Fail => EAI_FAIL,
        })
    }
}

/// Writes `struct sockaddr_in` or `sockaddr_in6`; family and length.
pub(crate) fn socket_address(address: IpAddr, scope: u32, port: u16, to: &mut [u8; 28]) -> (u32, c_uint) {
    *to = [0; 28];
    let (family, length) = match address {
        IpAddr::V4(v4) => {
            to[4..8].copy_from_slice(&v4.octets());
            (AF_INET, 16)
        }
        IpAddr::V6(v6) => {
            to[8..24].copy_from_slice(&v6.octets());
            to[24..28].copy_from_slice(&scope.to_ne_bytes());
            (AF_INET6, 28)
        }
    };
    to[..2].copy_from_slice(&(family as u16).to_ne_bytes());
    to[2..4].copy_from_slice(&port.to_be_bytes());
    (family, length)
}

/// Whether there is a route, which is what RFC 6724's first rule asks: connecting a datagram socket sends nothing.
fn is_reachable(address: IpAddr, scope: u32) -> bool {
    let mut to = [0; 28];
    let (family, length) = socket_address(address, scope, 9, &mut to);
    // SAFETY: the address is live.
    unsafe {
        let Ok(socket) = tidal_rt::syscall!(__NR_socket, family, 2 | O_CLOEXEC, 0u32) else { return false };
        let reachable = tidal_rt::syscall!(__NR_connect, socket, to.as_ptr(), length).is_ok();
        let _ = tidal_rt::syscall!(__NR_close, socket);
        reachable
    }
}

/// Puts addresses with a route before those without, each in the order found.
fn sort(addresses: &mut Addresses) {
    let mut order = [0usize; lookup::MOST];
    let reachable = |&(address, scope): &(IpAddr, u32)| is_reachable(address, scope);
    let mut flags = [false; lookup::MOST];
    for (flag, address) in flags.iter_mut().zip(addresses.all()) {
        *flag = reachable(address);
    }
    let wanted =
        (0..addresses.count).filter(|&i| flags[i]).chain((0..addresses.count).filter(|&i| !flags[i]));
    for (slot, i) in order.iter_mut().zip(wanted) {
        *slot = i;
    }
    let old = addresses.list;
    for (slot, &i) in addresses.list[..addresses.count].iter_mut().zip(&order) {
        *slot = old[i];
    }
}

/// An entry and its address, one block of the heap.
#[repr(C)]
struct Node {
    public: AddrInfo,
    address: [u8; 28],
}

/// The list while it grows.
struct List {
    first: *mut AddrInfo,
    last: *mut AddrInfo,
}

impl List {
    fn push(
        &mut self,
        flags: c_int,
        kind: &Kind,
        protocol: c_int,
        (address, scope): (IpAddr, u32),
        port: u16,
    ) -> Option<()> {
        let node = heap::allocate(size_of::<Node>())?.cast::<Node>().as_ptr();
        let mut bytes = [0; 28];
        let (family, length) = socket_address(address, scope, port, &mut bytes);
        // SAFETY: fresh memory of that size.
        unsafe {
            let public = AddrInfo {
                flags,
                family: family as c_int,
                kind: kind.kind,
                protocol,
                length,
                address: (&raw mut (*node).address).cast(),
                canonical: ptr::null_mut(),
                next: ptr::null_mut(),
            };
            node.write(Node { public, address: bytes });
            let public = &raw mut (*node).public;
            if self.last.is_null() {
                self.first = public;
            } else {
                (*self.last).next = public;
            }
            self.last = public;
        }
        Some(())
    }
}

fn resolve(node: Option<&[u8]>, service: Option<&[u8]>, hints: &Hints) -> Result<*mut AddrInfo, c_int> {
    if node.is_none() && service.is_none() {
        return Err(EAI_NONAME);
    }
    if hints.flags & AI_CANONNAME != 0 && node.is_none() {
        return Err(EAI_BADFLAGS);
    }
    let service_is_name =
        service.is_some_and(|s| crate::text::parse_decimal(s).is_none_or(|(_, rest)| !rest.is_empty()));
    let mut ports = [None; KINDS.len()];
    let mut failure = EAI_SOCKTYPE;
    for (port, kind) in ports.iter_mut().zip(&KINDS).filter(|(_, kind)| hints.takes(kind)) {
        // A raw socket has no services by name.
        if kind.name.is_empty() && service_is_name {
            failure = EAI_SERVICE;
            continue;
        }
        match hints.port(service, kind) {
            Ok(found) => *port = Some(found),
            Err(e) => failure = e,
        }
    }
    if ports.iter().all(Option::is_none) {
        return Err(failure);
    }
    let mut addresses = Addresses::new();
    hints.addresses(node, &mut addresses)?;
    if addresses.count > 1 && hints.flags & AI_PASSIVE == 0 {
        sort(&mut addresses);
    }
    let mut list = List { first: ptr::null_mut(), last: ptr::null_mut() };
    let filled = fill(&mut list, &addresses, &ports, hints);
    if filled.is_none() {
        // SAFETY: the list is ours.
        unsafe { freeaddrinfo(list.first) };
        return Err(EAI_MEMORY);
    }
    Ok(list.first)
}

fn fill(list: &mut List, addresses: &Addresses, ports: &[Option<u16>; 3], hints: &Hints) -> Option<()> {
    for &address in addresses.all() {
        for (port, kind) in ports.iter().zip(&KINDS) {
            let Some(port) = port else { continue };
            let protocol = if kind.protocol == 0 { hints.protocol } else { kind.protocol };
            list.push(hints.flags, kind, protocol, address, *port)?;
        }
    }
    if hints.flags & AI_CANONNAME != 0 {
        let name = &addresses.canonical[..=addresses.canonical_length];
        let copy = heap::allocate(name.len())?.cast::<c_char>().as_ptr();
        // SAFETY: as long as the name with its NUL; the list has a first entry.
        unsafe {
            ptr::copy_nonoverlapping(name.as_ptr().cast(), copy, name.len());
            (*list.first).canonical = copy;
        }
    }
    Some(())
}

/// The addresses of a host and a service, a list for `freeaddrinfo`.
///
/// # Errors
/// `EAI_NONAME`, `EAI_SERVICE`, `EAI_AGAIN`, `EAI_FAIL`, `EAI_FAMILY`, `EAI_SOCKTYPE`, `EAI_BADFLAGS`, `EAI_NODATA`,
/// `EAI_MEMORY`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const AddrInfo,
    result: *mut *mut AddrInfo,
) -> c_int {
    // SAFETY: the caller's strings and structure, or null.
    let (node, service, hints) = unsafe { (optional(node), optional(service), Hints::of(hints)) };
    match hints.and_then(|hints| resolve(node, service, &hints)) {
        Ok(list) => {
            // SAFETY: the caller's word.
            unsafe { result.write(list) };
            0
        }
        Err(e) => e,
    }
}

/// Gives the list of `getaddrinfo` back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeaddrinfo(list: *mut AddrInfo) {
    let mut at = list;
    while !at.is_null() {
        // SAFETY: from `getaddrinfo`, by contract.
        unsafe {
            let next = (*at).next;
            heap::release((*at).canonical);
            heap::release(at);
            at = next;
        }
    }
}

/// What an `EAI_` number means.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gai_strerror(number: c_int) -> *const c_char {
    let text: &CStr = match number {
        EAI_BADFLAGS => c"Bad value for ai_flags",
        EAI_NONAME => c"Name or service not known",
        EAI_AGAIN => c"Temporary failure in name resolution",
        EAI_FAIL => c"Non-recoverable failure in name resolution",
        EAI_NODATA => c"No address associated with hostname",
        EAI_FAMILY => c"ai_family not supported",
        EAI_SOCKTYPE => c"ai_socktype not supported",
        EAI_SERVICE => c"Servname not supported for ai_socktype",
        EAI_ADDRFAMILY => c"Address family for hostname not supported",
        EAI_MEMORY => c"Memory allocation failure",
        -11 => c"System error",
        EAI_OVERFLOW => c"Argument buffer overflow",
        _ => c"Unknown error",
    };
    text.as_ptr()
}
