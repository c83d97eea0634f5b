//! `<ifaddrs.h>`: the addresses of all interfaces.

use core::ffi::{c_char, c_int, c_uint, c_void};
use core::ptr;

use linux_raw_sys::net::{AF_INET, AF_INET6};
use tidal_rt::Errno;

use super::netlink::{
    self, IFA_ADDRESS, IFA_BROADCAST, IFA_LABEL, IFA_LOCAL, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_IFNAME,
    IFLA_STATS, Message, RTM_GETADDR, RTM_GETLINK, u32_at,
};
use crate::errno::zero_or_errno;
use crate::heap;

const AF_PACKET: u16 = 17;
const IFF_BROADCAST: u32 = 2;
const IFF_POINTOPOINT: u32 = 0x10;
const NAME: usize = 16;

/// `struct ifaddrs`.
#[repr(C)]
pub struct InterfaceAddress {
    next: *mut InterfaceAddress,
    name: *mut c_char,
    flags: c_uint,
    address: *mut c_void,
    netmask: *mut c_void,
    other: *mut c_void,
    data: *mut c_void,
}

const _: () = assert!(size_of::<InterfaceAddress>() == 56);

/// Room for any of the addresses: `struct sockaddr_ll` of an InfiniBand address is the longest.
type Address = [u8; 40];

/// An entry and all it points to, one block of the heap.
#[repr(C)]
struct Node {
    public: InterfaceAddress,
    index: u32,
    name: [c_char; NAME],
    addresses: [Address; 3],
    statistics: [u8; 96],
}

/// `struct sockaddr_in` or `sockaddr_in6`.
fn internet(family: u32, address: &[u8], index: u32) -> Address {
    let mut result: Address = [0; 40];
    result[..2].copy_from_slice(&(family as u16).to_ne_bytes());
    if family == AF_INET {
        let length = address.len().min(4);
        result[4..4 + length].copy_from_slice(&address[..length]);
    } else {
        let length = address.len().min(16);
        result[8..8 + length].copy_from_slice(&address[..length]);
        let link_local = address.starts_with(&[0xfe, 0x80]) || address.starts_with(&[0xff, 0x02]);
        if link_local {
            result[24..28].copy_from_slice(&index.to_ne_bytes());
        }
    }
    result
}

/// `struct sockaddr_ll`.
fn link(address: &[u8], index: u32, kind: u16) -> Address {
    let mut result: Address = [0; 40];
    let length = address.len().min(28);
    result[..2].copy_from_slice(&AF_PACKET.to_ne_bytes());
    result[4..8].copy_from_slice(&index.to_ne_bytes());
    result[8..10].copy_from_slice(&kind.to_ne_bytes());
    result[11] = length as u8;
    result[12..12 + length].copy_from_slice(&address[..length]);
    result
}

fn mask(family: u32, prefix: u8) -> Address {
    let mut bytes = [0u8; 16];
    for bit in 0..usize::from(prefix.min(128)) {
        bytes[bit / 8] |= 0x80 >> (bit % 8);
    }
    internet(family, if family == AF_INET { &bytes[..4] } else { &bytes }, 0)
}

/// The list while it grows.
struct List {
    first: *mut InterfaceAddress,
    last: *mut InterfaceAddress,
}

impl List {
    /// Adds a node; the name and the addresses that are there.
    fn push(
        &mut self,
        index: u32,
        flags: u32,
        name: &[u8],
        given: [Option<Address>; 3],
    ) -> Result<*mut Node, Errno> {
        let node = heap::allocate(size_of::<Node>()).ok_or(Errno::ENOMEM)?.cast::<Node>().as_ptr();
        let mut stored = [0; NAME];
        for (to, from) in stored.iter_mut().take(NAME - 1).zip(name.iter().take_while(|&&b| b != 0)) {
            *to = *from as c_char;
        }
        let addresses = given.map(|address| address.unwrap_or([0; 40]));
        // SAFETY: fresh memory of that size; the pointers lead into it.
        unsafe {
            let room = (&raw mut (*node).addresses).cast::<Address>();
            let at = |i: usize| {
                if given[i].is_some() { room.add(i).cast() } else { ptr::null_mut() }
            };
            let public = InterfaceAddress {
                next: ptr::null_mut(),
                name: (&raw mut (*node).name).cast(),
                flags,
                address: at(0),
                netmask: at(1),
                other: at(2),
                data: ptr::null_mut(),
            };
            node.write(Node { public, index, name: stored, addresses, statistics: [0; 96] });
            let public = &raw mut (*node).public;
            if self.last.is_null() {
                self.first = public;
            } else {
                (*self.last).next = public;
            }
            self.last = public;
        }
        Ok(node)
    }

