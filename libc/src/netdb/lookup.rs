//! From a host's name to its addresses: numbers, `/etc/hosts`, DNS.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::dns;
use crate::arpa::inet::parse_loose;
use crate::files::{Lines, words};

/// Why there is no address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No such name.
    NoName,
    /// The name is there, an address of that family is not.
    NoData,
    /// No server answered; it may later.
    Again,
    /// Servers refused.
    Fail,
}

/// Which addresses are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Any,
    V4,
    V6,
}

impl Family {
    pub fn takes(self, address: IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }
}

/// More addresses of one name are left out.
pub const MOST: usize = 48;

/// Addresses of a host.
pub struct Addresses {
    pub list: [(IpAddr, u32); MOST],
    pub count: usize,
    /// The name that aliases lead to.
    pub canonical: [u8; 256],
    pub canonical_length: usize,
}

impl Addresses {
    pub fn new() -> Self {
        Addresses {
            list: [(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0); MOST],
            count: 0,
            canonical: [0; 256],
            canonical_length: 0,
        }
    }

    /// Adds an address, with the interface that a link-local one belongs to.
    pub fn push(&mut self, address: IpAddr, scope: u32) {
        if self.count < MOST && !self.list[..self.count].contains(&(address, scope)) {
            self.list[self.count] = (address, scope);
            self.count += 1;
        }
    }

    pub fn set_canonical(&mut self, parts: &[&[u8]]) {
        // The last byte stays for a NUL.
        let end = self.canonical.len() - 1;
        self.canonical_length = crate::text::concatenate(&mut self.canonical[..=end], parts).len() - 1;
    }

    pub fn all(&self) -> &[(IpAddr, u32)] {
        &self.list[..self.count]
    }
}

/// An address written as numbers, an IPv6 one perhaps with `%interface`.
pub fn numeric(name: &[u8]) -> Option<(IpAddr, u32)> {
    if let Some((address, [])) = parse_loose(name) {
        return Some((IpAddr::V4(address), 0));
    }
    let mut parts = name.splitn(2, |&b| b == b'%');
    let address: Ipv6Addr = core::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let scope = match parts.next() {
        None => 0,
        Some(scope) => match crate::text::parse_decimal(scope) {
            Some((number, [])) => u32::try_from(number).ok()?,
            _ => crate::net::interface::index(scope).ok()?,
        },
    };
    Some((IpAddr::V6(address), scope))
}

/// Adds what `/etc/hosts` says of a name.
fn from_hosts(name: &[u8], family: Family, result: &mut Addresses) {
    let Ok(mut lines) = Lines::<1024>::open(c"/etc/hosts") else { return };
    while let Some(line) = lines.next_line() {
        let mut words = words(line);
        let Some((address, scope)) = words.next().and_then(numeric) else { continue };
        let Some(first) = words.next() else { continue };
        let is_it = first.eq_ignore_ascii_case(name) || words.any(|alias| alias.eq_ignore_ascii_case(name));
        if is_it && family.takes(address) {
            if result.count == 0 {
                result.set_canonical(&[first]);
            }
            result.push(address, scope);
        }
    }
}

/// The name that `/etc/hosts` has for an address; its length.
pub fn name_in_hosts(address: IpAddr, text: &mut [u8; 256]) -> Option<usize> {
    let mut lines = Lines::<1024>::open(c"/etc/hosts").ok()?;
    while let Some(line) = lines.next_line() {
        let mut words = words(line);
        if words.next().and_then(numeric).is_some_and(|(found, _)| found == address)
            && let Some(name) = words.next()
            && name.len() < text.len()
        {
            text[..name.len()].copy_from_slice(name);
            return Some(name.len());
        }
    }
    None
}

/// Whether a name may be asked for: letters, digits, `-`, `_` and dots.
fn is_plausible(name: &[u8]) -> bool {
    !name.is_empty()
        && name.len() < 254
        && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

/// Looks a name up.
pub fn addresses(name: &[u8], family: Family, result: &mut Addresses) -> Result<(), Failure> {
    if let Some((address, scope)) = numeric(name) {
        if !family.takes(address) {
            return Err(Failure::NoData);
        }
        result.set_canonical(&[name]);
        result.push(address, scope);
        return Ok(());
    }
    if !is_plausible(name) {
        return Err(Failure::NoName);
    }
    from_hosts(name, family, result);
    if result.count > 0 {
        return Ok(());
    }
    // RFC 6761: these are the host itself, and not to be asked for.
    let bare = name.strip_suffix(b".").unwrap_or(name);
    if bare.eq_ignore_ascii_case(b"localhost") || bare.to_ascii_lowercase_ends_with(b".localhost") {
        result.set_canonical(&[bare]);
        for address in [IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)] {
            if family.takes(address) {
                result.push(address, 0);
            }
        }
        return Ok(());
    }
    from_dns(name, family, result)
}

/// Comparison of endings without regard to case.
trait EndsWith {
    fn to_ascii_lowercase_ends_with(&self, end: &[u8]) -> bool;
}

impl EndsWith for [u8] {
    fn to_ascii_lowercase_ends_with(&self, end: &[u8]) -> bool {
        self.len() >= end.len() && self[self.len() - end.len()..].eq_ignore_ascii_case(end)
    }
}

fn from_dns(name: &[u8], family: Family, result: &mut Addresses) -> Result<(), Failure> {
    let configuration = dns::Configuration::read();
    let dots = name.iter().filter(|&&b| b == b'.').count();
    // The dot at the end says where to look, and is no part of the name.
    let absolute = name.ends_with(b".");
    let name = name.strip_suffix(b".").unwrap_or(name);
    let as_it_is_first = absolute || dots >= configuration.dots;
    let mut failure = Failure::NoName;
    if as_it_is_first {
        match ask(&configuration, &[name], family, result) {
            Err(Failure::NoName | Failure::NoData) if !absolute => {}
            outcome => return outcome,
        }
    }
    for domain in configuration.search().filter(|_| !absolute) {
        match ask(&configuration, &[name, domain], family, result) {
            Err(Failure::NoName) => {}
            Err(Failure::NoData) => failure = Failure::NoData,
            outcome => return outcome,
        }
    }
    if as_it_is_first { Err(failure) } else { ask(&configuration, &[name], family, result) }
}

fn ask(
    configuration: &dns::Configuration,
    name: &[&[u8]],
    family: Family,
    result: &mut Addresses,
) -> Result<(), Failure> {
    let joined: [&[u8]; 3] =
        [name[0], if name.len() > 1 { b"." } else { b"" }, name.get(1).unwrap_or(&&b""[..])];
    result.set_canonical(&joined);
    let mut failure = None;
    for (kind, wanted) in [(dns::AAAA, Family::V6), (dns::A, Family::V4)] {
        if (family == Family::Any || family == wanted)
            && let Err(e) = dns::addresses(configuration, name, kind, result)
        {
            // That there is such a name says more than that there is none of one family.
            failure = Some(match (failure, e) {
                (Some(Failure::NoData), _) => Failure::NoData,
                (_, e) => e,
            });
        }
    }
    match failure {
        Some(failure) if result.count == 0 => Err(failure),
        _ => Ok(()),
    }
}
