//! `<sys/utsname.h>`.

use core::ffi::c_int;

use linux_raw_sys::system::new_utsname;

use crate::macros::syscalls;

const _: () = assert!(size_of::<new_utsname>() == 390);

syscalls! {
    /// Names of the kernel, its release and the machine.
    fn uname(names: *mut new_utsname) -> c_int = __NR_uname(names);
}
