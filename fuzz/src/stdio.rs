//! See the crate's text.

#[path = "../../libc/src/stdio/multibyte.rs"]
pub mod multibyte;

pub mod write {
    pub const EOF: i32 = -1;
}

pub mod printf;

pub mod scanf;
