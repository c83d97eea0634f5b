//! `<time.h>`: `strptime`, in the C locale.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::calendar::{Tm, days_from_date, is_leap};
use super::format::{DAYS, MONTHS};

/// What was read so far that fits into no field of `struct tm` by itself.
#[derive(Default)]
struct State {
    century: Option<i64>,
    year_of_century: Option<i64>,
    afternoon: Option<bool>,
    have_year: bool,
    have_month: bool,
    have_day: bool,
    have_yday: bool,
    have_wday: bool,
    /// Week of the year, and whether weeks start on Monday.
    week: Option<(i64, bool)>,
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|b| b.is_ascii_whitespace() || **b == 0x0b).count()..]
}

/// A number within limits, of at most so many digits; blanks in front are skipped.
fn number(text: &mut &[u8], low: i64, high: i64, digits: usize) -> Option<i64> {
    let at = skip_blanks(text);
    let count = at.iter().take(digits).take_while(|b| b.is_ascii_digit()).count();
    let (value, _) = crate::text::parse_decimal(&at[..count])?;
    let value = i64::try_from(value).ok()?;
    *text = &at[count..];
    (low..=high).contains(&value).then_some(value)
}

/// The longest name at the start, whole or its first three letters.
fn name(text: &mut &[u8], names: &[&str]) -> Option<c_int> {
    for (i, name) in names.iter().enumerate() {
        for length in [name.len(), 3] {
            if text.len() >= length && text[..length].eq_ignore_ascii_case(&name.as_bytes()[..length]) {
                *text = &text[length..];
                return Some(i as c_int);
            }
        }
    }
    None
}

