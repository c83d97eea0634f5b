//! The host side of Tidal: what the `tidal` command does, and what the tests use of it.

pub mod bench;
pub mod cc;
pub mod doctor;
pub mod install;
pub mod kernel;
pub mod main_job;
pub mod refuse;
pub mod symbols;
pub mod toolchain;
pub mod tools;
pub mod vfork;
