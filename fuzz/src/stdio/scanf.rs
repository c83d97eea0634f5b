//! The engine and what it stands on.
#[path = "../../../libc/src/stdio/scanf/engine.rs"]
pub mod engine;
#[path = "../../../libc/src/stdio/scanf/float.rs"]
pub mod float;
#[path = "../../../libc/src/stdio/scanf/integer.rs"]
pub mod integer;
#[path = "../../../libc/src/stdio/scanf/source.rs"]
pub mod source;
#[path = "../../../libc/src/stdio/scanf/spec.rs"]
pub mod spec;
#[path = "../../../libc/src/stdio/scanf/text.rs"]
pub mod text;
