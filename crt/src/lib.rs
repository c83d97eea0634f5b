//! Program start and end.
#![no_std]
