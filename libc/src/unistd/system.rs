//! `<unistd.h>`: the machine: host name, page size, priorities, logins.

use core::ffi::{c_char, c_int, c_long};
use core::ptr;

use linux_raw_sys::general::PRIO_PROCESS;
use linux_raw_sys::system::new_utsname;
use tidal_rt::Errno;
use tidal_rt::sys::memory::PAGE;

use crate::errno::zero_or_errno;
use crate::macros::syscalls;

syscalls! {
    /// Sets the host name.
    fn sethostname(name: *const c_char, length: usize) -> c_int = __NR_sethostname(name, length);
    /// Sets the NIS domain name.
    fn setdomainname(name: *const c_char, length: usize) -> c_int = __NR_setdomainname(name, length);
    /// Gives up the controlling terminals of the session.
    fn vhangup() -> c_int = __NR_vhangup();
}

fn names() -> new_utsname {
    // SAFETY: all zeros is a valid value.
    let mut names: new_utsname = unsafe { core::mem::zeroed() };
    // SAFETY: the structure is live.
    let _ = unsafe { tidal_rt::syscall!(__NR_uname, ptr::from_mut(&mut names)) };
    names
}

/// # Safety
/// The buffer has that many bytes.
unsafe fn copy(name: &[c_char], buffer: *mut c_char, size: usize) -> Result<(), Errno> {
    let length = name.iter().position(|&c| c == 0).unwrap_or(name.len() - 1);
    // SAFETY: at most `size` bytes.
    unsafe { ptr::copy_nonoverlapping(name.as_ptr(), buffer, size.min(length + 1)) };
    if length < size { Ok(()) } else { Err(Errno::ENAMETOOLONG) }
}

/// The host name.
///
/// # Errors
/// `ENAMETOOLONG` if it was cut.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gethostname(buffer: *mut c_char, size: usize) -> c_int {
    // SAFETY: the buffer is the caller's.
    zero_or_errno(unsafe { copy(&names().nodename, buffer, size) })
}

/// The NIS domain name.
///
/// # Errors
/// `EINVAL` if it does not fit.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getdomainname(buffer: *mut c_char, size: usize) -> c_int {
    // SAFETY: the buffer is the caller's.
    zero_or_errno(unsafe { copy(&names().domainname, buffer, size) }.map_err(|_| Errno::EINVAL))
}

/// Bytes in a page.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn getpagesize() -> c_int {
    PAGE as c_int
}

/// The greatest number of descriptors a process may have.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn getdtablesize() -> c_int {
    super::sysconf::descriptor_limit() as c_int
}

/// An identifier of the host; of its IPv4 address in glibc, here of its name.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn gethostid() -> c_long {
    // FNV-1a, so that equal names give equal ids.
    let name = names().nodename;
    let hash = name
        .iter()
        .take_while(|&&c| c != 0)
        .fold(0x811c_9dc5_u32, |hash, &c| (hash ^ u32::from(c as u8)).wrapping_mul(0x0100_0193));
    c_long::from(hash as i32)
}

/// Makes the process nicer by so much; its new value, so -1 may be no error.
///
/// # Errors
/// `EPERM` for a lower value without privilege.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn nice(increment: c_int) -> c_int {
    // SAFETY: no pointers.
    let now = unsafe { tidal_rt::syscall!(__NR_getpriority, PRIO_PROCESS, 0i32) }.map(|v| 20 - v as c_int);
    let result = now.and_then(|now| {
        let new = now.saturating_add(increment).clamp(-20, 19);
        // SAFETY: no pointers.
        unsafe { tidal_rt::syscall!(__NR_setpriority, PRIO_PROCESS, 0i32, new) }?;
        Ok(new)
    });
    crate::errno::or_errno(result.map_err(|e| if e == Errno::EACCES { Errno::EPERM } else { e }))
}

/// Becomes a daemon: a child in a session of its own, in `/` and without the standard descriptors unless told not to.
///
/// # Errors
/// Those of `fork`, `setsid` and `open`.
///
/// Signal-safe: no. Vfork-safe: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn daemon(keep_directory: c_int, keep_descriptors: c_int) -> c_int {
    unsafe extern "C" {
        fn fork() -> c_int;
    }
    // SAFETY: `fork` has no preconditions.
    match unsafe { fork() } {
        -1 => return -1,
        0 => {}
        _ => tidal_rt::message::exit_now(0),
    }
    zero_or_errno(detach(keep_directory != 0, keep_descriptors != 0))
}

fn detach(keep_directory: bool, keep_descriptors: bool) -> Result<(), Errno> {
    use linux_raw_sys::general::O_RDWR;
    // SAFETY: the paths are C strings; the descriptors belong to the process, which asked for this.
    unsafe {
        tidal_rt::syscall!(__NR_setsid)?;
        if !keep_directory {
            tidal_rt::syscall!(__NR_chdir, c"/".as_ptr())?;
        }
        if !keep_descriptors {
            let null = tidal_rt::syscall!(__NR_open, c"/dev/null".as_ptr(), O_RDWR, 0)?;
            for standard in 0..3usize {
                tidal_rt::syscall!(__NR_dup2, null, standard)?;
            }
            if null > 2 {
                tidal_rt::syscall!(__NR_close, null)?;
            }
        }
    }
    Ok(())
}

/// Random bytes, at most 256 at once.
///
/// # Errors
/// `EIO` for more than 256, and those of `getrandom(2)`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getentropy(buffer: *mut core::ffi::c_void, size: usize) -> c_int {
    if size > 256 {
        return zero_or_errno::<()>(Err(Errno::EIO));
    }
    let mut done = 0;
    while done < size {
        // SAFETY: the rest of the caller's buffer.
        match unsafe { tidal_rt::syscall!(__NR_getrandom, buffer.cast::<u8>().add(done), size - done, 0u32) }
        {
            Ok(count) => done += count,
            Err(Errno::EINTR) => {}
            Err(e) => return zero_or_errno::<()>(Err(e)),
        }
    }
    0
}
