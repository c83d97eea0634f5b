//! `<time.h>`: `strptime`, in the C locale.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use super::calendar::{Tm, date_from_days, days_from_date};
use super::format::{DAYS, MONTHS};

/// What was read so far, and what fits into no field of `struct tm` by itself.
#[derive(Default)]
struct State {
    century: Option<i64>,
    year_of_century: Option<i64>,
    twelve_hours: bool,
    afternoon: bool,
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

/// A number within limits, of at most so many digits; blanks in front are skipped. It ends before a digit that would
/// take it over the limit whatever that digit is, as in glibc, so `%m%d` reads `309`.
fn number(text: &mut &[u8], low: i64, high: i64, digits: usize) -> Option<i64> {
    let at = skip_blanks(text);
    let (mut value, mut count) = (0, 0);
    while let Some(digit) = at.get(count).filter(|b| b.is_ascii_digit())
        && count < digits
        && (count == 0 || value * 10 <= high)
    {
        value = value * 10 + i64::from(digit - b'0');
        count += 1;
    }
    *text = &at[count..];
    (count > 0 && (low..=high).contains(&value)).then_some(value)
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
    let minutes = if text.first().is_some_and(u8::is_ascii_digit) { two_digits(text)? } else { 0 };
    (minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
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
        let mut suits: Option<&[u8]> = None;
        if let [modifier @ (b'E' | b'O'), rest @ ..] = format {
            suits = Some(if *modifier == b'E' { b"CXYcxy" } else { b"BHIMSUVWbdehmwy" });
            format = rest;
        }
        let [letter, rest @ ..] = format else { return None };
        if suits.is_some_and(|letters| !letters.contains(letter)) {
            return None;
        }
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
            state.twelve_hours = false;
        }
        b'l' | b'I' => {
            tm.tm_hour = (number(text, 1, 12, 2)? % 12) as c_int;
            state.twelve_hours = true;
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
            state.afternoon = afternoon;
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
        b'G' => {
            let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
            *text = text.get(digits..).filter(|_| digits > 0)?;
        }
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
        b'Z' => {
            let name = skip_blanks(text);
            *text = &name[name.iter().take_while(|b| !b.is_ascii_whitespace()).count()..];
        }
        _ => return None,
    }
    Some(())
}

/// Works out the fields that follow from what was read.
fn complete(tm: &mut Tm, state: &State) {
    if state.twelve_hours && state.afternoon {
        tm.tm_hour += 12;
    }
    match (state.century, state.year_of_century) {
        (Some(century), year) => tm.tm_year = (century * 100 - 1900 + year.unwrap_or(0)) as c_int,
        // POSIX: 69 to 99 are of the 20th century, 0 to 68 of the 21st.
        (None, Some(year)) => tm.tm_year = (if year < 69 { year + 100 } else { year }) as c_int,
        (None, None) => {}
    }
    let first = days_from_date(i64::from(tm.tm_year) + 1900, 0, 1);
    if state.have_year || state.century.is_some() || state.have_month || state.have_day {
        if !state.have_wday && state.have_yday {
            set_date(tm, state, first);
        }
        let day = days_from_date(i64::from(tm.tm_year) + 1900, tm.tm_mon.into(), tm.tm_mday.into());
        if !state.have_wday {
            tm.tm_wday = (day + 4).rem_euclid(7) as c_int;
        }
        if !state.have_yday {
            tm.tm_yday = (day - first) as c_int;
        }
    }
    if let Some((week, monday)) = state.week
        && state.have_wday
    {
        let start = i64::from(monday);
        let first_day = (start - (first + 4)).rem_euclid(7);
        if !state.have_yday {
            tm.tm_yday =
                (first_day + (week - 1) * 7 + (i64::from(tm.tm_wday) - start).rem_euclid(7)) as c_int;
        }
        set_date(tm, state, first);
    }
}

/// Takes month and day from the day of the year, where they were not read themselves.
fn set_date(tm: &mut Tm, state: &State, first_day_of_year: i64) {
    let (_, month, day) = date_from_days(first_day_of_year + i64::from(tm.tm_yday));
    if !state.have_month {
        tm.tm_mon = month as c_int;
    }
    if !state.have_day {
        tm.tm_mday = day as c_int;
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
