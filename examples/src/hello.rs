//! The smallest Rust program on Tidal: no std, no C library.
#![no_std]
#![no_main]

use tidal_crt::entry::Args;
use tidal_rt::syscall;

tidal_crt::entry!(main);

fn main(args: Args) -> i32 {
    let text = b"Hello from a static Rust program without std.\n";
    // SAFETY: the text is live and that long.
    let written = unsafe { syscall!(__NR_write, 1i32, text.as_ptr(), text.len()) };
    i32::from(written != Ok(text.len()) || args.count() == 0)
}
