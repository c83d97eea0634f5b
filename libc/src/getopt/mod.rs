//! `<getopt.h>`: `getopt`, `getopt_long`, `getopt_long_only`.
//!
//! The place in the arguments is [`Place`]; what a program sees of it is in `optarg`, `optind`, `opterr` and `optopt`.
//! Arguments that are no options are moved behind the options, unless the program or `POSIXLY_CORRECT` forbids it.

mod long;
mod messages;

use core::ffi::{c_char, c_int};
use core::ptr::{null, null_mut};

use tidal_mem::find::strchr;

use crate::cstr::bytes;
use crate::stdlib::environment::getenv;
use messages::Complaint;

/// `struct option` of `<getopt.h>`.
#[repr(C)]
pub struct LongOption {
    name: *const c_char,
    has_arg: c_int,
    flag: *mut c_int,
    value: c_int,
}

const _: () = assert!(size_of::<LongOption>() == 32);

/// The argument of the option just found, or null.
#[unsafe(no_mangle)]
pub static mut optarg: *mut c_char = null_mut();
/// The index of the next argument; a program sets it to 0 to start afresh.
#[unsafe(no_mangle)]
pub static mut optind: c_int = 1;
/// Whether errors are reported.
#[unsafe(no_mangle)]
pub static mut opterr: c_int = 1;
/// The option that an error is about.
#[unsafe(no_mangle)]
pub static mut optopt: c_int = b'?' as c_int;

/// What happens to arguments that are no options.
#[derive(Clone, Copy, PartialEq)]
enum Operands {
    /// They are moved behind the options.
    Permute,
    /// The first one ends the options.
    End,
    /// They are returned in order, as arguments of option 1.
    Return,
}

/// Where the scan stands.
struct Place {
    started: bool,
    operands: Operands,
    /// The rest of a group of short options; null or empty between arguments.
    next: *mut c_char,
    /// The operands skipped so far are arguments `first` up to `last`.
    first: usize,
    last: usize,
    /// The option that the last error was about; 0 before any. Each call shows it in `optopt`.
    wrong: c_int,
}

/// One for the process, as `optind` is.
static mut PLACE: Place =
    Place { started: false, operands: Operands::Permute, next: null_mut(), first: 1, last: 1, wrong: 0 };

/// What a call was given.
struct Call<'a> {
    argv: &'a mut [*mut c_char],
    /// The short options, without the leading `+` or `-`.
    short: *const c_char,
    /// The long options, ended by one without a name; null for `getopt`.
    long: *const LongOption,
    /// Where the index of a long option goes, or null.
    long_index: *mut c_int,
    /// Whether a long option may start with one dash.
    one_dash: bool,
    /// Whether errors are reported.
    report: bool,
}

impl Call<'_> {
    fn complain(&self, complaint: Complaint) {
        if self.report {
            // SAFETY: arguments are strings.
            complaint.write(self.argv.first().map_or(b"", |name| unsafe { bytes(*name) }));
        }
    }

    /// What is returned when an argument is missing.
    fn missing(&self) -> c_int {
        // SAFETY: the options are a string.
        if unsafe { *self.short } == b':' as c_char { b':'.into() } else { b'?'.into() }
    }

    fn has_short(&self, letter: c_char) -> bool {
        // SAFETY: the options are a string.
        unsafe { !strchr(self.short.cast(), (letter as u8).into()).is_null() }
    }
}

/// Whether an argument is no option: not a dash with something behind it.
unsafe fn is_operand(argument: *const c_char) -> bool {
    // SAFETY: arguments are strings.
    unsafe { *argument != b'-' as c_char || *argument.add(1) == 0 }
}

impl Place {
    fn start(&mut self, short: *const c_char, posixly_correct: bool) {
        // SAFETY: one thread at a time calls getopt, and the options are a string.
        unsafe {
            if optind == 0 {
                optind = 1;
            }
            self.first = optind as usize;
            self.last = self.first;
            self.next = null_mut();
            self.operands = match *short as u8 {
                b'-' => Operands::Return,
                b'+' => Operands::End,
                _ if posixly_correct || !getenv(c"POSIXLY_CORRECT".as_ptr()).is_null() => Operands::End,
                _ => Operands::Permute,
            };
        }
        self.started = true;
    }

    /// Moves the skipped operands behind the options that followed them, up to argument `index`.
    fn move_operands(&mut self, argv: &mut [*mut c_char], index: usize) {
        argv[self.first..index].rotate_left(self.last - self.first);
        self.first += index - self.last;
        self.last = index;
    }

    /// Goes to the next argument: `Err` with what to return if it holds no short option.
    ///
    /// # Safety
    /// As for [`scan`].
    unsafe fn next_argument(&mut self, call: &mut Call) -> Result<(), c_int> {
        let count = call.argv.len();
        // SAFETY: one thread at a time calls getopt; arguments are strings.
        unsafe {
            let mut index = (optind.max(0) as usize).min(count);
            self.last = self.last.min(index);
            self.first = self.first.min(index);
            if self.operands == Operands::Permute {
                if self.first != self.last && self.last != index {
                    self.move_operands(call.argv, index);
                } else if self.last != index {
                    self.first = index;
                }
                while index < count && is_operand(call.argv[index]) {
                    index += 1;
                }
                self.last = index;
            }
            if index < count && bytes(call.argv[index]) == b"--" {
                index += 1;
                if self.first != self.last && self.last != index {
                    self.move_operands(call.argv, index);
                } else if self.first == self.last {
                    self.first = index;
                }
                self.last = count;
                index = count;
            }
            if index == count {
                optind = if self.first != self.last { self.first } else { index } as c_int;
                return Err(-1);
            }
            optind = index as c_int;
            let argument = call.argv[index];
            if is_operand(argument) {
                if self.operands == Operands::End {
                    return Err(-1);
                }
                optarg = argument;
                optind += 1;
                return Err(1);
            }
            if !call.long.is_null() {
                if *argument.add(1) == b'-' as c_char {
                    self.next = argument.add(2);
                    return Err(long::parse(self, call, "--").unwrap_or(-1));
                }
                if call.one_dash && (*argument.add(2) != 0 || !call.has_short(*argument.add(1))) {
                    self.next = argument.add(1);
                    if let Some(found) = long::parse(self, call, "-") {
                        return Err(found);
                    }
                }
            }
            self.next = argument.add(1);
            Ok(())
        }
    }

