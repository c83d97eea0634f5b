//! Threads, mutexes and everything else of `<pthread.h>`, on the KTLS block. Still empty.
#![cfg_attr(not(test), no_std)]

pub mod mutex;
