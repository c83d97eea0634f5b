//! `<time.h>`: `strftime`, in the C locale.

use core::ffi::{CStr, c_char, c_int, c_void};

use super::calendar::{Tm, is_leap};
use super::local::mktime;
use super::zone;
use crate::macros::aliases;

/// Names of the days; the short ones are their first three letters.
pub(crate) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// Names of the months.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The caller's buffer; what does not fit is only counted.
struct Output {
    buffer: *mut u8,
    size: usize,
    length: usize,
}

impl Output {
    fn byte(&mut self, byte: u8) {
        if self.length < self.size {
            // SAFETY: inside the buffer.
            unsafe { self.buffer.add(self.length).write(byte) };
        }
        self.length = self.length.saturating_add(1);
    }

    fn fill(&mut self, byte: u8, count: usize) {
        // A width of gigabytes must not take minutes to be refused.
        for _ in 0..count.min(self.size.saturating_sub(self.length) + 1) {
            self.byte(byte);
        }
    }
}

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Spec {
    /// `_`, `-` or `0`.
    pad: Option<u8>,
    upper: bool,
    swap: bool,
    width: Option<usize>,
}

impl Spec {
    fn text(self, out: &mut Output, text: &[u8]) {
        if let Some(width) = self.width {
            let pad = if self.pad == Some(b'0') { b'0' } else { b' ' };
            out.fill(pad, width.saturating_sub(text.len()));
        }
        for &byte in text {
            out.byte(if self.upper { byte.to_ascii_uppercase() } else { byte });
        }
    }

    /// A number with at least so many digits; `pad` is what the conversion uses by itself.
    fn number(self, out: &mut Output, value: i64, digits: usize, pad: u8) {
        let mut buffer = [0; 20];
        let text = crate::text::decimal(value.unsigned_abs(), &mut buffer);
        let (pad, digits) = match self.pad {
            Some(b'-') => (pad, 0),
            Some(b'_') => (b' ', digits),
            Some(_) => (b'0', digits),
            None => (pad, digits),
        };
        let width = self.width.unwrap_or(digits);
        let sign: &[u8] = if value < 0 { b"-" } else { b"" };
        let fill = width.saturating_sub(text.len() + sign.len());
        // glibc counts the sign as a column only where it pads.
        if pad == b' ' {
            out.fill(b' ', fill);
        }
        sign.iter().for_each(|&b| out.byte(b));
        if pad != b' ' {
            out.fill(pad, fill);
        }
        text.iter().for_each(|&b| out.byte(b));
    }
}

/// Year and week of ISO 8601.
fn iso_week(tm: &Tm) -> (i64, i64) {
    let year = i64::from(tm.tm_year) + 1900;
    let (yday, monday_based) = (i64::from(tm.tm_yday), (i64::from(tm.tm_wday) + 6).rem_euclid(7));
    // The week belongs to the year of its Thursday.
    let thursday = yday - monday_based + 3;
    let length = |year| 365 + i64::from(is_leap(year));
    if thursday < 0 {
        (year - 1, (thursday + length(year - 1)) / 7 + 1)
    } else if thursday >= length(year) {
        (year + 1, (thursday - length(year)) / 7 + 1)
    } else {
        (year, thursday / 7 + 1)
    }
}

fn name<'a>(names: &[&'a str], number: c_int) -> &'a str {
    usize::try_from(number).ok().and_then(|n| names.get(n)).copied().unwrap_or("?")
}

/// The offset from UTC, `+hhmm`; a width is that of the sign, and then of the digits, as in glibc.
fn offset(out: &mut Output, spec: Spec, east: i64) {
    let minutes = east / 60;
    let digits = (minutes / 60 * 100 + minutes % 60).abs();
    spec.text(out, if east < 0 { b"-" } else { b"+" });
    spec.number(out, digits, 4, b'0');
}