    /// Takes one short option.
    ///
    /// # Safety
    /// As for [`scan`]; `self.next` is not empty.
    unsafe fn short_option(&mut self, call: &mut Call) -> c_int {
        // SAFETY: `next` is a string that is not empty; the options are a string, and one thread at a time is here.
        unsafe {
            let letter = *self.next;
            let code = c_int::from(letter as u8);
            self.next = self.next.add(1);
            if *self.next == 0 {
                optind += 1;
            }
            let spec: *const c_char = strchr(call.short.cast(), code).cast();
            if spec.is_null() || matches!(letter as u8, b':' | b';') {
                call.complain(Complaint::Invalid(letter as u8));
                self.wrong = code;
                return b'?'.into();
            }
            let long_follows =
                letter == b'W' as c_char && *spec.add(1) == b';' as c_char && !call.long.is_null();
            if *spec.add(1) != b':' as c_char && !long_follows {
                return code;
            }
            let optional = !long_follows && *spec.add(2) == b':' as c_char;
            if *self.next != 0 {
                optarg = self.next;
                if !long_follows {
                    optind += 1;
                }
            } else if optional {
                optarg = null_mut();
            } else if optind as usize >= call.argv.len() {
                call.complain(Complaint::ShortMissing(letter as u8));
                self.wrong = code;
                self.next = null_mut();
                return call.missing();
            } else {
                optarg = call.argv[optind as usize];
                if !long_follows {
                    optind += 1;
                }
            }
            if long_follows {
                self.next = optarg;
                optarg = null_mut();
                let one_dash = core::mem::replace(&mut call.one_dash, false);
                let found = long::parse(self, call, "-W ").unwrap_or(b'?'.into());
                call.one_dash = one_dash;
                return found;
            }
            self.next = null_mut();
            code
        }
    }
}

/// Finds the next option.
///
/// # Safety
/// `argv` has `argc` strings, `short` is a string, `long` null or ended by an option without a name, `long_index` null or
/// writable; no other thread is in here.
unsafe fn scan(
    argc: c_int,
    argv: *mut *mut c_char,
    short: *const c_char,
    long: *const LongOption,
    long_index: *mut c_int,
    one_dash: bool,
    posixly_correct: bool,
) -> c_int {
    let place = &raw mut PLACE;
    // SAFETY: by the caller's contract.
    unsafe {
        let place = &mut *place;
        if argc < 1 {
            return -1;
        }
        optarg = null_mut();
        if optind == 0 || !place.started {
            place.start(short, posixly_correct);
        }
        let short = if matches!(*short as u8, b'+' | b'-') { short.add(1) } else { short };
        let argv = core::slice::from_raw_parts_mut(argv, argc as usize);
        let report = opterr != 0 && *short != b':' as c_char;
        let mut call = Call { argv, short, long, long_index, one_dash, report };
        let at_end = place.next.is_null() || *place.next == 0;
        let found = match at_end.then(|| place.next_argument(&mut call)) {
            Some(Err(result)) => result,
            _ => place.short_option(&mut call),
        };
        optopt = place.wrong;
        found
    }
}

/// The next option letter, `?` (or `:`) after an error, -1 at the end of the options.
///
/// # Errors
/// An unknown option or a missing argument gives `?` and a message, unless `opterr` is 0 or `short` starts with a colon.
///
/// Signal-safe: no. Vfork-safe: no (the parent sees the place).
/// Source: POSIX, getopt(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getopt(argc: c_int, argv: *mut *mut c_char, short: *const c_char) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { scan(argc, argv, short, null(), null_mut(), false, false) }
}

/// [`getopt`] as programs that ask for POSIX get it: the first operand ends the options.
///
/// Signal-safe: no. Vfork-safe: no.
/// Source: POSIX, `<bits/getopt_posix.h>`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __posix_getopt(argc: c_int, argv: *mut *mut c_char, short: *const c_char) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { scan(argc, argv, short, null(), null_mut(), false, true) }
}

/// [`getopt`] with long options after two dashes, which may be abbreviated.
///
/// Signal-safe: no. Vfork-safe: no.
/// Source: getopt_long(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getopt_long(
    argc: c_int,
    argv: *mut *mut c_char,
    short: *const c_char,
    long: *const LongOption,
    long_index: *mut c_int,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { scan(argc, argv, short, long, long_index, false, false) }
}

/// [`getopt_long`] where one dash may start a long option, too.
///
/// Signal-safe: no. Vfork-safe: no.
/// Source: getopt_long_only(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getopt_long_only(
    argc: c_int,
    argv: *mut *mut c_char,
    short: *const c_char,
    long: *const LongOption,
    long_index: *mut c_int,
) -> c_int {
    // SAFETY: by the caller's contract.
    unsafe { scan(argc, argv, short, long, long_index, true, false) }
}
