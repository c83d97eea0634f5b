//! `<mqueue.h>`: POSIX message queues.

use core::ffi::{c_char, c_int, c_long, c_uint};
use core::ptr;

use linux_raw_sys::general::SIGEV_THREAD;
use tidal_rt::Errno;
use tidal_rt::sys::time::Timespec;

use crate::macros::{cancellation_points, returned, syscalls};
use crate::time::timer::SigEvent;

/// `struct mq_attr`.
#[repr(C)]
pub struct Attributes {
    flags: c_long,
    most_messages: c_long,
    message_size: c_long,
    messages: c_long,
    reserved: [c_long; 4],
}

const _: () = assert!(size_of::<Attributes>() == 64);

/// Opens or makes a queue. Mode and attributes are ordinary arguments here although C calls them variadic; see
/// `fcntl.rs`.
///
/// # Errors
/// Those of `mq_open(3)`; `EINVAL` for a name without a slash in front.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mq_open(
    name: *const c_char,
    flags: c_int,
    mode: c_uint,
    attributes: *const Attributes,
) -> c_int {
    // SAFETY: a C string by contract; the kernel wants it without the slash. The attributes are the caller's.
    returned(unsafe {
        if *name as u8 != b'/' {
            Err(Errno::EINVAL)
        } else {
            tidal_rt::syscall!(__NR_mq_open, name.add(1), flags, mode, attributes)
        }
    })
}

/// Removes a queue's name.
///
/// # Errors
/// `ENOENT`, `EACCES`, `ENAMETOOLONG`, `EINVAL` for a name without a slash in front.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mq_unlink(name: *const c_char) -> c_int {
    // SAFETY: as above.
    let result = unsafe {
        if *name as u8 != b'/' { Err(Errno::EINVAL) } else { tidal_rt::syscall!(__NR_mq_unlink, name.add(1)) }
    };
    // POSIX has no EPERM here.
    returned(result.map_err(|e| if e == Errno::EPERM { Errno::EACCES } else { e }))
}

syscalls! {
    /// Closes a queue.
    fn mq_close(queue: c_int) -> c_int = __NR_close(queue);
    /// A queue's attributes.
    fn mq_getattr(queue: c_int, attributes: *mut Attributes) -> c_int
        = __NR_mq_getsetattr(queue, ptr::null::<Attributes>(), attributes);
    /// Sets `O_NONBLOCK` of a queue.
    fn mq_setattr(queue: c_int, new: *const Attributes, old: *mut Attributes) -> c_int
        = __NR_mq_getsetattr(queue, new, old);
}

cancellation_points! {
    /// Sends a message.
    fn mq_send(queue: c_int, message: *const c_char, size: usize, priority: c_uint) -> c_int
        = __NR_mq_timedsend(queue, message, size, priority, ptr::null::<Timespec>());
    /// Sends a message, waiting at most until a time.
    fn mq_timedsend(queue: c_int, message: *const c_char, size: usize, priority: c_uint, until: *const Timespec) -> c_int
        = __NR_mq_timedsend(queue, message, size, priority, until);
    /// Receives the oldest message of the highest priority.
    fn mq_receive(queue: c_int, message: *mut c_char, size: usize, priority: *mut c_uint) -> isize
        = __NR_mq_timedreceive(queue, message, size, priority, ptr::null::<Timespec>());
    /// Receives a message, waiting at most until a time.
    fn mq_timedreceive(queue: c_int, message: *mut c_char, size: usize, priority: *mut c_uint, until: *const Timespec)
        -> isize = __NR_mq_timedreceive(queue, message, size, priority, until);
}

/// Has a signal sent when a message comes to an empty queue; null ends that.
///
/// # Errors
/// `EBADF`, `EBUSY`, `EINVAL`, `ENOMEM`; `ENOSYS` for `SIGEV_THREAD`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mq_notify(queue: c_int, event: *const SigEvent) -> c_int {
    // SAFETY: the caller's structure, or null.
    if unsafe { event.as_ref() }.is_some_and(|event| event.notify() == SIGEV_THREAD as c_int) {
        return returned(Err(Errno::ENOSYS));
    }
    // SAFETY: as above.
    returned(unsafe { tidal_rt::syscall!(__NR_mq_notify, queue, event) })
}
