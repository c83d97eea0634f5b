//! Questions to the name servers of `/etc/resolv.conf` (RFC 1035), by UDP, and by TCP where an answer was cut.

mod configuration;
mod exchange;
mod message;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::lookup::{Addresses, Failure};
pub use configuration::Configuration;
use exchange::{ANSWER, by_tcp, by_udp};
use message::{Question, read_name, records};

/// Record types.
pub const A: u16 = 1;
const CNAME: u16 = 5;
pub const PTR: u16 = 12;
pub const AAAA: u16 = 28;

/// Asks until a server answers.
fn ask(
    configuration: &Configuration,
    question: &Question,
    answer: &mut [u8; ANSWER],
) -> Result<usize, Failure> {
    const TRUNCATED: u8 = 2;
    let mut failure = Failure::Again;
    for _ in 0..configuration.attempts {
        for &server in configuration.servers() {
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
    let question = Question::of(&[&reverse[..length - 1], zone], PTR).ok_or(Failure::Fail)?;
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
