//! What `pthread_getattr_np` tells of a running thread; the first thread's stack has to be searched for.
//!
//! The kernel grows the first stack on demand, up to the resource limit or to the next mapping below. Its end is the end
//! of the mapping that the arguments lie in, which `/proc/self/maps` tells; without `/proc`, the page after the last
//! string that the kernel put there.

use core::ffi::CStr;

use linux_raw_sys::general as linux;
use tidal_rt::sys::memory::PAGE;
use tidal_rt::{Errno, auxv, startup, syscall};

use crate::attributes::{self, Attributes};
use crate::thread::Thread;
use crate::{affinity, registry, scheduling};

/// The attributes of a running thread.
///
/// # Errors
/// `ESRCH`, `ENOMEM`.
pub fn attributes_of(handle: usize) -> Result<Attributes, Errno> {
    let mut result = Attributes::new();
    let is_first = registry::with(handle, |thread| {
        result.set_detached(thread.join.is_detached());
        if !thread.is_first() {
            describe(thread, &mut result);
        }
        Ok(thread.is_first())
    })?;
    if is_first {
        let (low, size) = extent();
        result.describe_stack(low, size, 0);
    }
    if let Ok((policy, parameters)) = scheduling::get(handle)
        && result.set_policy(policy).is_ok()
    {
        let _ = result.set_priority(parameters.priority);
    }
    let mut cpus = [0u8; PAGE / 4];
    if affinity::get(handle, &mut cpus).is_ok() {
        let used = cpus.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
        result.set_cpus(&cpus[..used.next_multiple_of(8)])?;
    }
    Ok(result)
}

fn describe(thread: &Thread, attributes: &mut Attributes) {
    // SAFETY: the description does not change while the thread exists.
    let stack = unsafe { *thread.stack.get() };
    attributes.describe_stack(stack.low, stack.size, stack.guard);
}

/// Lowest address and size of the first thread's stack.
fn extent() -> (usize, usize) {
    let inside = startup::argv() as usize;
    let (end, below) = Maps::open()
        .and_then(|mut maps| maps.around(inside))
        .unwrap_or_else(|| (last_string_end(inside).next_multiple_of(PAGE), 0));
    let limit = attributes::stack_limit().unwrap_or(usize::MAX) & !(PAGE - 1);
    let size = limit.min(end - below);
    (end - size, size)
}

fn last_string_end(otherwise: usize) -> usize {
    const AT_EXECFN: u32 = 31;
    let Some(address) = auxv::get(AT_EXECFN) else { return otherwise };
    // SAFETY: AT_EXECFN is a C string at the very end of the stack.
    let name = unsafe { CStr::from_ptr(core::ptr::with_exposed_provenance(address)) };
    address + name.count_bytes() + 1
}

/// `/proc/self/maps`, read in pieces: each line begins with `START-END ` in hexadecimal.
struct Maps(usize);

impl Maps {
    fn open() -> Option<Self> {
        let flags = linux::O_RDONLY | linux::O_CLOEXEC;
        // SAFETY: a C string.
        unsafe { syscall!(__NR_open, c"/proc/self/maps".as_ptr(), flags, 0u32) }.ok().map(Maps)
    }

    /// The end of the mapping around an address, and the end of the one below.
    fn around(&mut self, inside: usize) -> Option<(usize, usize)> {
        let mut buffer = [0u8; 1024];
        let mut range = [0usize; 2];
        let mut below = 0;
        // Which of the two numbers is being read; 2 is the rest of the line.
        let mut field = 0;
        loop {
            // SAFETY: the buffer is live and that long.
            let length = unsafe { syscall!(__NR_read, self.0, buffer.as_mut_ptr(), buffer.len()) }.ok()?;
            if length == 0 {
                return None;
            }
            for &byte in &buffer[..length] {
                match (byte, field) {
                    (b'\n', _) => {
                        if (range[0]..range[1]).contains(&inside) {
                            return Some((range[1], below));
                        }
                        below = range[1];
                        (range, field) = ([0; 2], 0);
                    }
                    (b'-', 0) => field = 1,
                    (b' ', 1) => field = 2,
                    (_, 0 | 1) => {
                        let digit = (byte as char).to_digit(16)?;
                        range[field] = range[field] << 4 | digit as usize;
                    }
                    _ => {}
                }
            }
        }
    }
}

impl Drop for Maps {
    fn drop(&mut self) {
        // SAFETY: opened by this value.
        let _ = unsafe { syscall!(__NR_close, self.0) };
    }
}
