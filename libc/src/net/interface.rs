//! `<net/if.h>`: names and numbers of interfaces.

use core::ffi::{CStr, c_char, c_int, c_uint};
use core::ptr;

use linux_raw_sys::general::O_CLOEXEC;
use linux_raw_sys::net::AF_UNIX;
use tidal_rt::Errno;

use super::netlink::{self, IFLA_IFNAME, Message, RTM_GETLINK};
use crate::errno::or_errno;
use crate::heap;

const NAME: usize = 16;
/// `SIOCGIFNAME` and `SIOCGIFINDEX` of `include/uapi/linux/sockios.h`.
const SIOCGIFNAME: u32 = 0x8910;
const SIOCGIFINDEX: u32 = 0x8933;
const SOCK_DGRAM: u32 = 2;

/// `struct ifreq`, with an index.
#[repr(C)]
struct Request {
    name: [c_char; NAME],
    index: c_int,
    unused: [u32; 5],
}

const _: () = assert!(size_of::<Request>() == 40);

fn ask(command: u32, request: &mut Request) -> Result<(), Errno> {
    // SAFETY: the request is live and as the kernel has it.
    unsafe {
        let socket = tidal_rt::syscall!(__NR_socket, AF_UNIX, SOCK_DGRAM | O_CLOEXEC, 0u32)?;
        let result = tidal_rt::syscall!(__NR_ioctl, socket, command, ptr::from_mut(request));
        let _ = tidal_rt::syscall!(__NR_close, socket);
        result.map(drop)
    }
}

/// The number of an interface, or 0.
///
/// # Errors
/// 0, and `ENODEV`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn if_nametoindex(name: *const c_char) -> c_uint {
    // SAFETY: a C string by contract.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    index(name).unwrap_or_else(|e| {
        e.set();
        0
    })
}

/// The number of an interface.
pub(crate) fn index(name: &[u8]) -> Result<c_uint, Errno> {
    let mut request = Request { name: [0; NAME], index: 0, unused: [0; 5] };
    if name.len() >= NAME {
        return Err(Errno::ENODEV);
    }
    for (to, from) in request.name.iter_mut().zip(name) {
        *to = *from as c_char;
    }
    ask(SIOCGIFINDEX, &mut request)?;
    Ok(request.index as c_uint)
}

/// The name of an interface, in a buffer of 16 bytes.
///
/// # Errors
/// Null, and `ENXIO`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn if_indextoname(index: c_uint, buffer: *mut c_char) -> *mut c_char {
    let mut request = Request { name: [0; NAME], index: index as c_int, unused: [0; 5] };
    let asked = ask(SIOCGIFNAME, &mut request);
    or_errno(asked.map_err(|e| if e == Errno::ENODEV { Errno::ENXIO } else { e }).map(|()| {
        // SAFETY: the caller's buffer has IF_NAMESIZE (16) bytes.
        unsafe { ptr::copy_nonoverlapping(request.name.as_ptr(), buffer, NAME) };
        buffer
    }))
}

/// `struct if_nameindex`.
#[repr(C)]
pub struct NameIndex {
    index: c_uint,
    name: *mut c_char,
}

/// All interfaces, in memory for `if_freenameindex`; the last has number 0.
///
/// # Errors
/// Null, and `ENOBUFS`, or those of sockets.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn if_nameindex() -> *mut NameIndex {
    /// Bytes for an interface: its entry and its name.
    const EACH: usize = size_of::<NameIndex>() + NAME;
    let mut count = 0;
    let counted = netlink::dump(RTM_GETLINK, |_| {
        count += 1;
        Ok(())
    });
    // Room for a few that appear meanwhile.
    let room = count + 8;
    let list = counted.and_then(|()| heap::allocate((room + 1) * EACH).ok_or(Errno::ENOBUFS));
    or_errno(list.and_then(|list| {
        let entries = list.cast::<NameIndex>().as_ptr();
        // SAFETY: behind the entries.
        let names = unsafe { entries.add(room + 1) }.cast::<c_char>();
        let mut used = 0;
        let filled = netlink::dump(RTM_GETLINK, |message: &Message| {
            if used < room
                && let Some(name) = message.attribute(IFLA_IFNAME)
            {
                // SAFETY: both arrays have room for `room` interfaces; a name has at most 16 bytes with its NUL.
                unsafe {
                    let to = names.add(used * NAME);
                    ptr::copy_nonoverlapping(name.as_ptr().cast(), to, name.len().min(NAME));
                    entries.add(used).write(NameIndex { index: message.index(), name: to });
                }
                used += 1;
            }
            Ok(())
        });
        // SAFETY: one more entry than there can be interfaces; given back on failure.
        unsafe {
            entries.add(used).write(NameIndex { index: 0, name: ptr::null_mut() });
            filled.map(|()| entries).inspect_err(|_| heap::release(entries))
        }
    }))
}

/// Gives the list of `if_nameindex` back.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn if_freenameindex(list: *mut NameIndex) {
    // SAFETY: from `if_nameindex`, by contract.
    unsafe { heap::release(list) };
}
