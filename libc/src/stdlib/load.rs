//! `getloadavg(3)`: how many tasks ran or waited for a processor, on average.

use core::ffi::c_int;

use linux_raw_sys::system::sysinfo as SysInfo;

/// Stores up to three averages, over 1, 5 and 15 minutes; how many.
///
/// # Errors
/// -1 for a negative count.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getloadavg(averages: *mut f64, count: c_int) -> c_int {
    let Ok(count) = usize::try_from(count) else { return -1 };
    // SAFETY: all zeros is a valid value.
    let mut about: SysInfo = unsafe { core::mem::zeroed() };
    // SAFETY: the result is live.
    if unsafe { tidal_rt::syscall!(__NR_sysinfo, &raw mut about) }.is_err() {
        return -1;
    }
    let stored = count.min(about.loads.len());
    for (i, load) in about.loads[..stored].iter().enumerate() {
        // SAFETY: within the caller's array. The kernel counts in units of 1 / 65,536.
        unsafe { averages.add(i).write(*load as f64 / 65_536.0) };
    }
    stored as c_int
}
