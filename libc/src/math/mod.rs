//! `<math.h>`: float and double by the `libm` crate, `long double` by the x87 unit, whose format it is.
//!
//! `math_errhandling` has both bits in glibc's header, so a domain error sets `errno` to `EDOM`, and an overflow or pole
//! to `ERANGE`. The checks are on the result alone: one comparison where all is well.

pub mod classify;
pub mod double;
pub mod long_double;
pub mod rounding;
pub mod split;
