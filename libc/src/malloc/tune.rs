//! `mallopt(3)`: glibc's parameters, by what they mean here.

use core::ffi::c_int;

use tidal_malloc::tune;

/// SVID's, with no meaning in glibc either.
const M_NLBLKS: c_int = 2;
const M_GRAIN: c_int = 3;
const M_KEEP: c_int = 4;
const M_MXFAST: c_int = 1;
const M_TRIM_THRESHOLD: c_int = -1;
const M_TOP_PAD: c_int = -2;
const M_MMAP_THRESHOLD: c_int = -3;
const M_MMAP_MAX: c_int = -4;
const M_CHECK_ACTION: c_int = -5;
const M_PERTURB: c_int = -6;
const M_ARENA_TEST: c_int = -7;
const M_ARENA_MAX: c_int = -8;

/// The largest `M_MXFAST`, in bytes.
const LARGEST_FAST: c_int = 160;

/// Sets a parameter: 1, or 0 where there is no such parameter or no such value.
///
/// `M_PERTURB` fills new blocks with the complement of `value`'s low byte and freed ones with that byte, 0 ends it.
/// `M_TRIM_THRESHOLD` is how many bytes must have become idle before memory goes back by itself; -1 is never, but for
/// freed large blocks beyond 128 MiB of them. What the others speak of (arenas, fast bins, the heap's top, when to map) is
/// not here: they are accepted and change nothing. A damaged heap ends the program whatever `M_CHECK_ACTION` is.
///
/// Signal-safe: yes. Vfork-safe: yes (it is the parent's setting too).
#[unsafe(no_mangle)]
pub extern "C" fn mallopt(parameter: c_int, value: c_int) -> c_int {
    let accepted = match parameter {
        M_PERTURB => {
            tune::fill(Some(value as u8).filter(|&byte| byte != 0));
            true
        }
        M_TRIM_THRESHOLD => {
            // Below 0 that is more than there can be.
            tune::trim_threshold(value as usize);
            true
        }
        M_MXFAST => (0..=LARGEST_FAST).contains(&value),
        M_TOP_PAD | M_MMAP_THRESHOLD | M_MMAP_MAX | M_CHECK_ACTION => true,
        M_ARENA_TEST | M_ARENA_MAX | M_NLBLKS | M_GRAIN | M_KEEP => true,
        _ => false,
    };
    c_int::from(accepted)
}