fn write(out: &mut Output, format: &[u8], tm: &Tm) {
    let mut rest = format;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            out.byte(*first);
            continue;
        }
        let start = format.len() - tail.len() - 1;
        let mut spec = Spec::default();
        while let [flag @ (b'_' | b'-' | b'0' | b'^' | b'#'), tail @ ..] = rest {
            match flag {
                b'^' => spec.upper = true,
                b'#' => spec.swap = true,
                _ => spec.pad = Some(*flag),
            }
            rest = tail;
        }
        if let Some((width, tail)) = crate::text::parse_decimal(rest) {
            spec.width = Some(usize::try_from(width).unwrap_or(usize::MAX));
            rest = tail;
        }
        let modifier = match rest {
            [modifier @ (b'E' | b'O'), tail @ ..] => {
                rest = tail;
                Some(*modifier)
            }
            _ => None,
        };
        let letter = rest.first().copied();
        rest = rest.get(1..).unwrap_or_default();
        let done = letter.is_some_and(|letter| suits(modifier, letter) && convert(out, spec, letter, tm));
        if !done {
            // What is no conversion, also because the format ends within it, is text.
            spec.text(out, &format[start..format.len() - rest.len()]);
        }
    }
}

/// Whether a conversion may have a modifier; in the C locale none changes anything.
fn suits(modifier: Option<u8>, letter: u8) -> bool {
    match modifier {
        Some(b'E') => b"%CPRTXYZcnprstuxyz".contains(&letter),
        Some(_) => b"%BCGHIMPRSTUVWZbdeghjklmnprstuwyz".contains(&letter),
        None => true,
    }
}

