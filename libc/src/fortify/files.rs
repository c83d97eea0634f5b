//! Checked forms of calls that fill a buffer from a file, a socket or the system.

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

use linux_raw_sys::general::pollfd;
use tidal_rt::sys::time::Timespec;

use super::checked;
use crate::poll::{poll, ppoll};
use crate::signal::set::SigSet;
use crate::stdlib::realpath::realpath;
use crate::sys::socket::{recv, recvfrom};
use crate::unistd::confstr::confstr;
use crate::unistd::directory::{getcwd, getwd};
use crate::unistd::file::{readlink, readlinkat};
use crate::unistd::identity::getgroups;
use crate::unistd::io::{pread, read};
use crate::unistd::system::{getdomainname, gethostname};
use crate::unistd::terminal::ttyname_r;

/// `PATH_MAX` of `<limits.h>`.
const PATH_MAX: usize = 4096;

checked! { "C-unwind":
    __read_chk(fd: c_int, buffer: *mut c_void, n: usize, room: usize) -> isize { n, room => read(fd, buffer, n) }
    __pread_chk(fd: c_int, buffer: *mut c_void, n: usize, at: i64, room: usize) -> isize {
        n, room => pread(fd, buffer, n, at)
    }
    __pread64_chk(fd: c_int, buffer: *mut c_void, n: usize, at: i64, room: usize) -> isize {
        n, room => pread(fd, buffer, n, at)
    }
    __recv_chk(fd: c_int, buffer: *mut c_void, n: usize, room: usize, flags: c_int) -> isize {
        n, room => recv(fd, buffer, n, flags)
    }
    __recvfrom_chk(
        fd: c_int,
        buffer: *mut c_void,
        n: usize,
        room: usize,
        flags: c_int,
        from: *mut c_void,
        from_length: *mut c_uint,
    ) -> isize { n, room => recvfrom(fd, buffer, n, flags, from, from_length) }
    __poll_chk(fds: *mut pollfd, count: c_ulong, timeout: c_int, room: usize) -> c_int {
        count, room / size_of::<pollfd>() => poll(fds, count, timeout)
    }
    __ppoll_chk(
        fds: *mut pollfd,
        count: c_ulong,
        timeout: *const Timespec,
        mask: *const SigSet,
        room: usize,
    ) -> c_int { count, room / size_of::<pollfd>() => ppoll(fds, count, timeout, mask) }
}

checked! { "C":
    __readlink_chk(path: *const c_char, buffer: *mut c_char, n: usize, room: usize) -> isize {
        n, room => readlink(path, buffer, n)
    }
    __readlinkat_chk(dir: c_int, path: *const c_char, buffer: *mut c_char, n: usize, room: usize) -> isize {
        n, room => readlinkat(dir, path, buffer, n)
    }
    __getcwd_chk(buffer: *mut c_char, n: usize, room: usize) -> *mut c_char { n, room => getcwd(buffer, n) }
    __getwd_chk(buffer: *mut c_char, room: usize) -> *mut c_char { PATH_MAX, room => getwd(buffer) }
    __realpath_chk(path: *const c_char, buffer: *mut c_char, room: usize) -> *mut c_char {
        PATH_MAX, room => realpath(path, buffer)
    }
    __confstr_chk(name: c_int, buffer: *mut c_char, n: usize, room: usize) -> usize {
        n, room => confstr(name, buffer, n)
    }
    __getgroups_chk(n: c_int, groups: *mut c_uint, room: usize) -> c_int {
        n.max(0), room / size_of::<c_uint>() => getgroups(n, groups)
    }
    __ttyname_r_chk(fd: c_int, buffer: *mut c_char, n: usize, room: usize) -> c_int {
        n, room => ttyname_r(fd, buffer, n)
    }
    __gethostname_chk(buffer: *mut c_char, n: usize, room: usize) -> c_int { n, room => gethostname(buffer, n) }
    __getdomainname_chk(buffer: *mut c_char, n: usize, room: usize) -> c_int {
        n, room => getdomainname(buffer, n)
    }
}
