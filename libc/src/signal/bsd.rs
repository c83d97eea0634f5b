//! `<signal.h>`: masks as 4.3BSD had them, an int for signals 1 to 32.

use core::ffi::c_int;

use tidal_rt::signal::Mask;

use super::action::{change_mask, set_mask};
use linux_raw_sys::general::SIG_BLOCK;

fn low_word(mask: Result<Mask, tidal_rt::Errno>) -> c_int {
    crate::errno::or_errno(mask.map(|mask| mask.0 as u32 as c_int))
}

/// Blocks signals more; the mask before.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sigblock(mask: c_int) -> c_int {
    low_word(change_mask(SIG_BLOCK as c_int, Some(Mask(mask as u32 as u64))))
}

/// Sets the mask; the mask before.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sigsetmask(mask: c_int) -> c_int {
    low_word(set_mask(Mask(mask as u32 as u64)))
}

/// The mask.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn siggetmask() -> c_int {
    low_word(change_mask(SIG_BLOCK as c_int, None))
}
