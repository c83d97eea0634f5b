//! `<netdb.h>`: `gethostbyname` and its kind, which POSIX has given up for `getaddrinfo`.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr;
use core::sync::atomic::{AtomicI32, Ordering::Relaxed};

use linux_raw_sys::net::{AF_INET, AF_INET6};
use tidal_rt::Errno;

use super::lookup::{self, Addresses, Failure, Family};
use super::services::Store;

/// `struct hostent`.
#[repr(C)]
pub struct Host {
    name: *mut c_char,
    aliases: *mut *mut c_char,
    family: c_int,
    length: c_int,
    addresses: *mut *mut c_char,
}

const _: () = assert!(size_of::<Host>() == 32);

/// What these functions have instead of `errno`. One for the process: who has threads uses `getaddrinfo`.
static ERROR: AtomicI32 = AtomicI32::new(0);

/// The address of `h_errno`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __h_errno_location() -> *mut c_int {
    ERROR.as_ptr()
}

/// `NETDB_INTERNAL`.
const INTERNAL: c_int = -1;

fn number(failure: Failure) -> c_int {
    match failure {
        Failure::NoName => 1,
        Failure::Again => 2,
        Failure::Fail => 3,
        Failure::NoData => 4,
    }
}

/// Puts a host into memory.
fn store(name: &[u8], family: u32, addresses: &[(IpAddr, u32)], mut memory: Store) -> Result<Host, Errno> {
    let table = memory.pointers(addresses.len() + 2)?;
    let length = if family == AF_INET { 4 } else { 16 };
    let mut count = 0;
    for &(address, _) in addresses {
        let to = memory.take(length)?;
        // SAFETY: room was taken; the table has one pointer for each and a null, and one null more for the aliases.
        unsafe {
            match address {
                IpAddr::V4(v4) => to.cast::<[u8; 4]>().write(v4.octets()),
                IpAddr::V6(v6) => to.cast::<[u8; 16]>().write(v6.octets()),
            }
            table.add(count).write(to);
        }
        count += 1;
    }
    // SAFETY: as above.
    unsafe {
        table.add(count).write(ptr::null_mut());
        table.add(count + 1).write(ptr::null_mut());
    }
    let aliases = table.wrapping_add(count + 1);
    Ok(Host {
        name: memory.text(name)?,
        aliases,
        family: family as c_int,
        length: length as c_int,
        addresses: table,
    })
}

/// A name, the family, and addresses with their scopes.
type Found<'a> = (&'a [u8], u32, &'a [(IpAddr, u32)]);

/// # Safety
/// The caller's memory: structure, buffer of that size, result and error.
unsafe fn answer(
    found: Result<Found, Failure>,
    host: *mut Host,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Host,
    error: *mut c_int,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        result.write(ptr::null_mut());
        match found.map(|(name, family, list)| store(name, family, list, Store::new(buffer, size))) {
            Ok(Ok(value)) => {
                host.write(value);
                result.write(host);
                0
            }
            Ok(Err(e)) => {
                error.write(INTERNAL);
                e.0
            }
            Err(failure) => {
                error.write(number(failure));
                // As glibc: an error number only where trying again may help.
                if failure == Failure::Again { Errno::EAGAIN.0 } else { 0 }
            }
        }
    }
}

/// A host by name, in a family.
///
/// # Errors
/// An error number: `ERANGE` (buffer too small), `EAGAIN`, `EAFNOSUPPORT`; a null `*result` and `*error` otherwise.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostbyname2_r(
    name: *const c_char,
    family: c_int,
    host: *mut Host,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Host,
    error: *mut c_int,
) -> c_int {
    let wanted = match family as u32 {
        AF_INET => Family::V4,
        AF_INET6 => Family::V6,
        _ => return Errno::EAFNOSUPPORT.0,
    };
    let mut addresses = Addresses::new();
    // SAFETY: the caller's string and memory.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes();
        let found = lookup::addresses(name, wanted, &mut addresses);
        let canonical = &addresses.canonical[..addresses.canonical_length];
        let found = found.map(|()| (canonical, family as u32, addresses.all()));
        answer(found, host, buffer, size, result, error)
    }
}

