//! `stdin`, `stdout`, `stderr`. Their buffers are static, so that printing needs no allocator.

use core::cell::UnsafeCell;

use super::fd::FD;
use super::file::{BUFFER, FIRST_BUFFER, Stream, flag};

struct Buffer<const N: usize>(UnsafeCell<[u8; N]>);

// SAFETY: used through its stream, under the stream's lock.
unsafe impl<const N: usize> Sync for Buffer<N> {}

static INPUT: Buffer<BUFFER> = Buffer(UnsafeCell::new([0; BUFFER]));
static OUTPUT: Buffer<FIRST_BUFFER> = Buffer(UnsafeCell::new([0; FIRST_BUFFER]));
/// Used only when `setvbuf` asks for it.
static ERROR: Buffer<BUFFER> = Buffer(UnsafeCell::new([0; BUFFER]));

static mut STDIN: Stream = Stream::new(0, flag::NO_WRITES, &FD, INPUT.0.get().cast(), BUFFER);
static mut STDOUT: Stream = Stream::new(1, flag::NO_READS, &FD, OUTPUT.0.get().cast(), FIRST_BUFFER);
static mut STDERR: Stream =
    Stream::new(2, flag::NO_READS | flag::UNBUFFERED, &FD, ERROR.0.get().cast(), BUFFER);

/// Standard input.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static mut stdin: *mut Stream = &raw mut STDIN;

/// Standard output.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static mut stdout: *mut Stream = &raw mut STDOUT;

/// Standard error.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static mut stderr: *mut Stream = &raw mut STDERR;

/// What `stdin` names now; a program may assign to it.
#[inline]
pub fn input() -> *mut Stream {
    // SAFETY: a plain read of a word that C programs assign at most while nobody else looks.
    unsafe { stdin }
}

/// What `stdout` names now.
#[inline]
pub fn output() -> *mut Stream {
    // SAFETY: as for `input`.
    unsafe { stdout }
}

/// What `stderr` names now.
#[inline]
pub fn error() -> *mut Stream {
    // SAFETY: as for `input`.
    unsafe { stderr }
}
