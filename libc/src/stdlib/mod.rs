//! `<stdlib.h>`, a file for each family.
#![allow(clippy::missing_safety_doc)]

pub mod arc4random;
pub mod arithmetic;
pub mod environment;
pub mod exit;
pub mod float;
pub mod integer;
pub mod load;
pub mod multibyte;
pub mod radix64;
pub mod rand48;
pub mod random;
pub mod realpath;
pub mod sort;
pub mod system;
pub mod temporary;