/// Writes one conversion; false if there is none of that letter.
fn convert(out: &mut Output, mut spec: Spec, letter: u8, tm: &Tm) -> bool {
    let year = i64::from(tm.tm_year) + 1900;
    let wday = i64::from(tm.tm_wday);
    let nested = |out: &mut Output, format: &[u8]| {
        if spec.width.is_none() && !spec.upper {
            return write(out, format, tm);
        }
        let mut buffer = [0u8; 128];
        let mut inner = Output { buffer: buffer.as_mut_ptr(), size: buffer.len(), length: 0 };
        write(&mut inner, format, tm);
        let length = inner.length.min(buffer.len());
        spec.text(out, &buffer[..length]);
    };
    let hour12 = match tm.tm_hour % 12 {
        0 => 12,
        hour => i64::from(hour),
    };
    let zero = |out: &mut Output, value: c_int, digits| spec.number(out, value.into(), digits, b'0');
    match letter {
        b'%' => spec.text(out, b"%"),
        b'n' => spec.text(out, b"\n"),
        b't' => spec.text(out, b"\t"),
        b'a' | b'A' | b'b' | b'B' | b'h' => {
            spec.upper |= spec.swap;
            let full = match letter {
                b'a' | b'A' => name(&DAYS, tm.tm_wday),
                _ => name(&MONTHS, tm.tm_mon),
            };
            let short = full.get(..3).unwrap_or(full);
            spec.text(out, if letter.is_ascii_uppercase() { full } else { short }.as_bytes());
        }
        b'p' | b'P' => {
            let text: &[u8] = match (tm.tm_hour >= 12, letter == b'P' || (spec.swap && !spec.upper)) {
                (false, false) => b"AM",
                (true, false) => b"PM",
                (false, true) => b"am",
                (true, true) => b"pm",
            };
            spec.upper = false;
            spec.text(out, text);
        }
        b'Z' => {
            let zone = match tm.tm_zone {
                zone if !zone.is_null() => zone,
                // Filled in by hand.
                _ if tm.tm_isdst < 0 => c"".as_ptr(),
                _ => zone::name(tm.tm_isdst > 0),
            };
            // SAFETY: a C string, by contract of `strftime`, or a name of `tzname`.
            let zone = unsafe { CStr::from_ptr(zone) }.to_bytes();
            if spec.swap {
                let mut lower = [0; 32];
                let length = zone.len().min(lower.len());
                lower[..length].copy_from_slice(&zone[..length]);
                lower.make_ascii_lowercase();
                spec.upper = false;
                spec.text(out, &lower[..length]);
            } else {
                spec.text(out, zone);
            }
        }
        b'z' => {
            if tm.tm_isdst >= 0 {
                offset(out, spec, tm.tm_gmtoff);
            }
        }
        b'c' => nested(out, b"%a %b %e %H:%M:%S %Y"),
        b'D' | b'x' => nested(out, b"%m/%d/%y"),
        b'F' => nested(out, b"%Y-%m-%d"),
        b'R' => nested(out, b"%H:%M"),
        b'r' => nested(out, b"%I:%M:%S %p"),
        b'T' | b'X' => nested(out, b"%H:%M:%S"),
        b'C' => spec.number(out, year.div_euclid(100), 1, b'0'),
        b'y' => spec.number(out, year.rem_euclid(100), 2, b'0'),
        b'Y' => spec.number(out, year, 1, b'0'),
        b'G' => spec.number(out, iso_week(tm).0, 1, b'0'),
        b'g' => spec.number(out, iso_week(tm).0.rem_euclid(100), 2, b'0'),
        b'V' => spec.number(out, iso_week(tm).1, 2, b'0'),
        b'U' => spec.number(out, (i64::from(tm.tm_yday) - wday + 7) / 7, 2, b'0'),
        b'W' => spec.number(out, (i64::from(tm.tm_yday) - (wday + 6) % 7 + 7) / 7, 2, b'0'),
        b'd' => zero(out, tm.tm_mday, 2),
        b'e' => spec.number(out, tm.tm_mday.into(), 2, b' '),
        b'H' => zero(out, tm.tm_hour, 2),
        b'k' => spec.number(out, tm.tm_hour.into(), 2, b' '),
        b'I' => spec.number(out, hour12, 2, b'0'),
        b'l' => spec.number(out, hour12, 2, b' '),
        b'j' => spec.number(out, i64::from(tm.tm_yday) + 1, 3, b'0'),
        b'm' => spec.number(out, i64::from(tm.tm_mon) + 1, 2, b'0'),
        b'M' => zero(out, tm.tm_min, 2),
        b'S' => zero(out, tm.tm_sec, 2),
        b'u' => spec.number(out, (wday + 6).rem_euclid(7) + 1, 1, b'0'),
        b'w' => spec.number(out, wday, 1, b'0'),
        b's' => {
            let mut copy = *tm;
            // SAFETY: the copy is live.
            spec.number(out, unsafe { mktime(&mut copy) }, 1, b'0');
        }
        _ => return false,
    }
    true
}

/// Writes a broken-down time as a format says, in the C locale; how many bytes that is without the NUL, or 0 if it does
/// not fit.
///
/// Signal-safe: no (`%s`). Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strftime(
    buffer: *mut c_char,
    size: usize,
    format: *const c_char,
    tm: *const Tm,
) -> usize {
    let mut out = Output { buffer: buffer.cast(), size, length: 0 };
    // SAFETY: the caller's string and structure.
    let (format, tm) = unsafe { (CStr::from_ptr(format).to_bytes(), &*tm) };
    write(&mut out, format, tm);
    if out.length >= size {
        return 0;
    }
    // SAFETY: below the size.
    unsafe { buffer.add(out.length).write(0) };
    out.length
}

/// As `strftime`; the locale changes nothing.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strftime_l(
    buffer: *mut c_char,
    size: usize,
    format: *const c_char,
    tm: *const Tm,
    _locale: *mut c_void,
) -> usize {
    // SAFETY: the same contract.
    unsafe { strftime(buffer, size, format, tm) }
}

aliases! {
    fn __strftime_l(buffer: *mut c_char, size: usize, format: *const c_char, tm: *const Tm, locale: *mut c_void)
        -> usize = strftime_l;
}
