//! C symbols.
#![no_std]
