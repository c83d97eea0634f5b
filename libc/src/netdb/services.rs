//! `<netdb.h>`: services, from `/etc/services`.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use tidal_rt::Errno;

use crate::files::{Lines, words};
use crate::text::parse_decimal;

/// `struct servent`.
#[repr(C)]
pub struct Service {
    name: *mut c_char,
    aliases: *mut *mut c_char,
    port: c_int,
    protocol: *mut c_char,
}

const _: () = assert!(size_of::<Service>() == 32);

/// A line taken apart.
struct Entry<'l> {
    line: &'l [u8],
    name: &'l [u8],
    port: u16,
    protocol: &'l [u8],
}

impl<'l> Entry<'l> {
    fn parse(line: &'l [u8]) -> Option<Self> {
        let mut words = words(line);
        let name = words.next()?;
        let (port, protocol) = parse_decimal(words.next()?)?;
        Some(Entry { line, name, port: port.try_into().ok()?, protocol: protocol.strip_prefix(b"/")? })
    }

    fn aliases(&self) -> impl Iterator<Item = &'l [u8]> {
        words(self.line).skip(2)
    }
}

/// Calls `found` with the first service that is wanted.
fn find<R>(wanted: impl Fn(&Entry) -> bool, found: impl FnOnce(&Entry) -> R) -> Option<R> {
    let mut lines = Lines::<1024>::open(c"/etc/services").ok()?;
    while let Some(line) = lines.next_line() {
        if let Some(entry) = Entry::parse(line)
            && wanted(&entry)
        {
            return Some(found(&entry));
        }
    }
    None
}

/// The port of a service.
pub(crate) fn port(name: &[u8], protocol: &[u8]) -> Option<u16> {
    find(|e| e.protocol == protocol && (e.name == name || e.aliases().any(|a| a == name)), |e| e.port)
}

/// The name of a port's service; its length.
pub(crate) fn name(port: u16, protocol: &[u8], text: &mut [u8; 64]) -> Option<usize> {
    find(
        |e| e.port == port && e.protocol == protocol && e.name.len() < 64,
        |e| {
            text[..e.name.len()].copy_from_slice(e.name);
            e.name.len()
        },
    )
}

/// Writes into memory from front to back: pointers first, then strings.
pub(crate) struct Store {
    at: *mut c_char,
    end: *mut c_char,
}

impl Store {
    /// # Safety
    /// `size` bytes at `buffer` may be written for as long as this is used.
    pub(crate) unsafe fn new(buffer: *mut c_char, size: usize) -> Self {
        Store { at: buffer, end: buffer.wrapping_add(size) }
    }

    /// Room for pointers.
    pub(crate) fn pointers(&mut self, count: usize) -> Result<*mut *mut c_char, Errno> {
        let start = self.at.wrapping_add(self.at.align_offset(8));
        self.at = start;
        self.take(count * 8).map(|p| p.cast())
    }

    /// Room for bytes.
    pub(crate) fn take(&mut self, size: usize) -> Result<*mut c_char, Errno> {
        let start = self.at;
        if (self.end as usize).saturating_sub(start as usize) < size {
            return Err(Errno::ERANGE);
        }
        self.at = start.wrapping_add(size);
        Ok(start)
    }

    /// A string, with a NUL behind it.
    pub(crate) fn text(&mut self, text: &[u8]) -> Result<*mut c_char, Errno> {
        let to = self.take(text.len() + 1)?;
        // SAFETY: room was taken.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr().cast(), to, text.len());
            to.add(text.len()).write(0);
        }
        Ok(to)
    }
}

impl Entry<'_> {
    fn store(&self, mut store: Store) -> Result<Service, Errno> {
        let count = self.aliases().count();
        let aliases = store.pointers(count + 1)?;
        for (i, alias) in self.aliases().enumerate() {
            // SAFETY: there is room for `count` and the null.
            unsafe { aliases.add(i).write(store.text(alias)?) };
        }
        // SAFETY: as above.
        unsafe { aliases.add(count).write(ptr::null_mut()) };
        Ok(Service {
            name: store.text(self.name)?,
            aliases,
            port: c_int::from(self.port.to_be()),
            protocol: store.text(self.protocol)?,
        })
    }
}

/// Stores a service that was found, and gives the error number of the `_r` functions.
///
/// # Safety
/// The caller's memory: structure, buffer of that size, and result.
unsafe fn find_r(
    wanted: impl Fn(&Entry) -> bool,
    service: *mut Service,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Service,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe {
        result.write(ptr::null_mut());
        match find(wanted, |entry| entry.store(Store::new(buffer, size))) {
            Some(Ok(found)) => {
                service.write(found);
                result.write(service);
                0
            }
            Some(Err(e)) => e.0,
            None => 0,
        }
    }
}

/// # Safety
/// `text` is null or a C string that outlives the result.
pub(crate) unsafe fn optional<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: by the caller's contract.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A service by name, and by protocol unless that is null; `*result` is null if there is none.
///
/// # Errors
/// An error number: `ERANGE` (buffer too small).
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getservbyname_r(
    name: *const c_char,
    protocol: *const c_char,
    service: *mut Service,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Service,
) -> c_int {
    // SAFETY: the caller's strings and memory.
    unsafe {
        let (name, protocol) = (CStr::from_ptr(name).to_bytes(), optional(protocol));
        let wanted = |e: &Entry| {
            protocol.is_none_or(|p| p == e.protocol) && (e.name == name || e.aliases().any(|a| a == name))
        };
        find_r(wanted, service, buffer, size, result)
    }
}

/// A service by port (in network byte order), and by protocol unless that is null; `*result` is null if there is none.
///
/// # Errors
/// An error number: `ERANGE` (buffer too small).
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getservbyport_r(
    port: c_int,
    protocol: *const c_char,
    service: *mut Service,
    buffer: *mut c_char,
    size: usize,
    result: *mut *mut Service,
) -> c_int {
    let port = u16::from_be(port as u16);
    // SAFETY: the caller's strings and memory.
    unsafe {
        let protocol = optional(protocol);
        find_r(|e| e.port == port && protocol.is_none_or(|p| p == e.protocol), service, buffer, size, result)
    }
}

const ROOM: usize = 1024;

/// What the functions without `_r` give out.
struct Shared(UnsafeCell<(Service, [usize; ROOM / 8])>);

// SAFETY: POSIX lets no two threads be in these functions at once, and has the results overwritten.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared(UnsafeCell::new((
    Service { name: ptr::null_mut(), aliases: ptr::null_mut(), port: 0, protocol: ptr::null_mut() },
    [0; ROOM / 8],
)));

/// As `getservbyname_r`, in memory that the next call overwrites.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getservbyname(name: *const c_char, protocol: *const c_char) -> *mut Service {
    let mut result = ptr::null_mut();
    // SAFETY: the caller's strings, and the shared memory.
    unsafe {
        let (service, buffer) = (&raw mut (*SHARED.0.get()).0, &raw mut (*SHARED.0.get()).1);
        getservbyname_r(name, protocol, service, buffer.cast(), ROOM, &mut result);
    }
    result
}

/// As `getservbyport_r`, in memory that the next call overwrites.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getservbyport(port: c_int, protocol: *const c_char) -> *mut Service {
    let mut result = ptr::null_mut();
    // SAFETY: the caller's string, and the shared memory.
    unsafe {
        let (service, buffer) = (&raw mut (*SHARED.0.get()).0, &raw mut (*SHARED.0.get()).1);
        getservbyport_r(port, protocol, service, buffer.cast(), ROOM, &mut result);
    }
    result
}
