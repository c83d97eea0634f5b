//! `<stdio.h>`: buffered streams and what is built on them.
//!
//! A stream is [`file::Stream`]: glibc's `FILE`, and behind it what it reads from and writes to. Its output side is in
//! [`write`], its input side in [`read`], its position in [`position`]; the C functions are in files by family.

pub mod buffering;
pub mod cookie;
pub mod fd;
pub mod file;
pub mod fmemopen;
pub mod input;
pub mod line;
pub mod list;
pub mod lock;
pub mod memstream;
pub mod mode;
pub mod multibyte;
pub mod open;
pub mod output;
pub mod perror;
pub mod popen;
pub mod position;
pub mod printf;
pub mod read;
pub mod scanf;
pub mod standard;
pub mod temporary;
pub mod write;
