//! What a Rust panic inside the runtime does: a line that says where, then SIGABRT. Only in `libc.a`; a Rust program that
//! uses the crates has a handler of its own.

use tidal_rt::message;

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    // Formatting the message would link all of `core::fmt` into every program; the place is enough to find it.
    let mut digits = [0; 20];
    match info.location() {
        Some(at) => message::fatal_with(&[
            b"internal error at ",
            at.file().as_bytes(),
            b":",
            message::decimal(at.line().into(), &mut digits),
        ]),
        None => message::fatal("internal error"),
    }
}
