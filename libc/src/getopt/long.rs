//! Long options.

use core::ffi::c_int;
use core::ptr::null_mut;

use super::messages::Complaint;
use super::{Call, LongOption, Place, optarg, optind};
use crate::cstr::bytes;

/// What an abbreviation stands for.
enum Match<'a> {
    None,
    One(usize, &'a LongOption),
    Several,
}

/// The options of a call.
///
/// # Safety
/// `long` is ended by an option without a name.
unsafe fn options<'a>(long: *const LongOption) -> impl Iterator<Item = (&'a LongOption, &'a [u8])> {
    // SAFETY: the walk ends at the option without a name; the others' names are strings.
    (0..).map_while(move |i| unsafe {
        let option = &*long.add(i);
        (!option.name.is_null()).then(|| (option, bytes(option.name)))
    })
}

/// The option called `name`, or the only one that starts so. Options that do the same are one, unless a single dash makes
/// the exact name matter.
fn find<'a>(call: &Call, name: &[u8]) -> Match<'a> {
    let mut found = Match::None;
    // SAFETY: the call's options are well formed.
    for (i, (option, full)) in unsafe { options(call.long) }.enumerate() {
        if full == name {
            return Match::One(i, option);
        }
        if !full.starts_with(name) {
            continue;
        }
        found = match found {
            Match::None => Match::One(i, option),
            Match::One(first, other)
                if !call.one_dash
                    && (other.has_arg, other.flag, other.value)
                        == (option.has_arg, option.flag, option.value) =>
            {
                Match::One(first, other)
            }
            _ => Match::Several,
        };
    }
    found
}

/// The names that `name` may stand for, each with its dashes and quotes.
fn candidates<'b>(call: &Call, dashes: &str, name: &[u8], buffer: &'b mut [u8; 384]) -> &'b [u8] {
    let mut length = 0;
    // SAFETY: the call's options are well formed.
    for (_, full) in unsafe { options(call.long) }.filter(|(_, full)| full.starts_with(name)) {
        for piece in [b" '", dashes.as_bytes(), full, b"'"] {
            let room = buffer.len() - length;
            let piece = &piece[..piece.len().min(room)];
            buffer[length..length + piece.len()].copy_from_slice(piece);
            length += piece.len();
        }
    }
    &buffer[..length]
}

/// Takes the long option at `place.next`, written with `dashes`. `None` if it may be a group of short options instead.
///
/// # Safety
/// As for `scan`; `place.next` is a string.
pub unsafe fn parse(place: &mut Place, call: &mut Call, dashes: &str) -> Option<c_int> {
    // SAFETY: `next` is a string; one thread at a time is here.
    unsafe {
        let start = place.next;
        let text = bytes(start);
        let equals = text.iter().position(|c| *c == b'=');
        let name = &text[..equals.unwrap_or(text.len())];
        let (index, option) = match find(call, name) {
            Match::One(index, option) => (index, option),
            Match::None => {
                let argument = call.argv[optind as usize];
                if call.one_dash && *argument.add(1) != b'-' as _ && call.has_short(*start) {
                    return None;
                }
                call.complain(Complaint::Unrecognised(dashes, text));
                return Some(failed(place, 0));
            }
            Match::Several => {
                let mut buffer = [0; 384];
                call.complain(Complaint::Ambiguous(
                    dashes,
                    text,
                    candidates(call, dashes, name, &mut buffer),
                ));
                return Some(failed(place, 0));
            }
        };
        optind += 1;
        place.next = null_mut();
        if let Some(equals) = equals {
            if option.has_arg == 0 {
                call.complain(Complaint::Unwanted(dashes, bytes(option.name)));
                place.wrong = option.value;
                return Some(b'?'.into());
            }
            optarg = start.add(equals + 1);
        } else if option.has_arg == 1 {
            if optind as usize >= call.argv.len() {
                call.complain(Complaint::LongMissing(dashes, bytes(option.name)));
                place.wrong = option.value;
                return Some(call.missing());
            }
            optarg = call.argv[optind as usize];
            optind += 1;
        }
        if !call.long_index.is_null() {
            *call.long_index = index as c_int;
        }
        if option.flag.is_null() {
            return Some(option.value);
        }
        *option.flag = option.value;
        Some(0)
    }
}

/// Leaves the argument behind after an error.
unsafe fn failed(place: &mut Place, option: c_int) -> c_int {
    place.next = null_mut();
    place.wrong = option;
    // SAFETY: one thread at a time is here.
    unsafe { optind += 1 };
    b'?'.into()
}
