//! Tidal's C symbols, with the ABI of the system's glibc headers. One file per header; policy lives in the crates below.
//!
//! What a C function may be given is what its manual page and POSIX say; a `# Safety` section would only repeat that.
#![no_std]
#![allow(clippy::missing_safety_doc)]

#[cfg(feature = "archive")]
mod panic;

pub mod aio;
pub mod arpa;
pub mod assert;
pub mod complex;
pub mod cstr;
pub mod ctype;
pub mod dirent;
pub mod dlfcn;
pub mod err;
pub mod errno;
pub mod error;
pub mod execinfo;
pub mod fcntl;
pub mod fenv;
pub mod files;
pub mod fnmatch;
pub mod fortify;
pub mod ftw;
pub mod getopt;
pub mod glob;
pub mod gnu;
pub mod grp;
pub mod heap;
pub mod iconv;
pub mod ktls;
pub mod langinfo;
pub mod libgen;
pub mod libintl;
pub mod link;
mod list;
pub mod locale;
pub mod macros;
pub mod malloc;
pub mod math;
pub mod mcheck;
pub mod mntent;
pub mod mqueue;
pub mod net;
pub mod netdb;
pub mod obstack;
mod pattern;
pub mod poll;
pub mod pthread;
pub mod pty;
pub mod pwd;
pub mod regex;
pub mod sched;
pub mod search;
pub mod semaphore;
pub mod setjmp;
pub mod signal;
pub mod spawn;
pub mod stack_protector;
pub mod stdio;
pub mod stdio_ext;
pub mod stdlib;
pub mod string;
pub mod strings;
pub mod sys;
pub mod syslog;
pub mod termios;
pub mod text;
pub mod threads;
pub mod time;
pub mod uchar;
pub mod ucontext;
pub mod unistd;
pub mod utime;
pub mod utmp;
pub mod variadic;
pub mod wchar;
pub mod wctype;
pub mod wordexp;

extern crate tidal_mem as _;