/// `Z`, `+hh`, `+hhmm` or `+hh:mm`, in seconds east.
fn zone_offset(text: &mut &[u8]) -> Option<i64> {
    let at = skip_blanks(text);
    if let [b'Z', rest @ ..] = at {
        *text = rest;
        return Some(0);
    }
    let sign = match at.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    *text = &at[1..];
    let hours = two_digits(text)?;
    if let [b':', rest @ ..] = *text {
        *text = rest;
    }
    let minutes = two_digits(text).unwrap_or(0);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn two_digits(text: &mut &[u8]) -> Option<i64> {
    let digits = text.get(..2).filter(|d| d.iter().all(u8::is_ascii_digit))?;
    let value = i64::from(digits[0] - b'0') * 10 + i64::from(digits[1] - b'0');
    *text = &text[2..];
    Some(value)
}

fn read(text: &mut &[u8], format: &[u8], tm: &mut Tm, state: &mut State) -> Option<()> {
    let mut format = format;
    while let [first, rest @ ..] = format {
        format = rest;
        if first.is_ascii_whitespace() {
            *text = skip_blanks(text);
            continue;
        }
        if *first != b'%' {
            *text = text.strip_prefix(core::slice::from_ref(first))?;
            continue;
        }
        while let [b'_' | b'-' | b'0' | b'^' | b'#', rest @ ..] = format {
            format = rest;
        }
        if let [b'E' | b'O', rest @ ..] = format {
            format = rest;
        }
        let [letter, rest @ ..] = format else { return None };
        format = rest;
        convert(text, *letter, tm, state)?;
    }
    Some(())
}

fn convert(text: &mut &[u8], letter: u8, tm: &mut Tm, state: &mut State) -> Option<()> {
    match letter {
        b'%' => *text = text.strip_prefix(b"%")?,
        b'n' | b't' => *text = skip_blanks(text),
        b'a' | b'A' => {
            tm.tm_wday = name(text, &DAYS)?;
            state.have_wday = true;
        }
        b'b' | b'B' | b'h' => {
            tm.tm_mon = name(text, &MONTHS)?;
            state.have_month = true;
        }
        b'c' => read(text, b"%a %b %e %H:%M:%S %Y", tm, state)?,
        b'C' => state.century = Some(number(text, 0, 99, 2)?),
        b'd' | b'e' => {
            tm.tm_mday = number(text, 1, 31, 2)? as c_int;
            state.have_day = true;
        }
        b'x' | b'D' => read(text, b"%m/%d/%y", tm, state)?,
        b'F' => read(text, b"%Y-%m-%d", tm, state)?,
        b'k' | b'H' => {
            tm.tm_hour = number(text, 0, 23, 2)? as c_int;
            state.afternoon = None;
        }
        b'l' | b'I' => {
            tm.tm_hour = (number(text, 1, 12, 2)? % 12) as c_int;
            state.afternoon.get_or_insert(false);
        }
        b'j' => {
            tm.tm_yday = number(text, 1, 366, 3)? as c_int - 1;
            state.have_yday = true;
        }
        b'm' => {
            tm.tm_mon = number(text, 1, 12, 2)? as c_int - 1;
            state.have_month = true;
        }
        b'M' => tm.tm_min = number(text, 0, 59, 2)? as c_int,
        b'p' | b'P' => {
            let half = text.get(..2)?;
            let afternoon = half.eq_ignore_ascii_case(b"pm");
            if !afternoon && !half.eq_ignore_ascii_case(b"am") {
                return None;
            }
            state.afternoon = Some(afternoon);
            *text = &text[2..];
        }
        b'r' => read(text, b"%I:%M:%S %p", tm, state)?,
        b'R' => read(text, b"%H:%M", tm, state)?,
        b's' => {
            let (seconds, rest) = crate::text::parse_decimal(text)?;
            let seconds = i64::try_from(seconds).ok()?;
            *text = rest;
            // SAFETY: both are live.
            unsafe { super::local::localtime_r(&seconds, tm).as_ref() }?;
        }
        b'S' => tm.tm_sec = number(text, 0, 61, 2)? as c_int,
        b'X' | b'T' => read(text, b"%H:%M:%S", tm, state)?,
        b'u' => {
            tm.tm_wday = (number(text, 1, 7, 1)? % 7) as c_int;
            state.have_wday = true;
        }
        b'w' => {
            tm.tm_wday = number(text, 0, 6, 1)? as c_int;
            state.have_wday = true;
        }
        b'g' => drop(number(text, 0, 99, 2)?),
        b'G' => drop(number(text, 0, 9999, 4)?),
        b'U' => state.week = Some((number(text, 0, 53, 2)?, false)),
        b'W' => state.week = Some((number(text, 0, 53, 2)?, true)),
        b'V' => drop(number(text, 0, 53, 2)?),
        b'y' => {
            state.year_of_century = Some(number(text, 0, 99, 2)?);
            state.have_year = true;
        }
        b'Y' => {
            tm.tm_year = number(text, 0, 9999, 4)? as c_int - 1900;
            state.century = None;
            state.year_of_century = None;
            state.have_year = true;
        }
        b'z' => tm.tm_gmtoff = zone_offset(text)?,
        b'Z' => *text = &text[text.iter().take_while(|b| b.is_ascii_alphabetic()).count()..],
        _ => return None,
    }
    Some(())
}

/// Works out the fields that follow from what was read.
fn complete(tm: &mut Tm, state: &State) {
    if state.afternoon == Some(true) {
        tm.tm_hour = tm.tm_hour % 12 + 12;
    }
    match (state.century, state.year_of_century) {
        (Some(century), year) => tm.tm_year = (century * 100 - 1900 + year.unwrap_or(0)) as c_int,
        // POSIX: 69 to 99 are of the 20th century, 0 to 68 of the 21st.
        (None, Some(year)) => tm.tm_year = (if year < 69 { year + 100 } else { year }) as c_int,
        (None, None) => {}
    }
    let year = i64::from(tm.tm_year) + 1900;
    let first = days_from_date(year, 0, 1);
    let have_year = state.have_year || state.century.is_some();
    if let Some((week, monday)) = state.week
        && have_year
        && state.have_wday
        && !(state.have_month && state.have_day)
    {
        let wday = i64::from(tm.tm_wday);
        let start = if monday { 1 } else { 0 };
        let first_wday = (first + 4).rem_euclid(7);
        let offset = (start - first_wday).rem_euclid(7);
        set_yday(tm, year, offset + (week - 1) * 7 + (wday - start).rem_euclid(7));
    } else if state.have_yday && !(state.have_month && state.have_day) {
        set_yday(tm, year, tm.tm_yday.into());
    } else if have_year || (state.have_month && state.have_day) {
        tm.tm_yday = (days_from_date(year, tm.tm_mon.into(), tm.tm_mday.into()) - first) as c_int;
    }
    if !state.have_wday && (have_year || state.have_month || state.have_day || state.have_yday) {
        let day = days_from_date(year, tm.tm_mon.into(), tm.tm_mday.into());
        tm.tm_wday = (day + 4).rem_euclid(7) as c_int;
    }
}

fn set_yday(tm: &mut Tm, year: i64, yday: i64) {
    let (_, month, day) = super::calendar::date_from_days(days_from_date(year, 0, 1) + yday);
    if (0..365 + i64::from(is_leap(year))).contains(&yday) {
        (tm.tm_yday, tm.tm_mon, tm.tm_mday) = (yday as c_int, month as c_int, day as c_int);
    }
}

/// Reads a broken-down time from a text as a format says; where it stopped, or null if the text does not match.
///
/// Signal-safe: no (`%s`). Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strptime(text: *const c_char, format: *const c_char, tm: *mut Tm) -> *mut c_char {
    // SAFETY: the caller's strings and structure.
    let (all, format, tm) =
        unsafe { (CStr::from_ptr(text).to_bytes(), CStr::from_ptr(format).to_bytes(), &mut *tm) };
    let mut rest = all;
    let mut state = State::default();
    if read(&mut rest, format, tm, &mut state).is_none() {
        return ptr::null_mut();
    }
    complete(tm, &state);
    text.wrapping_add(all.len() - rest.len()).cast_mut()
}
