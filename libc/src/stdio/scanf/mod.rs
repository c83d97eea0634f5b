//! The scanf family. [`engine`] runs a format over a [`source`], one byte of look-ahead at a time.

pub mod engine;
pub mod entry;
pub mod float;
pub mod integer;
pub mod source;
pub mod spec;
pub mod text;
