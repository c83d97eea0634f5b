//! `<sys/socket.h>`.

use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

use linux_raw_sys::net::{cmsghdr, mmsghdr, msghdr};
use tidal_rt::sys::time::Timespec;

use crate::macros::{cancellation_points, returned, syscalls};

const _: () = {
    assert!(size_of::<msghdr>() == 56);
    assert!(size_of::<mmsghdr>() == 64);
    assert!(size_of::<cmsghdr>() == 16);
};

syscalls! {
    /// Makes a socket.
    fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int = __NR_socket(family, kind, protocol);
    /// Makes two connected sockets.
    fn socketpair(family: c_int, kind: c_int, protocol: c_int, pair: *mut c_int) -> c_int
        = __NR_socketpair(family, kind, protocol, pair);
    /// Gives a socket its own address.
    fn bind(fd: c_int, address: *const c_void, length: c_uint) -> c_int = __NR_bind(fd, address, length);
    /// Lets a socket take connections.
    fn listen(fd: c_int, backlog: c_int) -> c_int = __NR_listen(fd, backlog);
    /// A socket's own address.
    fn getsockname(fd: c_int, address: *mut c_void, length: *mut c_uint) -> c_int
        = __NR_getsockname(fd, address, length);
    /// The address of a socket's peer.
    fn getpeername(fd: c_int, address: *mut c_void, length: *mut c_uint) -> c_int
        = __NR_getpeername(fd, address, length);
    /// An option's value.
    fn getsockopt(fd: c_int, level: c_int, name: c_int, value: *mut c_void, length: *mut c_uint) -> c_int
        = __NR_getsockopt(fd, level, name, value, length);
    /// Sets an option.
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, length: c_uint) -> c_int
        = __NR_setsockopt(fd, level, name, value, length);
    /// Ends one or both directions.
    fn shutdown(fd: c_int, how: c_int) -> c_int = __NR_shutdown(fd, how);
}

cancellation_points! {
    /// Connects a socket.
    fn connect(fd: c_int, address: *const c_void, length: c_uint) -> c_int = __NR_connect(fd, address, length),
        as __connect;
    /// Takes a connection.
    fn accept(fd: c_int, address: *mut c_void, length: *mut c_uint) -> c_int = __NR_accept(fd, address, length);
    /// As `accept`, with `SOCK_CLOEXEC` and `SOCK_NONBLOCK`.
    fn accept4(fd: c_int, address: *mut c_void, length: *mut c_uint, flags: c_int) -> c_int
        = __NR_accept4(fd, address, length, flags);
    /// Sends on a connected socket.
    fn send(fd: c_int, data: *const c_void, length: usize, flags: c_int) -> isize
        = __NR_sendto(fd, data, length, flags, ptr::null::<c_void>(), 0u32), as __send;
    /// Sends to an address.
    fn sendto(fd: c_int, data: *const c_void, length: usize, flags: c_int, to: *const c_void, to_length: c_uint)
        -> isize = __NR_sendto(fd, data, length, flags, to, to_length);
    /// Sends pieces and control data.
    fn sendmsg(fd: c_int, message: *const msghdr, flags: c_int) -> isize = __NR_sendmsg(fd, message, flags);
    /// Sends several messages.
    fn sendmmsg(fd: c_int, messages: *mut mmsghdr, count: c_uint, flags: c_int) -> c_int
        = __NR_sendmmsg(fd, messages, count, flags);
    /// Receives on a connected socket.
    fn recv(fd: c_int, data: *mut c_void, length: usize, flags: c_int) -> isize
        = __NR_recvfrom(fd, data, length, flags, ptr::null::<c_void>(), ptr::null::<c_uint>());
    /// Receives, with the sender's address.
    fn recvfrom(fd: c_int, data: *mut c_void, length: usize, flags: c_int, from: *mut c_void, from_length: *mut c_uint)
        -> isize = __NR_recvfrom(fd, data, length, flags, from, from_length);
    /// Receives pieces and control data.
    fn recvmsg(fd: c_int, message: *mut msghdr, flags: c_int) -> isize = __NR_recvmsg(fd, message, flags);
    /// Receives several messages.
    fn recvmmsg(fd: c_int, messages: *mut mmsghdr, count: c_uint, flags: c_int, timeout: *mut Timespec) -> c_int
        = __NR_recvmmsg(fd, messages, count, flags, timeout);
}

/// Whether a socket is at the mark of out-of-band data.
///
/// # Errors
/// `EBADF`, `ENOTTY`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sockatmark(fd: c_int) -> c_int {
    /// `SIOCATMARK` of `include/uapi/asm-generic/sockios.h`.
    const SIOCATMARK: u32 = 0x8905;
    let mut at_mark: c_int = 0;
    // SAFETY: the number is live.
    let result = unsafe { tidal_rt::syscall!(__NR_ioctl, fd, SIOCATMARK, &raw mut at_mark) };
    returned(result.map(|_| at_mark as usize))
}

/// Whether a descriptor is a socket of a kind.
///
/// # Errors
/// `EBADF`, `ENOTSOCK`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn isfdtype(fd: c_int, kind: c_int) -> c_int {
    let mut file = super::stat::zeroed();
    // SAFETY: the result is live.
    let result = unsafe { tidal_rt::syscall!(__NR_fstat, fd, ptr::from_mut(&mut file)) };
    returned(result.map(|_| usize::from(file.st_mode & linux_raw_sys::general::S_IFMT == kind as u32)))
}

/// The control message after one, or null: what `CMSG_NXTHDR` is.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __cmsg_nxthdr(message: *const msghdr, header: *const cmsghdr) -> *mut cmsghdr {
    // SAFETY: the caller's structures.
    let (start, room, length) =
        unsafe { ((*message).msg_control as usize, (*message).msg_controllen, (*header).cmsg_len) };
    let end = start + room;
    let at = header as usize;
    let head = size_of::<cmsghdr>();
    let Some(step) = length.checked_next_multiple_of(8) else { return ptr::null_mut() };
    if length < head || end.saturating_sub(at) < head || end - at < step + head {
        return ptr::null_mut();
    }
    let next = header.wrapping_byte_add(step);
    // SAFETY: a whole header is inside the control data.
    let next_length = unsafe { (*next).cmsg_len };
    let fits = next_length.checked_next_multiple_of(8).is_some_and(|n| end - (next as usize) >= n);
    if fits { next.cast_mut() } else { ptr::null_mut() }
}
