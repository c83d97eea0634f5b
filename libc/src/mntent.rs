//! `<mntent.h>`: tables of file systems, such as `/etc/fstab` and `/proc/self/mounts`.
//!
//! A line has six fields between blanks. Blanks, newlines and backslashes inside a field are written as a backslash and three
//! octal digits.

use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int};
use core::ptr;

use linux_raw_sys::general::SEEK_END;
use tidal_rt::Errno;

use crate::cstr::bytes;
use crate::errno::or_errno;
use crate::stdio::buffering::{ferror, fflush};
use crate::stdio::file::Stream;
use crate::stdio::input::{fgetc, fgets};
use crate::stdio::open::{fclose, fopen};
use crate::stdio::output::fputc;
use crate::stdio::position::fseek;
use crate::stdio::write::EOF;
use crate::text::{concatenate, decimal, parse_decimal};

/// `struct mntent`.
#[repr(C)]
pub struct MountEntry {
    device: *mut c_char,
    directory: *mut c_char,
    kind: *mut c_char,
    options: *mut c_char,
    frequency: c_int,
    pass: c_int,
}

const _: () = assert!(size_of::<MountEntry>() == 40);

/// The longest line that `getmntent` reads whole, in bytes.
const LINE: usize = 4096;

/// Opens a table; `mode` is `fopen`'s.
///
/// # Errors
/// Null, and those of `fopen`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setmntent(path: *const c_char, mode: *const c_char) -> *mut Stream {
    let mut close_on_exec = [0; 16];
    // SAFETY: C strings by contract.
    unsafe {
        let mode = bytes(mode);
        if mode.len() + 2 > close_on_exec.len() {
            return or_errno(Err(Errno::EINVAL));
        }
        fopen(path, concatenate(&mut close_on_exec, &[mode, b"e"]).as_ptr().cast())
    }
}

/// Closes a table, which may be null; 1.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn endmntent(table: *mut Stream) -> c_int {
    if !table.is_null() {
        // SAFETY: open by contract.
        unsafe { fclose(table) };
    }
    1
}

/// The next entry, with strings in the buffer; null at the end. What does not fit is cut off.
///
/// # Errors
/// Null, as for `fgets`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getmntent_r(
    table: *mut Stream,
    entry: *mut MountEntry,
    buffer: *mut c_char,
    size: c_int,
) -> *mut MountEntry {
    // With room for the NUL alone, no line ever ends.
    if size < 2 {
        return ptr::null_mut();
    }
    loop {
        // SAFETY: the caller's stream and buffer.
        let line = unsafe {
            if fgets(buffer, size, table).is_null() {
                return ptr::null_mut();
            }
            core::slice::from_raw_parts_mut(buffer.cast::<u8>(), bytes(buffer).len() + 1)
        };
        if let Some(newline) = line.iter().position(|b| *b == b'\n') {
            line[newline] = 0;
        } else if line.len() == size as usize {
            // SAFETY: the caller's stream.
            while !matches!(unsafe { fgetc(table) }, EOF | NEWLINE) {}
        }
        if !matches!(line.iter().find(|b| !is_blank(**b)), Some(0 | b'#')) {
            // SAFETY: the caller's structure.
            unsafe { entry.write(Fields { line, at: 0 }.entry()) };
            return entry;
        }
    }
}

const NEWLINE: c_int = b'\n' as c_int;

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The fields of a line, which ends with a NUL, taken off one by one and decoded where they are.
struct Fields<'l> {
    line: &'l mut [u8],
    at: usize,
}

