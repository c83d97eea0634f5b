//! `<sys/mount.h>`.

use core::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

use crate::macros::syscalls;

syscalls! {
    /// Mounts a file system.
    fn mount(source: *const c_char, target: *const c_char, kind: *const c_char, flags: c_ulong, data: *const c_void)
        -> c_int = __NR_mount(source, target, kind, flags, data);
    /// Unmounts a file system.
    fn umount(target: *const c_char) -> c_int = __NR_umount2(target, 0i32);
    /// As `umount`, with `MNT_` and `UMOUNT_` flags.
    fn umount2(target: *const c_char, flags: c_int) -> c_int = __NR_umount2(target, flags);
    /// Opens a file system to configure it.
    fn fsopen(kind: *const c_char, flags: c_uint) -> c_int = __NR_fsopen(kind, flags);
    /// Makes a mount of a configured file system.
    fn fsmount(fd: c_int, flags: c_uint, attributes: c_uint) -> c_int = __NR_fsmount(fd, flags, attributes);
    /// Moves a mount.
    fn move_mount(from_dir: c_int, from: *const c_char, to_dir: c_int, to: *const c_char, flags: c_uint) -> c_int
        = __NR_move_mount(from_dir, from, to_dir, to, flags);
    /// Configures a file system.
    fn fsconfig(fd: c_int, command: c_uint, key: *const c_char, value: *const c_void, extra: c_int) -> c_int
        = __NR_fsconfig(fd, command, key, value, extra);
    /// Opens a file system that is mounted.
    fn fspick(dir: c_int, path: *const c_char, flags: c_uint) -> c_int = __NR_fspick(dir, path, flags);
    /// Opens or copies a mount.
    fn open_tree(dir: c_int, path: *const c_char, flags: c_uint) -> c_int = __NR_open_tree(dir, path, flags);
    /// Changes a mount's attributes.
    fn mount_setattr(dir: c_int, path: *const c_char, flags: c_uint, attributes: *mut c_void, size: usize) -> c_int
        = __NR_mount_setattr(dir, path, flags, attributes, size);
}
