//! `<link.h>`: the loaded objects, of which a static program has one.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;

use linux_raw_sys::elf::{Elf_Phdr, PT_TLS};
use tidal_crt::elf;
use tidal_rt::{block, tls};

/// `struct dl_phdr_info`.
#[repr(C)]
pub struct PhdrInfo {
    address: usize,
    name: *const c_char,
    headers: *const Elf_Phdr,
    count: u16,
    added: u64,
    removed: u64,
    tls_module: usize,
    tls_data: *mut c_void,
}

const _: () = assert!(size_of::<PhdrInfo>() == 64);

/// What [`dl_iterate_phdr`] calls: the object, the size of its description, and the caller's argument.
pub type Callback = extern "C" fn(*mut PhdrInfo, usize, *mut c_void) -> c_int;

/// Calls `callback` for the program, and for the vDSO not; gives what it returned.
///
/// Signal-safe: as far as the callback is. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dl_iterate_phdr(callback: Callback, argument: *mut c_void) -> c_int {
    let headers = elf::program_headers();
    let has_tls = headers.iter().any(|h| h.p_type == PT_TLS);
    let tls_data = if has_tls {
        ptr::from_ref(block::current()).cast_mut().wrapping_byte_sub(tls::size_below()).cast()
    } else {
        ptr::null_mut()
    };
    let mut info = PhdrInfo {
        address: elf::load_bias(headers),
        name: c"".as_ptr(),
        headers: headers.as_ptr(),
        count: headers.len() as u16,
        added: 1,
        removed: 0,
        tls_module: usize::from(has_tls),
        tls_data,
    };
    callback(&raw mut info, size_of::<PhdrInfo>(), argument)
}
