//! The printf family: entry points. [`engine`] runs a format over [`arguments`] into a [`sink`].

pub mod allocated;
pub mod arguments;
pub mod decimal;
pub mod engine;
pub mod field;
pub mod float;
pub mod hexfloat;
pub mod integer;
pub mod memory;
pub mod sink;
pub mod spec;
pub mod stream;
pub mod text;