/// A host by name, with IPv4 addresses.
///
/// # Errors
/// As [`gethostbyname2_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostbyname_r(
    name: *const c_char,
    host: *mut Host,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Host,
    error: *mut c_int,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { gethostbyname2_r(name, AF_INET as c_int, host, buffer, size, result, error) }
}

/// A host by address.
///
/// # Errors
/// As [`gethostbyname2_r`].
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostbyaddr_r(
    address: *const c_void,
    length: c_uint,
    family: c_int,
    host: *mut Host,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Host,
    error: *mut c_int,
) -> c_int {
    // SAFETY: the caller's address, of the family that it names.
    let address = unsafe {
        match (family as u32, length) {
            (AF_INET, 4) => IpAddr::V4(Ipv4Addr::from(*address.cast::<[u8; 4]>())),
            (AF_INET6, 16) => IpAddr::V6(Ipv6Addr::from(*address.cast::<[u8; 16]>())),
            _ => return Errno::EAFNOSUPPORT.0,
        }
    };
    let mut name = [0; 256];
    let found = match lookup::name_in_hosts(address, &mut name) {
        Some(length) => Ok(length),
        None => super::dns::name_of(address, &mut name),
    };
    let list = [(address, 0)];
    // SAFETY: the caller's memory.
    unsafe {
        let found = found.map(|length| (&name[..length], family as u32, &list[..]));
        answer(found, host, buffer, size, result, error)
    }
}

const ROOM: usize = 2048;

/// What the functions without `_r` give out.
struct Shared(UnsafeCell<(Host, [usize; ROOM / 8])>);

// SAFETY: POSIX lets no two threads be in these functions at once, and has the results overwritten.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared(UnsafeCell::new((
    Host {
        name: ptr::null_mut(),
        aliases: ptr::null_mut(),
        family: 0,
        length: 0,
        addresses: ptr::null_mut(),
    },
    [0; ROOM / 8],
)));

/// As `gethostbyname2_r`, in memory that the next call overwrites, with errors in `h_errno`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostbyname2(name: *const c_char, family: c_int) -> *mut Host {
    let mut result = ptr::null_mut();
    let mut error = 0;
    // SAFETY: the caller's string, and the shared memory.
    unsafe {
        let (host, buffer) = (&raw mut (*SHARED.0.get()).0, &raw mut (*SHARED.0.get()).1);
        gethostbyname2_r(name, family, host, buffer.cast(), ROOM, &mut result, &mut error);
    }
    ERROR.store(error, Relaxed);
    result
}

/// As `gethostbyname_r`, in memory that the next call overwrites, with errors in `h_errno`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostbyname(name: *const c_char) -> *mut Host {
    // SAFETY: the same contract.
    unsafe { gethostbyname2(name, AF_INET as c_int) }
}

/// As `gethostbyaddr_r`, in memory that the next call overwrites, with errors in `h_errno`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostbyaddr(address: *const c_void, length: c_uint, family: c_int) -> *mut Host {
    let mut result = ptr::null_mut();
    let mut error = 0;
    // SAFETY: the caller's address, and the shared memory.
    unsafe {
        let (host, buffer) = (&raw mut (*SHARED.0.get()).0, &raw mut (*SHARED.0.get()).1);
        gethostbyaddr_r(address, length, family, host, buffer.cast(), ROOM, &mut result, &mut error);
    }
    ERROR.store(error, Relaxed);
    result
}

/// What an `h_errno` means.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn hstrerror(error: c_int) -> *const c_char {
    let text: &CStr = match error {
        INTERNAL => c"Resolver internal error",
        0 => c"Resolver Error 0 (no error)",
        1 => c"Unknown host",
        2 => c"Host name lookup failure",
        3 => c"Unknown server error",
        4 => c"No address associated with name",
        _ => c"Unknown resolver error",
    };
    text.as_ptr()
}

/// Writes what `h_errno` means, in one line on standard error.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn herror(prefix: *const c_char) {
    // SAFETY: null or a C string by contract; the other text is one.
    let (prefix, text) = unsafe {
        let text = CStr::from_ptr(hstrerror(ERROR.load(Relaxed))).to_bytes();
        (super::services::optional(prefix).unwrap_or(b""), text)
    };
    let colon: &[u8] = if prefix.is_empty() { b"" } else { b": " };
    tidal_rt::message::line(&[prefix, colon, text]);
}
