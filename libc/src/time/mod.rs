//! `<time.h>`.

pub mod calendar;
pub mod clock;
pub mod format;
pub mod local;
pub mod parse;
pub mod text;
pub mod timer;
pub mod wide;
pub mod zone;
