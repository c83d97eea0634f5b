//! `<unistd.h>`: the end of the data segment. Tidal's own `malloc` leaves it alone, so it is all the program's.

use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tidal_rt::Errno;

use crate::errno::zero_or_errno;

/// The end as last seen; 0 before the first call.
static END: AtomicUsize = AtomicUsize::new(0);

/// Asks the kernel for an end; gives the end that there is then.
fn set(end: usize) -> usize {
    // SAFETY: what lies beyond the old end is nobody's; what is given up is the caller's part.
    let now = unsafe { tidal_rt::sys::raw::syscall1(linux_raw_sys::general::__NR_brk as usize, end) };
    END.store(now, Relaxed);
    now
}

fn end() -> usize {
    match END.load(Relaxed) {
        0 => set(0),
        end => end,
    }
}

/// Sets the end of the data segment.
///
/// # Errors
/// `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn brk(address: *mut c_void) -> c_int {
    let want = address as usize;
    zero_or_errno(if set(want) >= want { Ok(()) } else { Err(Errno::ENOMEM) })
}

/// Moves the end of the data segment; where it was.
///
/// # Errors
/// All ones, and `ENOMEM`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sbrk(increment: isize) -> *mut c_void {
    let before = end();
    let want = before.wrapping_add_signed(increment);
    let overflow = if increment < 0 { want > before } else { want < before };
    if increment != 0 && (overflow || set(want) != want) {
        Errno::ENOMEM.set();
        return ptr::without_provenance_mut(usize::MAX);
    }
    ptr::with_exposed_provenance_mut(before)
}
