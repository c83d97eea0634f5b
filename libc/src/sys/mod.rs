//! `<sys/…>`.

pub mod mman;
pub mod resource;
pub mod stat;
pub mod time;
pub mod wait;
