//! `crtbeginT.o`, in place of the compiler's own: what compiled code expects of that object, and nothing more.
//!
//! The compiler's registers the program's frame tables at start, for an unwinder without the table of frames that the
//! linker makes. A program so linked carries the unwinder and what that uses even if nothing ever unwinds: 70 KB.
#![no_std]
#![allow(non_upper_case_globals)]

/// The module that an object with a destructor belongs to: the program itself, which has no handle.
#[unsafe(no_mangle)]
pub static __dso_handle: usize = 0;
