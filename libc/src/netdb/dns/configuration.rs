//! `/etc/resolv.conf`.

use core::net::{IpAddr, Ipv4Addr};

use crate::files::{Lines, words};

/// What `/etc/resolv.conf` says.
pub struct Configuration {
    servers: [IpAddr; 3],
    count: usize,
    /// How often each server is asked.
    pub attempts: u32,
    /// Milliseconds to wait for an answer.
    pub timeout: i64,
    /// With fewer dots than this, the search list comes first.
    pub dots: usize,
    search: [u8; 256],
    search_length: usize,
}

impl Configuration {
    pub fn read() -> Self {
        let mut this = Configuration {
            servers: [IpAddr::V4(Ipv4Addr::LOCALHOST); 3],
            count: 0,
            attempts: 2,
            timeout: 5000,
            dots: 1,
            search: [0; 256],
            search_length: 0,
        };
        if let Ok(mut lines) = Lines::<1024>::open(c"/etc/resolv.conf") {
            while let Some(line) = lines.next_line() {
                this.line(line);
            }
        }
        this.count = this.count.max(1);
        this
    }

    fn line(&mut self, line: &[u8]) {
        let line = line.split(|&b| b == b';').next().unwrap_or(line);
        let mut words = words(line);
        match words.next() {
            Some(b"nameserver") if self.count < self.servers.len() => {
                let text = words.next().and_then(|w| core::str::from_utf8(w).ok());
                if let Some(address) = text.and_then(|t| t.split('%').next()?.parse().ok()) {
                    self.servers[self.count] = address;
                    self.count += 1;
                }
            }
            Some(b"search" | b"domain") => {
                self.search_length = 0;
                for domain in words {
                    let end = self.search_length + domain.len() + 1;
                    if end > self.search.len() {
                        break;
                    }
                    self.search[self.search_length..end - 1].copy_from_slice(domain);
                    self.search[end - 1] = b' ';
                    self.search_length = end;
                }
            }
            Some(b"options") => words.for_each(|option| self.option(option)),
            _ => {}
        }
    }

    fn option(&mut self, option: &[u8]) {
        let number = |name: &[u8], most: u64| {
            let (value, _) = crate::text::parse_decimal(option.strip_prefix(name)?)?;
            Some(value.min(most))
        };
        if let Some(value) = number(b"timeout:", 30) {
            self.timeout = value.max(1) as i64 * 1000;
        } else if let Some(value) = number(b"attempts:", 5) {
            self.attempts = value.max(1) as u32;
        } else if let Some(value) = number(b"ndots:", 15) {
            self.dots = value as usize;
        }
    }

    /// The name servers, this machine if there are none.
    pub fn servers(&self) -> &[IpAddr] {
        &self.servers[..self.count]
    }

    /// The domains that a short name is looked for in.
    pub fn search(&self) -> impl Iterator<Item = &[u8]> {
        let domains = self.search[..self.search_length].split(|&b| b == b' ');
        domains.map(|d| d.strip_suffix(b".").unwrap_or(d)).filter(|d| !d.is_empty())
    }
}
