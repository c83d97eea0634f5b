//! `<unistd.h>`.

pub mod fork;
