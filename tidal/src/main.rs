//! The `tidal` command.
fn main() {}
