//! `<stdlib.h>`, a file for each family.

pub mod exit;
