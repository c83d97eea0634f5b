//! `<sys/xattr.h>`: extended attributes, of a named file, of a link itself and of an open file.

use core::ffi::{c_char, c_int, c_void};

use crate::macros::syscalls;

syscalls! {
    /// Sets an attribute.
    fn setxattr(path: *const c_char, name: *const c_char, value: *const c_void, size: usize, flags: c_int) -> c_int
        = __NR_setxattr(path, name, value, size, flags);
    /// Sets an attribute of a link.
    fn lsetxattr(path: *const c_char, name: *const c_char, value: *const c_void, size: usize, flags: c_int) -> c_int
        = __NR_lsetxattr(path, name, value, size, flags);
    /// Sets an attribute of an open file.
    fn fsetxattr(fd: c_int, name: *const c_char, value: *const c_void, size: usize, flags: c_int) -> c_int
        = __NR_fsetxattr(fd, name, value, size, flags);
    /// An attribute's value; with size 0 its length.
    fn getxattr(path: *const c_char, name: *const c_char, value: *mut c_void, size: usize) -> isize
        = __NR_getxattr(path, name, value, size);
    /// An attribute of a link.
    fn lgetxattr(path: *const c_char, name: *const c_char, value: *mut c_void, size: usize) -> isize
        = __NR_lgetxattr(path, name, value, size);
    /// An attribute of an open file.
    fn fgetxattr(fd: c_int, name: *const c_char, value: *mut c_void, size: usize) -> isize
        = __NR_fgetxattr(fd, name, value, size);
    /// The names of all attributes.
    fn listxattr(path: *const c_char, names: *mut c_char, size: usize) -> isize = __NR_listxattr(path, names, size);
    /// The names of all attributes of a link.
    fn llistxattr(path: *const c_char, names: *mut c_char, size: usize) -> isize = __NR_llistxattr(path, names, size);
    /// The names of all attributes of an open file.
    fn flistxattr(fd: c_int, names: *mut c_char, size: usize) -> isize = __NR_flistxattr(fd, names, size);
    /// Removes an attribute.
    fn removexattr(path: *const c_char, name: *const c_char) -> c_int = __NR_removexattr(path, name);
    /// Removes an attribute of a link.
    fn lremovexattr(path: *const c_char, name: *const c_char) -> c_int = __NR_lremovexattr(path, name);
    /// Removes an attribute of an open file.
    fn fremovexattr(fd: c_int, name: *const c_char) -> c_int = __NR_fremovexattr(fd, name);
}
