//! `<arpa/inet.h>` and `<netinet/in.h>`: addresses as texts, and byte order.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use core::fmt::Write;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::ptr;

use linux_raw_sys::net::{AF_INET, AF_INET6};
use tidal_rt::Errno;

use crate::errno::or_errno;

/// `in6addr_any`.
#[unsafe(no_mangle)]
pub static in6addr_any: [u8; 16] = [0; 16];
/// `in6addr_loopback`.
#[unsafe(no_mangle)]
pub static in6addr_loopback: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

macro_rules! byte_order {
    ($($name:ident: $type:ty;)*) => { $(
        /// From the host's byte order to the network's, or back.
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name(value: $type) -> $type {
            value.swap_bytes()
        }
    )* };
}

byte_order! {
    htonl: u32;
    htons: u16;
    ntohl: u32;
    ntohs: u16;
}

/// A number as C writes it: decimal, `0` octal, `0x` hexadecimal; and what follows it.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let (radix, digits) = match text {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', rest @ ..] if rest.first().is_some_and(u8::is_ascii_digit) => (8, rest),
        _ => (10, text),
    };
    let count = digits.iter().take_while(|b| (**b as char).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let value = digits[..count]
        .iter()
        .try_fold(0u32, |value, b| value.checked_mul(radix)?.checked_add((*b as char).to_digit(radix)?))?;
    Some((value, &digits[count..]))
}

/// An IPv4 address with one to four numbers, of which the last fills what is left; and what follows it.
pub(crate) fn parse_loose(mut text: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let mut address = 0u32;
    for part in 0..4 {
        let (value, rest) = number(text)?;
        match rest {
            [b'.', after @ ..] if part < 3 => {
                address |= u32::from(u8::try_from(value).ok()?) << (24 - 8 * part);
                text = after;
            }
            _ => {
                let limit = u32::MAX >> (8 * part);
                return (value <= limit).then_some((Ipv4Addr::from_bits(address | value), rest));
            }
        }
    }
    None
}

/// Reads an IPv4 address in any of C's forms: 1, or 0 if it is none.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn inet_aton(text: *const c_char, address: *mut [u8; 4]) -> c_int {
    // SAFETY: a C string by contract.
    let text = unsafe { CStr::from_ptr(text) }.to_bytes();
    let parsed = parse_loose(text).filter(|(_, rest)| rest.first().is_none_or(u8::is_ascii_whitespace));
    let Some((parsed, _)) = parsed else { return 0 };
    if !address.is_null() {
        // SAFETY: the caller's structure.
        unsafe { address.write(parsed.octets()) };
    }
    1
}

/// Reads an IPv4 address; all ones if it is none.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn inet_addr(text: *const c_char) -> u32 {
    let mut address = [0; 4];
    // SAFETY: the caller's string; the address is live.
    if unsafe { inet_aton(text, &mut address) } == 1 { u32::from_ne_bytes(address) } else { u32::MAX }
}

/// A text in a buffer of bytes, with room for a NUL.
pub(crate) struct Text {
    pub(crate) bytes: [u8; 64],
    pub(crate) length: usize,
}

impl Text {
    pub(crate) fn of(value: impl core::fmt::Display) -> Self {
        let mut text = Text { bytes: [0; 64], length: 0 };
        // An address is shorter than the buffer.
        let _ = write!(text, "{value}");
        text
    }
}

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        let end = self.length + piece.len();
        let room = self.bytes.len() - 1;
        if end > room {
            return Err(core::fmt::Error);
        }
        self.bytes[self.length..end].copy_from_slice(piece.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// An IPv4 address as a text, in a buffer that the next call overwrites. The structure travels as an integer.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn inet_ntoa(address: u32) -> *mut c_char {
    static mut TEXT: [c_char; 16] = [0; 16];
    let text = Text::of(Ipv4Addr::from(address.to_ne_bytes()));
    let to = (&raw mut TEXT).cast::<c_char>();
    // SAFETY: at most 15 characters and a NUL; one thread at a time, by contract.
    unsafe { ptr::copy_nonoverlapping(text.bytes.as_ptr().cast(), to, text.length + 1) };
    to
}

/// Reads an address in its standard form: 1, 0 if it is none, or -1.
///
/// # Errors
/// -1 and `EAFNOSUPPORT`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn inet_pton(family: c_int, text: *const c_char, address: *mut c_void) -> c_int {
    // SAFETY: a C string by contract.
    let text = unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("");
    match family as u32 {
        AF_INET => text.parse::<Ipv4Addr>().map_or(0, |parsed| {
            // SAFETY: the caller's structure.
            unsafe { address.cast::<[u8; 4]>().write(parsed.octets()) };
            1
        }),
        AF_INET6 => text.parse::<Ipv6Addr>().map_or(0, |parsed| {
            // SAFETY: the caller's structure.
            unsafe { address.cast::<[u8; 16]>().write(parsed.octets()) };
            1
        }),
        _ => or_errno(Err(Errno::EAFNOSUPPORT)),
    }
}

/// An address in its standard form.
///
/// # Errors
/// Null, and `EAFNOSUPPORT`, or `ENOSPC` if it does not fit.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn inet_ntop(
    family: c_int,
    address: *const c_void,
    buffer: *mut c_char,
    size: c_uint,
) -> *const c_char {
    // SAFETY: the caller's structure, of the family that it names.
    let text = unsafe {
        match family as u32 {
            AF_INET => Text::of(Ipv4Addr::from(*address.cast::<[u8; 4]>())),
            AF_INET6 => Text::of(Ipv6Addr::from(*address.cast::<[u8; 16]>())),
            _ => return or_errno::<*mut c_char>(Err(Errno::EAFNOSUPPORT)),
        }
    };
    if text.length >= size as usize {
        return or_errno::<*mut c_char>(Err(Errno::ENOSPC));
    }
    // SAFETY: fits, with its NUL.
    unsafe { ptr::copy_nonoverlapping(text.bytes.as_ptr().cast(), buffer, text.length + 1) };
    buffer
}

/// The network part of a classful IPv4 address.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn inet_netof(address: u32) -> u32 {
    let address = u32::from_be(address);
    address >> host_bits(address)
}

/// The host part of a classful IPv4 address.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn inet_lnaof(address: u32) -> u32 {
    let address = u32::from_be(address);
    address & ((1 << host_bits(address)) - 1)
}

/// Class A has 24 bits of host, B 16, C 8.
fn host_bits(address: u32) -> u32 {
    match address >> 30 {
        0 | 1 => 24,
        2 => 16,
        _ => 8,
    }
}

/// An address of a network and a host.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn inet_makeaddr(network: u32, host: u32) -> u32 {
    let bits = match network {
        0..0x80 => 24,
        0x80..0x1_0000 => 16,
        0x1_0000..0x100_0000 => 8,
        _ => return (network | host).to_be(),
    };
    (network << bits | host & ((1 << bits) - 1)).to_be()
}
