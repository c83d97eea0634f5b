//! `<time.h>`: dates of the Gregorian calendar, in UTC.

use core::ffi::{c_char, c_int, c_long};

use tidal_rt::Errno;

use crate::errno::or_errno;
use crate::macros::aliases;

/// `struct tm`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Tm {
    /// Seconds, 0 to 60.
    pub tm_sec: c_int,
    /// Minutes, 0 to 59.
    pub tm_min: c_int,
    /// Hours, 0 to 23.
    pub tm_hour: c_int,
    /// Day of the month, 1 to 31.
    pub tm_mday: c_int,
    /// Month, 0 to 11.
    pub tm_mon: c_int,
    /// Years since 1900.
    pub tm_year: c_int,
    /// Day of the week, Sunday is 0.
    pub tm_wday: c_int,
    /// Day of the year, 0 to 365.
    pub tm_yday: c_int,
    /// Daylight saving time: 1, 0, or negative for unknown.
    pub tm_isdst: c_int,
    /// Seconds east of UTC.
    pub tm_gmtoff: c_long,
    /// Abbreviation of the time zone.
    pub tm_zone: *const c_char,
}

const _: () = assert!(size_of::<Tm>() == 56);

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;
/// Days from 1 March of the year 0 to 1 January 1970.
const EPOCH_FROM_MARCH_0: i64 = 719_468;
/// Days in 400 years, after which the calendar repeats.
const CYCLE: i64 = 146_097;

/// Days from 1 January 1970 to a date; months count from 0, days from 1, and years are full ones.
pub(crate) fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    // A year that starts in March has its leap day last.
    let year = if month < 2 { year - 1 } else { year };
    let (cycle, year_of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    cycle * CYCLE + day_of_cycle - EPOCH_FROM_MARCH_0
}

/// Year, month from 0 and day from 1 of a day counted from 1 January 1970.
pub(crate) fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_FROM_MARCH_0;
    let (cycle, day_of_cycle) = (days.div_euclid(CYCLE), days.rem_euclid(CYCLE));
    let year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / (CYCLE - 1)) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12;
    (cycle * 400 + year_of_cycle + i64::from(month < 2), month, day)
}

/// Whether a year has 366 days.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Breaks a time down; nothing if the year does not fit.
pub(crate) fn break_down(seconds: i64, offset: i32, is_dst: bool, zone: *const c_char) -> Option<Tm> {
    let days_and_rest = i128::from(seconds) + i128::from(offset);
    let days = days_and_rest.div_euclid(DAY.into()) as i64;
    let rest = days_and_rest.rem_euclid(DAY.into()) as i64;
    let (year, month, day) = date_from_days(days);
    Some(Tm {
        tm_sec: (rest % 60) as c_int,
        tm_min: (rest / 60 % 60) as c_int,
        tm_hour: (rest / 3600) as c_int,
        tm_mday: day as c_int,
        tm_mon: month as c_int,
        tm_year: c_int::try_from(year - 1900).ok()?,
        tm_wday: (days + 4).rem_euclid(7) as c_int,
        tm_yday: (days - days_from_date(year, 0, 1)) as c_int,
        tm_isdst: is_dst.into(),
        tm_gmtoff: offset.into(),
        tm_zone: zone,
    })
}

/// Seconds since 1970 of a broken-down time as if it were UTC; its fields may have any value.
pub(crate) fn seconds_as_utc(tm: &Tm) -> i64 {
    let month = i64::from(tm.tm_mon);
    let year = i64::from(tm.tm_year) + 1900 + month.div_euclid(12);
    let days = days_from_date(year, month.rem_euclid(12), 1) + i64::from(tm.tm_mday) - 1;
    days * DAY + i64::from(tm.tm_hour) * 3600 + i64::from(tm.tm_min) * 60 + i64::from(tm.tm_sec)
}

/// Breaks a time down as UTC.
///
/// # Errors
/// Null and `EOVERFLOW` if the year does not fit.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gmtime_r(seconds: *const i64, result: *mut Tm) -> *mut Tm {
    // SAFETY: the caller's word.
    let tm = break_down(unsafe { *seconds }, 0, false, c"GMT".as_ptr());
    or_errno(tm.ok_or(Errno::EOVERFLOW).map(|tm| {
        // SAFETY: the caller's structure.
        unsafe { result.write(tm) };
        result
    }))
}

/// What `gmtime` and `localtime` give out: one for both, as C says.
pub(crate) fn shared_result() -> *mut Tm {
    static mut RESULT: core::mem::MaybeUninit<Tm> = core::mem::MaybeUninit::zeroed();
    (&raw mut RESULT).cast()
}

/// As `gmtime_r`, into a structure that the next call overwrites.
///
/// # Errors
/// Null and `EOVERFLOW`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gmtime(seconds: *const i64) -> *mut Tm {
    // SAFETY: the caller's word; the result is ours.
    unsafe { gmtime_r(seconds, shared_result()) }
}

aliases! {
    fn __gmtime_r(seconds: *const i64, result: *mut Tm) -> *mut Tm = gmtime_r;
    fn timelocal(tm: *mut Tm) -> i64 = super::local::mktime;
}

/// The time that a broken-down time in UTC means; its fields may have any value and get their proper ones.
///
/// # Errors
/// -1 and `EOVERFLOW`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timegm(tm: *mut Tm) -> i64 {
    // SAFETY: the caller's structure.
    let seconds = seconds_as_utc(unsafe { &*tm });
    let broken_down = break_down(seconds, 0, false, c"GMT".as_ptr());
    or_errno(broken_down.ok_or(Errno::EOVERFLOW).map(|new| {
        // SAFETY: as above.
        unsafe { tm.write(new) };
        seconds
    }))
}

/// Days in a month, counted from 0.
pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    days_from_date(year + (month + 1) / 12, (month + 1) % 12, 1) - days_from_date(year, month, 1)
}
