//! `<time.h>`: time zones: `TZ`, `/etc/localtime`, and which offset holds when.
//!
//! A zone is read once and stays: `tm_zone` points into it, and a program that goes to and fro between zones pays for
//! each once. So the list of zones only grows, by one for each value of `TZ` that the program has used.

pub mod file;
pub mod rule;

use core::ffi::{CStr, c_char, c_int, c_long};
use core::ptr;
use core::sync::atomic::{
    AtomicPtr,
    Ordering::{Acquire, Relaxed, Release},
};

use tidal_rt::lock::RawLock;
use tidal_rt::sys::memory::{Prot, map_anonymous};

use self::file::File;
use self::rule::Rule;

/// What the clocks of a zone show at some time.
#[derive(Clone, Copy)]
pub struct LocalType {
    /// Seconds east of UTC.
    pub offset: i32,
    /// Daylight saving time.
    pub is_dst: bool,
    /// The abbreviation, a C string that stays.
    pub abbreviation: *const c_char,
}

/// Where a zone's rules come from.
pub enum Source {
    /// No or unusable information.
    Utc,
    /// A POSIX `TZ` value.
    Rule(Rule),
    /// A file of the zone database.
    File(File),
}

const NAME_MAX: usize = 256;

/// A zone that has been read.
pub struct Zone {
    next: *const Zone,
    name_length: usize,
    name: [u8; NAME_MAX],
    source: Source,
}

static ZONES: AtomicPtr<Zone> = AtomicPtr::new(ptr::null_mut());
static CURRENT: AtomicPtr<Zone> = AtomicPtr::new(ptr::null_mut());
static LOCK: RawLock = RawLock::new();

static UTC: Utc = Utc(Zone { next: ptr::null(), name_length: 0, name: [0; NAME_MAX], source: Source::Utc });

struct Utc(Zone);

// SAFETY: never changes.
unsafe impl Sync for Utc {}

/// `tzname`: names of standard and daylight saving time.
#[unsafe(no_mangle)]
pub static mut tzname: [*const c_char; 2] = [c"GMT".as_ptr(); 2];
/// `timezone`: seconds *west* of UTC of standard time.
#[unsafe(no_mangle)]
pub static mut timezone: c_long = 0;
/// `daylight`: whether the zone has ever had daylight saving time.
#[unsafe(no_mangle)]
pub static mut daylight: c_int = 0;

core::arch::global_asm!(
    ".globl __tzname, __timezone, __daylight",
    ".set __tzname, {names}",
    ".set __timezone, {west}",
    ".set __daylight, {daylight}",
    names = sym tzname,
    west = sym timezone,
    daylight = sym daylight,
);

/// The value of `TZ`.
fn wanted() -> Option<&'static [u8]> {
    // SAFETY: both are C strings.
    unsafe {
        let value = crate::stdlib::environment::getenv(c"TZ".as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value).to_bytes())
    }
}

