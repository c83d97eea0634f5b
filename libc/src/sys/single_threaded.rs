//! `<sys/single_threaded.h>`.

// 1 while the process has never had a second thread; rt keeps it.
core::arch::global_asm!(
    ".globl __libc_single_threaded",
    ".set __libc_single_threaded, {word}",
    word = sym tidal_rt::startup::SINGLE_THREADED,
);
