//! Program start and end: the first Tidal code to run and the last.
//!
//! ```text
//! _start ──▶ relocate (static-pie) ──▶ arguments, auxv ──▶ TLS and block, thread pointer ──▶ provider
//!        ──▶ IRELATIVE ──▶ RELRO ──▶ preinit, init ──▶ main ──▶ exit: handlers, fini, flush ──▶ exit_group
//! ```
//!
//! `_start` itself stands in `objects/crt1.rs` for C programs and comes from [`entry!`] in Rust programs; both call
//! [`start::__tidal_start`].
#![no_std]

pub mod arrays;
pub mod elf;
pub mod entry;
pub mod exit;
pub mod first_thread;
pub mod relocate;
pub mod start;

// The compiler calls memcpy and its kind without being asked.
extern crate tidal_mem as _;
