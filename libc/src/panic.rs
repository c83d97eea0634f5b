//! What a Rust panic inside the runtime does: one line, then SIGABRT. Only in `libc.a`; a Rust program that uses the crates
//! has a handler of its own.
//!
//! The line does not say where. If it did, the names of Tidal's sources would be in every program (the linker cannot
//! leave out single strings) and each check would pass them: 1.3 KiB of a 16 KiB hello. A debugger shows it.

use tidal_rt::message;

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    message::fatal("internal error, a bug in Tidal; a debugger's backtrace tells where")
}