impl Zone {
    fn find(name: &[u8]) -> Option<&'static Zone> {
        let mut zone: *const Zone = ZONES.load(Acquire);
        // SAFETY: zones stay once they are in the list.
        while let Some(this) = unsafe { zone.as_ref() } {
            if &this.name[..this.name_length] == name {
                return Some(this);
            }
            zone = this.next;
        }
        None
    }

    /// Reads a zone and keeps it.
    fn read(name: &[u8], source: Source) -> &'static Zone {
        let Ok(memory) = map_anonymous(size_of::<Zone>(), Prot::READ | Prot::WRITE) else { return &UTC.0 };
        let memory = memory.cast::<Zone>();
        let mut stored = [0; NAME_MAX];
        stored[..name.len()].copy_from_slice(name);
        let zone = Zone { next: ZONES.load(Relaxed), name_length: name.len(), name: stored, source };
        // SAFETY: fresh memory of that size.
        unsafe { memory.write(zone) };
        ZONES.store(memory, Release);
        // SAFETY: just written, and stays.
        unsafe { &*memory }
    }

    /// The zone of `TZ` as it is now.
    pub fn of_environment() -> &'static Zone {
        // A name that cannot occur in the environment stands for an unset `TZ`.
        let name = wanted().unwrap_or(b"\0unset");
        if name.len() > NAME_MAX {
            return &UTC.0;
        }
        if let Some(zone) = Zone::find(name) {
            return zone;
        }
        LOCK.lock();
        let zone = Zone::find(name).unwrap_or_else(|| Zone::read(name, source(name)));
        // SAFETY: taken above.
        unsafe { LOCK.unlock() };
        zone
    }

    /// What clocks show at a time.
    pub fn at(&self, seconds: i64) -> LocalType {
        match &self.source {
            Source::Utc => LocalType { offset: 0, is_dst: false, abbreviation: c"UTC".as_ptr() },
            Source::Rule(rule) => rule.at(seconds),
            Source::File(file) => file.at(seconds),
        }
    }

    /// Whether clocks ever show daylight saving (or standard) time.
    pub fn ever(&self, is_dst: bool) -> bool {
        match &self.source {
            Source::Utc => !is_dst,
            Source::Rule(rule) => !is_dst || rule.has_dst(),
            Source::File(file) => file.ever(is_dst),
        }
    }

    /// The latest standard or daylight saving time, for `tzname` and `timezone`.
    fn latest(&self, is_dst: bool) -> Option<LocalType> {
        match &self.source {
            Source::Utc => (!is_dst).then(|| self.at(0)),
            Source::Rule(rule) => rule.one(is_dst),
            Source::File(file) => file.latest(is_dst),
        }
    }
}

fn source(name: &[u8]) -> Source {
    const UNSET: &[u8] = b"\0unset";
    if name == UNSET {
        return File::open(c"/etc/localtime").map_or(Source::Utc, Source::File);
    }
    let name = name.strip_prefix(b":").unwrap_or(name);
    if name.is_empty() {
        return Source::Utc;
    }
    if let Some(file) = named_file(name) {
        return Source::File(file);
    }
    Rule::parse(name).map_or(Source::Utc, Source::Rule)
}

/// A file of the zone database, or any other by its path; a privileged program opens only the former.
fn named_file(name: &[u8]) -> Option<File> {
    let mut path = [0; NAME_MAX + 32];
    let outside = name[0] == b'/' || name.split(|&b| b == b'/').any(|part| part == b"..");
    if outside && tidal_rt::auxv::is_secure() {
        return None;
    }
    let folder: &[u8] = if name[0] == b'/' { b"" } else { b"/usr/share/zoneinfo/" };
    let path = crate::text::concatenate(&mut path, &[folder, name]);
    File::open(CStr::from_bytes_with_nul(path).ok()?)
}

/// The zone in use, as `tzset` last found it.
pub(crate) fn current() -> &'static Zone {
    // SAFETY: zones stay.
    match unsafe { CURRENT.load(Acquire).as_ref() } {
        Some(zone) => zone,
        None => update(),
    }
}

/// Looks at `TZ` again.
pub(crate) fn update() -> &'static Zone {
    let zone = Zone::of_environment();
    if !ptr::eq(CURRENT.swap(ptr::from_ref(zone).cast_mut(), Release), zone) {
        let standard = zone.latest(false);
        let summer = zone.latest(true);
        // SAFETY: POSIX lets programs read these words only where no other thread is in here.
        unsafe {
            if let Some(kind) = standard.or(summer) {
                tzname[0] = kind.abbreviation;
                timezone = -c_long::from(kind.offset);
            }
            tzname[1] = summer.or(standard).map_or(c"".as_ptr(), |kind| kind.abbreviation);
            daylight = summer.is_some().into();
        }
    }
    zone
}

/// What `TZ` calls its standard or daylight saving time.
pub(crate) fn name(summer: bool) -> *const c_char {
    update();
    // SAFETY: POSIX lets programs read these words only where no other thread is in `update`.
    unsafe { tzname[usize::from(summer)] }
}

/// Takes the time zone from `TZ`: sets `tzname`, `timezone` and `daylight`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn tzset() {
    update();
}
