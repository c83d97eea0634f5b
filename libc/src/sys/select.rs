//! `<sys/select.h>`.

use core::ffi::{c_int, c_long, c_void};
use core::ptr;

use linux_raw_sys::general::timeval;
use tidal_rt::signal::Mask;
use tidal_rt::sys::time::Timespec;

use crate::macros::{cancellation_points, returned};
use crate::signal::set::{SigSet, load};

cancellation_points! {
    /// Waits until one of several descriptors is ready; the timeout becomes what was left of it.
    fn select(count: c_int, read: *mut c_void, write: *mut c_void, except: *mut c_void, timeout: *mut timeval) -> c_int
        = __NR_select(count, read, write, except, timeout), as __select;
}

/// As `select`, with another signal mask and without a change of the timeout.
///
/// # Errors
/// `EBADF`, `EINTR`, `EINVAL`, `ENOMEM`.
///
/// Signal-safe: yes. Vfork-safe: yes. A cancellation point.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn pselect(
    count: c_int,
    read: *mut c_void,
    write: *mut c_void,
    except: *mut c_void,
    timeout: *const Timespec,
    mask: *const SigSet,
) -> c_int {
    // SAFETY: the caller's structures. The kernel writes what is left into the time, so it gets a copy.
    let (mut time, set) = unsafe { (timeout.as_ref().copied(), (!mask.is_null()).then(|| load(mask))) };
    let time = time.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
    // The sixth argument of pselect6(2): the mask's address and its size.
    let mask = [set.as_ref().map_or(0, |set| ptr::from_ref(set) as usize), Mask::SIZE];
    // SAFETY: the sets are the caller's; the rest is live.
    returned(unsafe { tidal_rt::syscall_cp!(__NR_pselect6, count, read, write, except, time, mask.as_ptr()) })
}

/// The word of an `fd_set` that holds a descriptor; with `_FORTIFY_SOURCE` for `FD_SET` and the like.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn __fdelt_chk(fd: c_long) -> c_long {
    if !(0..1024).contains(&fd) {
        tidal_rt::message::fatal("FD_SET of a descriptor that an fd_set has no room for");
    }
    fd / 64
}

/// The same function as `__fdelt_chk`.
#[unsafe(no_mangle)]
pub extern "C" fn __fdelt_warn(fd: c_long) -> c_long {
    __fdelt_chk(fd)
}
