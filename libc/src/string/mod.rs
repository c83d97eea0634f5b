//! `<string.h>` apart from what `tidal-mem` has: a file for each family.
//!
//! Pointers are as the C standard demands of the caller; each function's text says what it reads and writes.
#![allow(clippy::missing_safety_doc)]

pub mod collate;
pub mod duplicate;
pub mod error;
pub mod fortify;
pub mod misc;
pub mod search;
pub mod signal;
pub mod token;
pub mod version;
