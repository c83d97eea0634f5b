//! `<arpa/…>`.

pub mod inet;
