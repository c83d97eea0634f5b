//! What `getopt` says about bad options: the texts that people and test suites know.

use tidal_rt::message::line;

/// An error in the arguments.
pub enum Complaint<'a> {
    /// A letter that is no option.
    Invalid(u8),
    /// A letter without its argument.
    ShortMissing(u8),
    /// A long option that does not exist; with its dashes.
    Unrecognised(&'a str, &'a [u8]),
    /// A long option given an argument that it does not take.
    Unwanted(&'a str, &'a [u8]),
    /// A long option without its argument.
    LongMissing(&'a str, &'a [u8]),
    /// An abbreviation of several options; the text lists them.
    Ambiguous(&'a str, &'a [u8], &'a [u8]),
}

impl Complaint<'_> {
    /// One line on standard error, after the program's name.
    pub fn write(self, program: &[u8]) {
        match self {
            Complaint::Invalid(letter) => line(&[program, b": invalid option -- '", &[letter], b"'"]),
            Complaint::ShortMissing(letter) => {
                line(&[program, b": option requires an argument -- '", &[letter], b"'"]);
            }
            Complaint::Unrecognised(dashes, name) => {
                line(&[program, b": unrecognized option '", dashes.as_bytes(), name, b"'"]);
            }
            Complaint::Unwanted(dashes, name) => {
                line(&[program, b": option '", dashes.as_bytes(), name, b"' doesn't allow an argument"]);
            }
            Complaint::LongMissing(dashes, name) => {
                line(&[program, b": option '", dashes.as_bytes(), name, b"' requires an argument"]);
            }
            Complaint::Ambiguous(dashes, name, candidates) => {
                let text: [&[u8]; 5] =
                    [b": option '", dashes.as_bytes(), name, b"' is ambiguous; possibilities:", candidates];
                line(&[program, text[0], text[1], text[2], text[3], text[4]]);
            }
        }
    }
}
