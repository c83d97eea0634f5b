//! What code compiled with `-fstack-protector` calls when a function's canary (`fs:0x28`) is not what it was.

use tidal_rt::message;

/// Says so in one line and ends the process by SIGABRT: the stack cannot be trusted, so nothing else runs.
///
/// Signal-safe: yes. Vfork-safe: yes (it ends the child alone).
#[cold]
#[unsafe(no_mangle)]
pub extern "C" fn __stack_chk_fail() -> ! {
    message::fatal("stack smashing detected")
}
