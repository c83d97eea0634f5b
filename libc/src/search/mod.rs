//! `<search.h>`: hash tables, trees, arrays and queues.

pub mod hash;
pub mod linear;
pub mod queue;
pub mod tree;

use core::ffi::{c_int, c_void};

/// How the program compares a key with an element.
pub type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
