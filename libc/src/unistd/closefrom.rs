//! `closefrom`, also where the kernel or a sandbox has no `close_range`: it runs in the child of `posix_spawn`, which has a
//! few KiB of stack and no heap.

use core::ffi::{CStr, c_int};

use linux_raw_sys::general::{O_CLOEXEC, O_DIRECTORY, O_RDONLY};
use tidal_rt::{Errno, syscall};

use crate::text;

/// Where `struct linux_dirent64` has its length and its name.
const LENGTH: usize = 16;
const NAME: usize = 19;

/// Closes every descriptor from `first` up.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn closefrom(first: c_int) {
    let first = first.max(0) as u32;
    // SAFETY: no pointers.
    if unsafe { syscall!(__NR_close_range, first, u32::MAX, 0u32) }.is_err() && close_listed(first).is_err() {
        // Without /proc: one by one, up to the limit on descriptors.
        (first..super::sysconf::descriptor_limit()).for_each(close);
    }
}

fn close(fd: u32) {
    // SAFETY: the caller wants it closed.
    let _ = unsafe { syscall!(__NR_close, fd) };
}

/// Closes what `/proc/self/fd` lists. The position in it is a descriptor's number, so closing some hides no other.
#[cold]
fn close_listed(first: u32) -> Result<(), Errno> {
    const PATH: &CStr = c"/proc/self/fd";
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    // All may be in use, and those from `first` up are to go.
    // SAFETY: the path is a C string.
    let open = || unsafe { syscall!(__NR_open, PATH.as_ptr(), flags, 0u32) };
    let directory = open().or_else(|e| {
        close(first);
        if e == Errno::EMFILE { open() } else { Err(e) }
    })?;
    let mut entries = [0u64; 128];
    loop {
        let size = size_of_val(&entries);
        // SAFETY: the buffer is live and that long.
        let filled = unsafe { syscall!(__NR_getdents64, directory, entries.as_mut_ptr(), size) }?;
        if filled == 0 {
            break;
        }
        // SAFETY: the kernel has written that many bytes.
        let mut left = unsafe { core::slice::from_raw_parts(entries.as_ptr().cast::<u8>(), filled) };
        while let [_, ..] = left {
            let length = usize::from(u16::from_ne_bytes([left[LENGTH], left[LENGTH + 1]]));
            if let Some((fd, _)) = text::parse_decimal(&left[NAME..length])
                && fd >= u64::from(first)
                && fd != directory as u64
            {
                close(fd as u32);
            }
            left = &left[length..];
        }
    }
    close(directory as u32);
    Ok(())
}
