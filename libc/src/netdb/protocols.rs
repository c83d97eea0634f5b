//! `<netdb.h>`: protocols, from `/etc/protocols`, and the common ones without it.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::services::Store;
use crate::files::{Lines, words};
use crate::text::parse_decimal;

/// `struct protoent`.
#[repr(C)]
pub struct Protocol {
    name: *mut c_char,
    aliases: *mut *mut c_char,
    number: c_int,
}

const _: () = assert!(size_of::<Protocol>() == 24);

/// What every machine has, in the file's form.
const COMMON: [&[u8]; 7] = [
    b"ip 0 IP",
    b"icmp 1 ICMP",
    b"tcp 6 TCP",
    b"udp 17 UDP",
    b"ipv6 41 IPv6",
    b"ipv6-icmp 58 IPv6-ICMP",
    b"sctp 132 SCTP",
];

const ROOM: usize = 512;

/// What the functions give out.
struct Shared(UnsafeCell<(Protocol, [usize; ROOM / 8])>);

// SAFETY: POSIX lets no two threads be in these functions at once, and has the results overwritten.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared(UnsafeCell::new((
    Protocol { name: ptr::null_mut(), aliases: ptr::null_mut(), number: 0 },
    [0; ROOM / 8],
)));

/// Stores a line's protocol if it is wanted.
fn store(line: &[u8], wanted: &impl Fn(&[u8], &[u8], u64) -> bool) -> Option<*mut Protocol> {
    let mut parts = words(line);
    let name = parts.next()?;
    let (number, _) = parse_decimal(parts.next()?)?;
    if !wanted(line, name, number) {
        return None;
    }
    // SAFETY: the shared memory; see `Shared`.
    unsafe {
        let (to, buffer) = (&raw mut (*SHARED.0.get()).0, &raw mut (*SHARED.0.get()).1);
        let mut memory = Store::new(buffer.cast(), ROOM);
        let count = words(line).skip(2).count();
        let aliases = memory.pointers(count + 1).ok()?;
        for (i, alias) in words(line).skip(2).enumerate() {
            aliases.add(i).write(memory.text(alias).ok()?);
        }
        aliases.add(count).write(ptr::null_mut());
        to.write(Protocol { name: memory.text(name).ok()?, aliases, number: c_int::try_from(number).ok()? });
        Some(to)
    }
}

fn find(wanted: impl Fn(&[u8], &[u8], u64) -> bool) -> *mut Protocol {
    if let Ok(mut lines) = Lines::<1024>::open(c"/etc/protocols") {
        while let Some(line) = lines.next_line() {
            if let Some(found) = store(line, &wanted) {
                return found;
            }
        }
    }
    COMMON.iter().find_map(|line| store(line, &wanted)).unwrap_or(ptr::null_mut())
}

/// A protocol by name, in memory that the next call overwrites, or null.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getprotobyname(name: *const c_char) -> *mut Protocol {
    // SAFETY: a C string by contract.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    find(|line, official, _| official == name || words(line).skip(2).any(|alias| alias == name))
}

/// A protocol by number, in memory that the next call overwrites, or null.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getprotobynumber(number: c_int) -> *mut Protocol {
    find(|_, _, found| i64::try_from(found) == Ok(i64::from(number)))
}
