//! The memory allocator. Still empty.
#![cfg_attr(not(test), no_std)]
