//! Files of the zone database, as RFC 8536 describes them. The file is mapped and stays mapped.

use core::ffi::{CStr, c_char};
use core::ptr;

use linux_raw_sys::general::{MAP_PRIVATE, O_CLOEXEC, O_RDONLY, PROT_READ};

use super::LocalType;
use super::rule::Rule;

/// A file that has been checked.
pub struct File {
    /// Transition times, eight bytes each, ascending.
    times: &'static [u8],
    /// For each transition the number of its local time type.
    kinds_of_times: &'static [u8],
    /// Local time types, six bytes each: offset, daylight saving, place of the abbreviation.
    kinds: &'static [u8],
    /// Abbreviations, each with a NUL.
    abbreviations: &'static [u8],
    /// What holds after the last transition.
    rule: Option<Rule>,
}

/// A cursor over the file's bytes.
struct Reader(&'static [u8]);

impl Reader {
    fn take(&mut self, count: usize) -> Option<&'static [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn header(&mut self) -> Option<Header> {
        let header = self.take(44)?;
        if !header.starts_with(b"TZif") {
            return None;
        }
        let count = |i: usize| be32(&header[20 + 4 * i..]) as usize;
        Some(Header {
            version: header[4],
            utc: count(0),
            standard: count(1),
            leaps: count(2),
            times: count(3),
            kinds: count(4),
            chars: count(5),
        })
    }
}

struct Header {
    version: u8,
    utc: usize,
    standard: usize,
    leaps: usize,
    times: usize,
    kinds: usize,
    chars: usize,
}

fn be32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Maps a whole file for good.
fn map(path: &CStr) -> Option<&'static [u8]> {
    /// Larger files are no zones.
    const LIMIT: i64 = 1 << 20;
    // SAFETY: the path is a C string.
    let fd = unsafe { tidal_rt::syscall!(__NR_open, path.as_ptr(), O_RDONLY | O_CLOEXEC, 0u32) }.ok()?;
    let mut about = crate::sys::stat::zeroed();
    // SAFETY: the result is live.
    let stat = unsafe { tidal_rt::syscall!(__NR_fstat, fd, ptr::from_mut(&mut about)) };
    let size = if stat.is_ok() && (1..LIMIT).contains(&about.st_size) { about.st_size as usize } else { 0 };
    // SAFETY: a new mapping where the kernel chooses; size 0 is an error that is no harm.
    let start = unsafe { tidal_rt::syscall!(__NR_mmap, 0usize, size, PROT_READ, MAP_PRIVATE, fd, 0usize) };
    // SAFETY: opened above.
    let _ = unsafe { tidal_rt::syscall!(__NR_close, fd) };
    // SAFETY: mapped, that long, and never unmapped. Zone files are replaced by renaming, not rewritten.
    Some(unsafe { core::slice::from_raw_parts(ptr::with_exposed_provenance(start.ok()?), size) })
}

fn unmap(bytes: &'static [u8]) {
    // SAFETY: of `map`; its only user gave up on it.
    let _ = unsafe { tidal_rt::syscall!(__NR_munmap, bytes.as_ptr(), bytes.len()) };
}

impl File {
    /// Maps and checks a file; nothing if it is no zone file.
    pub fn open(path: &CStr) -> Option<File> {
        let bytes = map(path)?;
        let file = File::parse(bytes);
        if file.is_none() {
            unmap(bytes);
        }
        file
    }

    fn parse(bytes: &'static [u8]) -> Option<File> {
        let mut reader = Reader(bytes);
        let mut header = reader.header()?;
        if header.version < b'2' {
            // Times of four bytes end in 2038; no database has shipped such files alone since 2007.
            return None;
        }
        let h = &header;
        reader.take(h.times * 5 + h.kinds * 6 + h.chars + h.leaps * 8 + h.standard + h.utc)?;
        header = reader.header()?;
        let h = &header;
        let times = reader.take(h.times * 8)?;
        let kinds_of_times = reader.take(h.times)?;
        let kinds = reader.take(h.kinds * 6)?;
        let abbreviations = reader.take(h.chars)?;
        reader.take(h.leaps * 12 + h.standard + h.utc)?;
        let footer = reader.0.strip_prefix(b"\n").and_then(|text| text.split(|&b| b == b'\n').next());
        let known = kinds_of_times.iter().all(|&k| usize::from(k) < h.kinds);
        let named = kinds.chunks_exact(6).all(|kind| usize::from(kind[5]) < h.chars);
        let sane = h.kinds > 0 && known && named && abbreviations.last() == Some(&0);
        sane.then(|| File { times, kinds_of_times, kinds, abbreviations, rule: footer.and_then(Rule::parse) })
    }

    fn kind(&self, number: usize) -> LocalType {
        let kind = &self.kinds[6 * number..6 * number + 6];
        LocalType {
            offset: be32(kind) as i32,
            is_dst: kind[4] != 0,
            abbreviation: self.abbreviations[usize::from(kind[5])..].as_ptr().cast::<c_char>(),
        }
    }

    fn time(&self, number: usize) -> i64 {
        let bytes = &self.times[8 * number..8 * number + 8];
        i64::from(be32(bytes) as i32) << 32 | i64::from(be32(&bytes[4..]))
    }

    /// How many transitions lie at or before a time.
    fn transitions_until(&self, seconds: i64) -> usize {
        let (mut low, mut high) = (0, self.kinds_of_times.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.time(middle) <= seconds {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// What clocks show at a time.
    pub fn at(&self, seconds: i64) -> LocalType {
        let before = self.transitions_until(seconds);
        match (&self.rule, before) {
            (Some(rule), n) if n == self.kinds_of_times.len() => rule.at(seconds),
            (_, 0) => self.kind(0),
            (_, n) => self.kind(self.kinds_of_times[n - 1].into()),
        }
    }

    /// Whether clocks have ever shown daylight saving (or standard) time.
    pub fn ever(&self, is_dst: bool) -> bool {
        self.kinds.chunks_exact(6).any(|kind| (kind[4] != 0) == is_dst)
    }

    /// The latest daylight saving (or standard) time.
    pub fn latest(&self, is_dst: bool) -> Option<LocalType> {
        self.rule.as_ref().and_then(|rule| rule.one(is_dst)).or_else(|| {
            let mut kinds = self.kinds_of_times.iter().rev().map(|&k| self.kind(k.into()));
            let first = (self.kind(0).is_dst == is_dst).then(|| self.kind(0));
            kinds.find(|kind| kind.is_dst == is_dst).or(first)
        })
    }
}
