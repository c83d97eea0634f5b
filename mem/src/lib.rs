//! Memory and string primitives: a leaf, which needs nothing and which everything needs.
//!
//! Compilers call `memcpy`, `memset`, `memcmp` and `strlen` by themselves, so this crate is `no_builtins` (its own loops are
//! not turned into calls of the functions they implement) and nothing here touches the thread block: all of it runs
//! before the thread pointer is set.
//!
//! | file | functions |
//! |---|---|
//! | `copy` | memcpy, memmove, mempcpy |
//! | `fill` | memset, bzero, explicit_bzero |
//! | `find` | strlen, strnlen, memchr, rawmemchr, strchr, strchrnul |
//! | `find_last` | memrchr, strrchr |
//! | `compare` | memcmp, bcmp |
//! | `compare_str` | strcmp, strncmp |
//! | `copy_str` | strcpy, stpcpy, strncpy, stpncpy, strcat, strncat, memccpy |
//! | `cpu` | which vectors this processor has, asked late |
//! | `lanes` | blocks of 64 bytes as bit masks |
//! | `wide` | searches, comparisons and string copies with AVX-512 |
//!
//! Reads may go past the end of a string, but never into a page or a cache line that holds no byte of it.
#![no_std]
#![no_builtins]

pub mod compare;
pub mod compare_str;
pub mod copy;
mod copy_loop;
pub mod copy_str;
pub mod cpu;
pub mod fill;
pub mod find;
pub mod find_last;
pub mod lanes;
pub mod wide;
