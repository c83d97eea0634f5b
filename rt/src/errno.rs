//! Error numbers as values, and C's `errno` in the KTLS block.

use core::ffi::c_int;

use crate::block;

/// An error number of the kernel and of POSIX, 1 to 4095.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Errno(pub i32);

macro_rules! errnos {
    ($($name:ident)*) => {
        impl Errno {
            $(
                #[doc = concat!("`", stringify!($name), "` of `<errno.h>`.")]
                pub const $name: Errno = Errno(linux_raw_sys::errno::$name as i32);
            )*
        }
    };
}

errnos! {
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST
    EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM
    ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP ENOMSG EILSEQ EOVERFLOW ENOTSOCK EOPNOTSUPP
    EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENOTCONN ETIMEDOUT ECONNREFUSED EALREADY EINPROGRESS ECANCELED EOWNERDEAD
    ENOTRECOVERABLE EBADMSG EPROTO ECONNRESET EISCONN EMSGSIZE EPROTONOSUPPORT ENOBUFS EHOSTUNREACH ENETUNREACH ESTALE EREMOTE
}

impl Errno {
    /// `ENOTSUP`, which Linux makes the same as `EOPNOTSUPP`.
    pub const ENOTSUP: Errno = Errno::EOPNOTSUPP;
    /// `EWOULDBLOCK`, which Linux makes the same as `EAGAIN`.
    pub const EWOULDBLOCK: Errno = Errno::EAGAIN;

    /// Stores the number as the thread's `errno`.
    #[inline]
    pub fn set(self) {
        block::current().ktls.errno.set(self.0);
    }
}

/// The thread's `errno`.
#[inline]
pub fn get() -> i32 {
    block::current().ktls.errno.get()
}

/// Where the thread's `errno` lives, for `__errno_location`.
#[inline(always)]
pub fn location() -> *mut c_int {
    block::current().ktls.errno.as_ptr()
}

/// Runs `f` and puts `errno` back as it was: for functions that must not change it.
#[inline]
pub fn preserved<R>(f: impl FnOnce() -> R) -> R {
    let saved = get();
    let result = f();
    Errno(saved).set();
    result
}
