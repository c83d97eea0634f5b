//! `<sys/reboot.h>`.

use core::ffi::c_int;

use crate::macros::syscalls;

/// The numbers that tell the kernel it is no accident (`include/uapi/linux/reboot.h`).
const MAGIC: (u32, u32) = (0xfee1_dead, 672_274_793);

syscalls! {
    /// Reboots the machine or changes what Ctrl-Alt-Del does.
    fn reboot(command: c_int) -> c_int = __NR_reboot(MAGIC.0, MAGIC.1, command);
}
