//! Tidal's C symbols, with the ABI of the system's glibc headers. One file per header; policy lives in the crates below.
#![no_std]

#[cfg(feature = "archive")]
mod panic;

pub mod cstr;
pub mod ctype;
pub mod errno;
pub mod heap;
pub mod ktls;
pub mod stdlib;
pub mod string;
pub mod strings;
pub mod unistd;
pub mod variadic;

extern crate tidal_mem as _;