impl Fields<'_> {
    fn entry(mut self) -> MountEntry {
        MountEntry {
            device: self.text(),
            directory: self.text(),
            kind: self.text(),
            options: self.text(),
            frequency: self.number(),
            pass: self.number(),
        }
    }

    fn field(&mut self) -> &mut [u8] {
        while is_blank(self.line[self.at]) {
            self.at += 1;
        }
        let (start, mut end) = (self.at, self.at);
        while self.line[self.at] != 0 && !is_blank(self.line[self.at]) {
            let (byte, length) = decoded(&self.line[self.at..]);
            self.line[end] = byte;
            end += 1;
            self.at += length;
        }
        // The line's NUL serves all fields that are missing.
        self.at += usize::from(self.line[self.at] != 0);
        self.line[end] = 0;
        &mut self.line[start..=end]
    }

    fn text(&mut self) -> *mut c_char {
        self.field().as_mut_ptr().cast()
    }

    /// A number; 0 for none, and for one that an `int` has no room for.
    fn number(&mut self) -> c_int {
        let (sign, digits) = match self.field() {
            [b'-', digits @ ..] => (-1, &*digits),
            digits => (1, &*digits),
        };
        let number = parse_decimal(digits).and_then(|(number, _)| i64::try_from(number).ok());
        number.and_then(|number| c_int::try_from(sign * number).ok()).unwrap_or(0)
    }
}

/// The byte that a text starts with, and how long it is there.
fn decoded(text: &[u8]) -> (u8, usize) {
    match text {
        [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
            ((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), 4)
        }
        [b'\\', b'\\', ..] => (b'\\', 2),
        _ => (text[0], 1),
    }
}

/// What `getmntent` gives out.
struct Shared {
    entry: UnsafeCell<MountEntry>,
    line: UnsafeCell<[c_char; LINE]>,
}

// SAFETY: POSIX's rule for such functions: no two threads are in it at once, and the next call overwrites the result.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared {
    // SAFETY: null pointers and zeros.
    entry: UnsafeCell::new(unsafe { core::mem::zeroed() }),
    line: UnsafeCell::new([0; LINE]),
};

/// The next entry, in memory that the next call overwrites; null at the end. A line is cut after 4 KiB.
///
/// # Errors
/// Null, as for `fgets`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getmntent(table: *mut Stream) -> *mut MountEntry {
    // SAFETY: the caller's stream, and memory as long as said.
    unsafe { getmntent_r(table, SHARED.entry.get(), SHARED.line.get().cast(), LINE as c_int) }
}

/// Adds an entry at the end of a table.
///
/// # Errors
/// 1, and those of `fseek` and `fflush`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn addmntent(table: *mut Stream, entry: *const MountEntry) -> c_int {
    // SAFETY: the caller's stream and entry, whose fields are strings.
    unsafe {
        let entry = &*entry;
        if fseek(table, 0, SEEK_END as c_int) != 0 {
            return 1;
        }
        for text in [entry.device, entry.directory, entry.kind, entry.options] {
            put_encoded(table, bytes(text));
            fputc(b' '.into(), table);
        }
        put_number(table, entry.frequency);
        fputc(b' '.into(), table);
        put_number(table, entry.pass);
        fputc(NEWLINE, table);
        c_int::from(fflush(table) == EOF || ferror(table) != 0)
    }
}

/// # Safety
/// An open stream.
unsafe fn put_encoded(table: *mut Stream, text: &[u8]) {
    for &byte in text {
        // SAFETY: the caller's stream.
        unsafe {
            if matches!(byte, b' ' | b'\t' | b'\n' | b'\\') {
                let digits = [byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| digit + b'0');
                fputc(b'\\'.into(), table);
                for digit in digits {
                    fputc(digit.into(), table);
                }
            } else {
                fputc(byte.into(), table);
            }
        }
    }
}

/// # Safety
/// An open stream.
unsafe fn put_number(table: *mut Stream, number: c_int) {
    let mut digits = [0; 20];
    // SAFETY: the caller's stream.
    unsafe {
        if number < 0 {
            fputc(b'-'.into(), table);
        }
        for digit in decimal(number.unsigned_abs().into(), &mut digits) {
            fputc((*digit).into(), table);
        }
    }
}

/// Where an option stands among those of an entry, with or without a value; null if it does not.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hasmntopt(entry: *const MountEntry, option: *const c_char) -> *mut c_char {
    // SAFETY: strings by contract.
    let (start, option) = unsafe { ((*entry).options, bytes(option)) };
    // SAFETY: as above.
    let options = unsafe { bytes(start) };
    let mut at = 0;
    for found in options.split(|b| *b == b',') {
        if found.strip_prefix(option).is_some_and(|rest| matches!(rest.first(), None | Some(b'='))) {
            return start.wrapping_add(at);
        }
        at += found.len() + 1;
    }
    ptr::null_mut()
}
