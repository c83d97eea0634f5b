//! The libraries that the crates bring, in one archive.

#[cfg(feature = "mimalloc")]
extern crate libmimalloc_sys as _;
#[cfg(feature = "rpmalloc")]
extern crate rpmalloc_sys as _;
#[cfg(feature = "snmalloc")]
extern crate snmalloc_sys as _;
#[cfg(feature = "jemalloc")]
extern crate tikv_jemalloc_sys as _;
