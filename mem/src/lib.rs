//! Memory and string primitives.
#![no_std]
#![no_builtins]