    fn add_link(&mut self, message: &Message) -> Result<(), Errno> {
        let (index, flags) = (message.index(), u32_at(message.fixed, 8));
        let kind = u16::from_ne_bytes([message.fixed[2], message.fixed[3]]);
        let name = message.attribute(IFLA_IFNAME).unwrap_or(b"");
        let address = message.attribute(IFLA_ADDRESS).unwrap_or(b"");
        let broadcast = message.attribute(IFLA_BROADCAST).map(|b| link(b, index, kind));
        let node = self.push(index, flags, name, [Some(link(address, index, kind)), None, broadcast])?;
        if let Some(statistics) = message.attribute(IFLA_STATS) {
            let length = statistics.len().min(96);
            // SAFETY: the node was just made and has that room.
            unsafe {
                let to = &raw mut (*node).statistics;
                ptr::copy_nonoverlapping(statistics.as_ptr(), to.cast(), length);
                (*node).public.data = to.cast();
            }
        }
        Ok(())
    }

    fn add_address(&mut self, message: &Message) -> Result<(), Errno> {
        let family = u32::from(message.fixed[0]);
        let index = message.index();
        if family != AF_INET && family != AF_INET6 {
            return Ok(());
        }
        let Some((flags, link_name)) = self.link_of(index) else { return Ok(()) };
        let peer = message.attribute(IFA_ADDRESS);
        let Some(own) = message.attribute(IFA_LOCAL).or(peer) else { return Ok(()) };
        let other = if flags & IFF_POINTOPOINT != 0 {
            peer
        } else if flags & IFF_BROADCAST != 0 {
            message.attribute(IFA_BROADCAST)
        } else {
            None
        };
        let name = message.attribute(IFA_LABEL).unwrap_or(&link_name);
        let addresses = [
            Some(internet(family, own, index)),
            Some(mask(family, message.fixed[1])),
            other.map(|address| internet(family, address, index)),
        ];
        self.push(index, flags, name, addresses).map(drop)
    }

    /// Flags and name of an interface; its own node comes before those of its addresses.
    fn link_of(&self, index: u32) -> Option<(u32, [u8; NAME])> {
        let mut at = self.first.cast::<Node>();
        // SAFETY: the nodes of the list are live; the public part comes first.
        while let Some(node) = unsafe { at.as_ref() } {
            if node.index == index {
                return Some((node.public.flags, node.name.map(|c| c as u8)));
            }
            at = node.public.next.cast();
        }
        None
    }
}

/// All addresses of all interfaces, a list for `freeifaddrs`.
///
/// # Errors
/// `ENOMEM`, and those of sockets.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getifaddrs(result: *mut *mut InterfaceAddress) -> c_int {
    let mut list = List { first: ptr::null_mut(), last: ptr::null_mut() };
    let filled = netlink::dump(RTM_GETLINK, |message| list.add_link(message))
        .and_then(|()| netlink::dump(RTM_GETADDR, |message| list.add_address(message)));
    // SAFETY: the caller's word; the list is ours until then.
    unsafe {
        if filled.is_err() {
            freeifaddrs(list.first);
        } else {
            result.write(list.first);
        }
    }
    zero_or_errno(filled)
}

/// Gives the list of `getifaddrs` back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn freeifaddrs(list: *mut InterfaceAddress) {
    let mut at = list;
    while !at.is_null() {
        // SAFETY: from `getifaddrs`, by contract.
        unsafe {
            let next = (*at).next;
            heap::release(at);
            at = next;
        }
    }
}
