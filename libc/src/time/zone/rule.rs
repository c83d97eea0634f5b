//! POSIX's `TZ` values: `CET-1CEST,M3.5.0,M10.5.0/3`; also the last line of a zone file (RFC 8536).

use core::ffi::c_char;

use super::LocalType;
use crate::text::parse_decimal;
use crate::time::calendar::{DAY, date_from_days, days_from_date, days_in_month, is_leap};

/// Room for an abbreviation and its NUL.
const ABBREVIATION: usize = 32;

/// A day of the year when clocks change.
#[derive(Clone, Copy)]
enum Day {
    /// 1 to 365, never 29 February.
    Julian(i64),
    /// 0 to 365.
    FromZero(i64),
    /// Month 1 to 12, week 1 to 5 (the last one), day of the week from Sunday.
    Weekday(i64, i64, i64),
}

/// When clocks change: a day, and seconds from its start by the clocks before the change.
#[derive(Clone, Copy)]
struct Change(Day, i64);

/// One kind of time.
#[derive(Clone, Copy)]
struct Kind {
    name: [c_char; ABBREVIATION],
    offset: i32,
}

/// A parsed value.
#[derive(Clone, Copy)]
pub struct Rule {
    standard: Kind,
    summer: Option<(Kind, Change, Change)>,
}

impl Rule {
    /// Reads a value; nothing if it is none.
    pub fn parse(text: &[u8]) -> Option<Rule> {
        let (name, text) = name(text)?;
        let Some((west, text)) = time(text) else {
            // A name alone is UTC by that name, as glibc has it.
            return Some(Rule { standard: Kind { name, offset: 0 }, summer: None });
        };
        let standard = Kind { name, offset: -(west as i32) };
        if text.is_empty() {
            return Some(Rule { standard, summer: None });
        }
        let (name, mut text) = self::name(text)?;
        let mut offset = standard.offset + 3600;
        if !text.is_empty() && text[0] != b',' {
            let (west, rest) = time(text)?;
            offset = -(west as i32);
            text = rest;
        }
        // Without dates, those of the United States, as glibc has it.
        let text = if text.is_empty() { b",M3.2.0,M11.1.0" } else { text };
        let (start, text) = change(text.strip_prefix(b",")?)?;
        let (end, text) = change(text.strip_prefix(b",")?)?;
        let summer = Some((Kind { name, offset }, start, end));
        text.is_empty().then_some(Rule { standard, summer })
    }

    /// Whether there is daylight saving time.
    pub fn has_dst(&self) -> bool {
        self.summer.is_some()
    }

    /// Standard or daylight saving time.
    pub fn one(&self, is_dst: bool) -> Option<LocalType> {
        let kind = if is_dst { &self.summer.as_ref()?.0 } else { &self.standard };
        Some(LocalType { offset: kind.offset, is_dst, abbreviation: kind.name.as_ptr() })
    }

    /// What clocks show at a time.
    pub fn at(&self, seconds: i64) -> LocalType {
        let is_dst = self.summer.as_ref().is_some_and(|(kind, start, end)| {
            let day = seconds.saturating_add(self.standard.offset.into()).div_euclid(DAY);
            // POSIX rules say nothing of years before; glibc takes the changes of 1970 for them too.
            let year = date_from_days(day).0.max(1970);
            let start = start.in_year(year) - i64::from(self.standard.offset);
            let end = end.in_year(year) - i64::from(kind.offset);
            // South of the equator summer spans the turn of the year.
            if start < end { (start..end).contains(&seconds) } else { !(end..start).contains(&seconds) }
        });
        self.one(is_dst).unwrap_or(LocalType { offset: 0, is_dst: false, abbreviation: c"UTC".as_ptr() })
    }
}

impl Change {
    /// Seconds from 1970 by the zone's own clocks.
    fn in_year(self, year: i64) -> i64 {
        let first = days_from_date(year, 0, 1);
        let day = match self.0 {
            Day::Julian(n) => first + n - 1 + i64::from(n >= 60 && is_leap(year)),
            Day::FromZero(n) => first + n,
            Day::Weekday(month, week, weekday) => {
                let first = days_from_date(year, month - 1, 1);
                let day = (weekday - (first + 4)).rem_euclid(7) + (week - 1) * 7;
                first + if day >= days_in_month(year, month - 1) { day - 7 } else { day }
            }
        };
        day * DAY + self.1
    }
}

/// An abbreviation: three or more letters, or anything else but `>` between `<` and `>`.
fn name(text: &[u8]) -> Option<([c_char; ABBREVIATION], &[u8])> {
    let (name, rest) = match text {
        [b'<', text @ ..] => {
            let length = text.iter().position(|&b| b == b'>')?;
            (&text[..length], &text[length + 1..])
        }
        _ => text.split_at(text.iter().take_while(|b| b.is_ascii_alphabetic()).count()),
    };
    if name.len() < 3 || name.len() >= ABBREVIATION {
        return None;
    }
    let mut stored = [0; ABBREVIATION];
    for (to, from) in stored.iter_mut().zip(name) {
        *to = *from as c_char;
    }
    Some((stored, rest))
}

/// `[+-]hh[:mm[:ss]]` in seconds.
fn time(text: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, mut text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    let mut seconds = 0;
    for (unit, limit) in [(3600, 167), (60, 59), (1, 59)] {
        if unit != 3600 {
            match text {
                [b':', rest @ ..] => text = rest,
                _ => break,
            }
        }
        let (value, rest) = parse_decimal(text)?;
        if value > limit {
            return None;
        }
        seconds += value as i64 * unit;
        text = rest;
    }
    Some((sign * seconds, text))
}

/// `Jn`, `n` or `Mm.w.d`, then `/time` or two in the morning.
fn change(text: &[u8]) -> Option<(Change, &[u8])> {
    let number = |text, range: core::ops::RangeInclusive<u64>| {
        parse_decimal(text).filter(|(n, _)| range.contains(n)).map(|(n, rest)| (n as i64, rest))
    };
    let (day, text) = match text {
        [b'J', text @ ..] => number(text, 1..=365).map(|(n, rest)| (Day::Julian(n), rest))?,
        [b'M', text @ ..] => {
            let (month, text) = number(text, 1..=12)?;
            let (week, text) = number(text.strip_prefix(b".")?, 1..=5)?;
            let (weekday, text) = number(text.strip_prefix(b".")?, 0..=6)?;
            (Day::Weekday(month, week, weekday), text)
        }
        _ => number(text, 0..=365).map(|(n, rest)| (Day::FromZero(n), rest))?,
    };
    let (seconds, text) = match text {
        [b'/', text @ ..] => time(text)?,
        _ => (7200, text),
    };
    Some((Change(day, seconds), text))
}
