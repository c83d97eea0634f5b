//! `<sys/sysinfo.h>`.

use core::ffi::{c_int, c_long};

use linux_raw_sys::system::sysinfo as SysInfo;

use crate::macros::syscalls;
use crate::unistd::sysconf::sysconf;

const _: () = assert!(size_of::<SysInfo>() == 112);

syscalls! {
    /// Load, memory and uptime of the machine.
    fn sysinfo(result: *mut SysInfo) -> c_int = __NR_sysinfo(result);
}

/// CPUs that are online.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn get_nprocs() -> c_int {
    crate::sched::online_cpus() as c_int
}

/// CPUs that the machine may have.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn get_nprocs_conf() -> c_int {
    crate::sched::configured_cpus() as c_int
}

/// Pages of memory.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn get_phys_pages() -> c_long {
    // _SC_PHYS_PAGES.
    sysconf(85)
}

/// Pages of memory that are free.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn get_avphys_pages() -> c_long {
    // _SC_AVPHYS_PAGES.
    sysconf(86)
}
