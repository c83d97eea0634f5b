//! What can be wrong with a pattern.

use core::ffi::{CStr, c_int};

use tidal_rt::Errno;

/// `REG_…` of `<regex.h>`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(i32)]
pub enum Error {
    NoMatch = 1,
    BadPattern,
    Collate,
    Class,
    Escape,
    Group,
    Bracket,
    Parenthesis,
    Brace,
    Interval,
    Range,
    Space,
    Repeat,
    TooBig = 15,
}

impl From<Errno> for Error {
    fn from(_: Errno) -> Self {
        Error::Space
    }
}

/// The text of an error number.
pub fn text(number: c_int) -> &'static CStr {
    match number {
        0 => c"Success",
        1 => c"No match",
        2 => c"Invalid regular expression",
        3 => c"Invalid collation character",
        4 => c"Invalid character class name",
        5 => c"Trailing backslash",
        6 => c"Invalid back reference",
        7 => c"Unmatched [, [^, [:, [., or [=",
        8 => c"Unmatched ( or \\(",
        9 => c"Unmatched \\{",
        10 => c"Invalid content of \\{\\}",
        11 => c"Invalid range end",
        12 => c"Memory exhausted",
        13 => c"Invalid preceding regular expression",
        14 => c"Premature end of regular expression",
        15 => c"Regular expression too big",
        16 => c"Unmatched ) or \\)",
        _ => c"Unknown error",
    }
}
