//! `<time.h>`: local time.

use tidal_rt::Errno;

use super::calendar::{Tm, break_down, seconds_as_utc, shared_result};
use super::zone::{self, LocalType, Zone};
use crate::errno::or_errno;
use crate::macros::aliases;

fn in_zone(zone: &Zone, seconds: i64) -> Result<Tm, Errno> {
    let LocalType { offset, is_dst, abbreviation } = zone.at(seconds);
    break_down(seconds, offset, is_dst, abbreviation).ok_or(Errno::EOVERFLOW)
}

/// # Safety
/// `seconds` is live, `result` writable.
unsafe fn break_down_in(zone: &Zone, seconds: *const i64, result: *mut Tm) -> *mut Tm {
    // SAFETY: by the caller's contract.
    or_errno(in_zone(zone, unsafe { *seconds }).map(|tm| {
        // SAFETY: as above.
        unsafe { result.write(tm) };
        result
    }))
}

/// Breaks a time down as local time.
///
/// # Errors
/// Null and `EOVERFLOW` if the year does not fit.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn localtime_r(seconds: *const i64, result: *mut Tm) -> *mut Tm {
    // SAFETY: the caller's.
    unsafe { break_down_in(zone::current(), seconds, result) }
}

/// As `localtime_r` after `tzset`, into a structure that the next call overwrites.
///
/// # Errors
/// Null and `EOVERFLOW`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn localtime(seconds: *const i64) -> *mut Tm {
    // SAFETY: the caller's word; the result is ours.
    unsafe { break_down_in(zone::update(), seconds, shared_result()) }
}

aliases! {
    fn __localtime_r(seconds: *const i64, result: *mut Tm) -> *mut Tm = localtime_r;
}

/// The time that a broken-down local time means; its fields may have any value and get their proper ones. `tm_isdst`
/// tells which of two is meant, or that the hour is to be read by other clocks than those that hold.
///
/// # Errors
/// -1 and `EOVERFLOW`.
///
/// Signal-safe: no. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mktime(tm: *mut Tm) -> i64 {
    let zone = zone::update();
    // SAFETY: the caller's structure.
    let seconds = seconds_of(zone, unsafe { &*tm });
    or_errno(in_zone(zone, seconds).map(|new| {
        // SAFETY: as above.
        unsafe { tm.write(new) };
        seconds
    }))
}

/// Further than this from a time, no change of the clocks matters to it.
const NEAR: i64 = 2 * super::calendar::DAY;

fn seconds_of(zone: &Zone, tm: &Tm) -> i64 {
    let wall = seconds_as_utc(tm);
    let (before, after) = (zone.at(wall.saturating_sub(NEAR)), zone.at(wall.saturating_add(NEAR)));
    let candidates = [before, after].map(|kind| wall.saturating_sub(kind.offset.into()));
    let valid = |seconds: i64| seconds.saturating_add(zone.at(seconds).offset.into()) == wall;
    let as_asked = |seconds: &i64| tm.tm_isdst < 0 || zone.at(*seconds).is_dst == (tm.tm_isdst > 0);
    let found = candidates.into_iter().find(|&seconds| valid(seconds) && as_asked(&seconds));
    if let Some(seconds) = found {
        return seconds;
    }
    let wants_dst = tm.tm_isdst > 0;
    // Clocks were put forward over that hour: those asked for, or the ones that held before it.
    let Some(seconds) = candidates.into_iter().find(|&seconds| valid(seconds)) else {
        return candidates
            [usize::from(tm.tm_isdst >= 0 && before.is_dst != wants_dst && after.is_dst == wants_dst)];
    };
    // Clocks show other time than is asked for: by those that would.
    if tm.tm_isdst < 0 || zone.at(seconds).is_dst == wants_dst {
        return seconds;
    }
    let other = if zone.ever(wants_dst) { nearest(zone, seconds, wants_dst) } else { None };
    match other {
        Some(kind) => wall.saturating_sub(kind.offset.into()),
        // As glibc: where there never was any, daylight saving time is an hour.
        None => seconds.saturating_add(if wants_dst { -3600 } else { 3600 }),
    }
}

/// The nearest kind of time with daylight saving as asked, within the 8.5 years after which glibc gives up too.
fn nearest(zone: &Zone, seconds: i64, is_dst: bool) -> Option<LocalType> {
    /// The shortest time for which any zone has ever kept one kind.
    const STRIDE: i64 = 601_200;
    const REACH: i64 = 268_227_000;
    (0..=REACH / STRIDE)
        .flat_map(|n| [seconds.saturating_sub(n * STRIDE), seconds.saturating_add(n * STRIDE)])
        .map(|at| zone.at(at))
        .find(|kind| kind.is_dst == is_dst)
}
