//! `<dlfcn.h>`: what of it makes sense in a static program.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};

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

/// What `dlerror` says next; null for nothing.
static ERROR: AtomicPtr<c_char> = AtomicPtr::new(ptr::null_mut());

fn refuse() {
    ERROR.store(c"a static program cannot load or search shared objects".as_ptr().cast_mut(), Relaxed);
}

/// Loads no object: always fails, and `dlerror` says why.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dlopen(_path: *const c_char, _flags: c_int) -> *mut c_void {
    refuse();
    ptr::null_mut()
}

/// Finds no symbol: a static program has no table of them.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dlsym(_object: *mut c_void, _name: *const c_char) -> *mut c_void {
    refuse();
    ptr::null_mut()
}

/// As `dlsym`, with a version.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dlvsym(
    _object: *mut c_void,
    _name: *const c_char,
    _version: *const c_char,
) -> *mut c_void {
    refuse();
    ptr::null_mut()
}

/// Closes nothing: no object is ever open.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dlclose(_object: *mut c_void) -> c_int {
    refuse();
    -1
}

/// What was wrong since the last call, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dlerror() -> *mut c_char {
    ERROR.swap(ptr::null_mut(), Relaxed)
}

/// Finds no symbol around an address: 0.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dladdr(_address: *const c_void, _info: *mut c_void) -> c_int {
    0
}
