//! `<sys/sysmacros.h>`: device numbers: 12 bits of the major one above 8 of the minor one, the rest above that.

use core::ffi::c_uint;

/// The major number of a device.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gnu_dev_major(device: u64) -> c_uint {
    ((device >> 8) & 0xfff | (device >> 32) & 0xffff_f000) as c_uint
}

/// The minor number of a device.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gnu_dev_minor(device: u64) -> c_uint {
    (device & 0xff | (device >> 12) & 0xffff_ff00) as c_uint
}

/// A device of major and minor number.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gnu_dev_makedev(major: c_uint, minor: c_uint) -> u64 {
    let (major, minor) = (u64::from(major), u64::from(minor));
    (major & 0xfff) << 8 | (major & 0xffff_f000) << 32 | minor & 0xff | (minor & 0xffff_ff00) << 12
}
