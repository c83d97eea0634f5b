//! `<dlfcn.h>`: what of it makes sense in a static program.

use core::ffi::{c_int, c_void};
use core::ptr;

use linux_raw_sys::elf::PT_LOAD;
use tidal_crt::elf;

/// `PT_GNU_EH_FRAME` (LSB 5.0, 10.2): the table by which an unwinder finds frames.
const PT_GNU_EH_FRAME: u32 = 0x6474_e550;

/// `struct dl_find_object` of x86-64.
#[repr(C)]
pub struct FoundObject {
    flags: u64,
    map_start: *mut c_void,
    map_end: *mut c_void,
    link_map: *mut c_void,
    eh_frame: *mut c_void,
    reserved: [u64; 7],
}

const _: () = assert!(size_of::<FoundObject>() == 96);

/// Finds the object around a code address, for unwinders: the program itself or none.
///
/// # Errors
/// -1 if the address is not the program's, or the program was linked without `--eh-frame-hdr`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _dl_find_object(address: *mut c_void, result: *mut FoundObject) -> c_int {
    let headers = elf::program_headers();
    let bias = elf::load_bias(headers);
    let loaded = || headers.iter().filter(|h| h.p_type == PT_LOAD);
    let start = loaded().map(|h| bias + h.p_vaddr).min().unwrap_or(0);
    let end = loaded().map(|h| bias + h.p_vaddr + h.p_memsz).max().unwrap_or(0);
    let table = headers.iter().find(|h| h.p_type == PT_GNU_EH_FRAME);
    let (true, Some(table)) = ((start..end).contains(&(address as usize)), table) else { return -1 };
    let pointer = ptr::with_exposed_provenance_mut::<c_void>;
    // SAFETY: the caller's structure.
    unsafe {
        result.write(FoundObject {
            flags: 0,
            map_start: pointer(start),
            map_end: pointer(end),
            link_map: ptr::null_mut(),
            eh_frame: pointer(bias + table.p_vaddr),
            reserved: [0; 7],
        });
    }
    0
}
