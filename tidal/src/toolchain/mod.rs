//! Building the runtime, and compiling C programs against it or against a peer.

mod archive;
mod compile;
mod object_file;
mod runtime;
mod start_object;

pub use compile::{Libc, LinkMode, Program, link_arguments};
pub use runtime::{CLANG_FIXED_OPTIONS, CLANG_LINK_OPTIONS, Runtime, cargo, debug_object, source_root};
