//! The vDSO: functions that the kernel maps into the process, so that reading a clock needs no system call.
//!
//! Looked up when first needed. Where a function is missing, the system call serves.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::transmute;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use linux_raw_sys::elf::{
    DT_HASH, DT_STRTAB, DT_SYMTAB, Elf_Dyn, Elf_Ehdr, Elf_Phdr, Elf_Sym, PT_DYNAMIC, PT_LOAD,
};

use crate::auxv;
use crate::errno::Errno;
use crate::sys::check;
use crate::sys::time::Timespec;
use crate::syscall;

/// Looked for and not found.
const MISSING: usize = 1;

struct Function {
    name: &'static CStr,
    address: AtomicUsize,
}

impl Function {
    const fn new(name: &'static CStr) -> Self {
        Function { name, address: AtomicUsize::new(0) }
    }

    #[inline]
    fn get(&self) -> Option<*const c_void> {
        let mut address = self.address.load(Relaxed);
        if address == 0 {
            address = self.resolve();
        }
        (address != MISSING).then(|| ptr::with_exposed_provenance(address))
    }

    #[cold]
    fn resolve(&self) -> usize {
        let found = auxv::get(auxv::AT_SYSINFO_EHDR).and_then(|image| {
            // SAFETY: the kernel mapped an ELF image there.
            unsafe { lookup(image, self.name) }
        });
        let address = found.unwrap_or(MISSING);
        self.address.store(address, Relaxed);
        address
    }
}

/// Finds a function in a mapped ELF image.
///
/// # Safety
/// `image` is the address of a well-formed ELF image of this machine's kind.
unsafe fn lookup(image: usize, name: &CStr) -> Option<usize> {
    let header = ptr::with_exposed_provenance::<Elf_Ehdr>(image);
    // SAFETY: by the caller's contract, here and below; the tables are inside the image.
    let (phdr, count) = unsafe { (image + (*header).e_phoff, (*header).e_phnum) };
    let mut load = None;
    let mut dynamic = ptr::null::<Elf_Dyn>();
    for i in 0..usize::from(count) {
        // SAFETY: within the header's count.
        let ph = unsafe { &*ptr::with_exposed_provenance::<Elf_Phdr>(phdr).add(i) };
        match ph.p_type {
            PT_LOAD if load.is_none() => load = Some(image + ph.p_offset - ph.p_vaddr),
            PT_DYNAMIC => dynamic = ptr::with_exposed_provenance(image + ph.p_offset),
            _ => {}
        }
    }
    let base = load?;
    if dynamic.is_null() {
        return None;
    }
    let (mut strings, mut symbols, mut hash) = (None, None, None);
    // SAFETY: the dynamic section ends with a DT_NULL (0) entry.
    unsafe {
        while (*dynamic).d_tag != 0 {
            let value = base + (*dynamic).d_un.d_val as usize;
            match (*dynamic).d_tag as usize {
                DT_STRTAB => strings = Some(value),
                DT_SYMTAB => symbols = Some(value),
                DT_HASH => hash = Some(value),
                _ => {}
            }
            dynamic = dynamic.add(1);
        }
    }
    let (strings, symbols) = (strings?, ptr::with_exposed_provenance::<Elf_Sym>(symbols?));
    // The second word of DT_HASH is the number of symbols.
    // SAFETY: the table is inside the image.
    let total = unsafe { *ptr::with_exposed_provenance::<u32>(hash?).add(1) };
    (0..total as usize).find_map(|i| {
        // SAFETY: within the table's count.
        let symbol = unsafe { &*symbols.add(i) };
        let text = ptr::with_exposed_provenance::<c_char>(strings + symbol.st_name as usize);
        // SAFETY: names in the string table end with NUL.
        let same = symbol.st_shndx != 0 && unsafe { CStr::from_ptr(text) } == name;
        same.then(|| base + symbol.st_value)
    })
}

static CLOCK_GETTIME: Function = Function::new(c"__vdso_clock_gettime");
static CLOCK_GETRES: Function = Function::new(c"__vdso_clock_getres");
static GETCPU: Function = Function::new(c"__vdso_getcpu");
static GETRANDOM: Function = Function::new(c"__vdso_getrandom");

type ClockFn = unsafe extern "C" fn(c_int, *mut Timespec) -> c_int;
type GetcpuFn = unsafe extern "C" fn(*mut u32, *mut u32, *mut c_void) -> c_int;
/// `vgetrandom`'s contract is in `lib/vdso/getrandom.c` of the kernel.
pub type GetrandomFn = unsafe extern "C" fn(*mut c_void, usize, u32, *mut c_void, usize) -> isize;

/// Reads a clock.
///
/// # Errors
/// `EINVAL` for a clock that does not exist.
#[inline]
pub fn clock_gettime(clock: c_int) -> Result<Timespec, Errno> {
    let mut time = Timespec::default();
    if let Some(f) = CLOCK_GETTIME.get() {
        // SAFETY: the vDSO's function of that name has this signature.
        let f = unsafe { transmute::<*const c_void, ClockFn>(f) };
        // SAFETY: `time` is live.
        check(unsafe { f(clock, &mut time) } as isize as usize)?;
    } else {
        // SAFETY: `time` is live.
        unsafe { syscall!(__NR_clock_gettime, clock, ptr::from_mut(&mut time)) }?;
    }
    Ok(time)
}

/// Reads a clock's resolution.
///
/// # Errors
/// `EINVAL` for a clock that does not exist.
pub fn clock_getres(clock: c_int) -> Result<Timespec, Errno> {
    let mut time = Timespec::default();
    if let Some(f) = CLOCK_GETRES.get() {
        // SAFETY: the vDSO's function of that name has this signature.
        let f = unsafe { transmute::<*const c_void, ClockFn>(f) };
        // SAFETY: `time` is live.
        check(unsafe { f(clock, &mut time) } as isize as usize)?;
    } else {
        // SAFETY: `time` is live.
        unsafe { syscall!(__NR_clock_getres, clock, ptr::from_mut(&mut time)) }?;
    }
    Ok(time)
}

/// CPU and NUMA node that the caller runs on, right in a vfork child too.
///
/// # Errors
/// `ENOSYS` on a kernel without either way.
pub fn getcpu() -> Result<(u32, u32), Errno> {
    let (mut cpu, mut node) = (0, 0);
    if let Some(f) = GETCPU.get() {
        // SAFETY: the vDSO's function of that name has this signature.
        let f = unsafe { transmute::<*const c_void, GetcpuFn>(f) };
        // SAFETY: both numbers are live; the third argument is unused.
        check(unsafe { f(&mut cpu, &mut node, ptr::null_mut()) } as isize as usize)?;
    } else {
        // SAFETY: both numbers are live.
        unsafe { syscall!(__NR_getcpu, ptr::from_mut(&mut cpu), ptr::from_mut(&mut node), 0usize) }?;
    }
    Ok((cpu, node))
}

/// The vDSO's random-number function, if the kernel has one.
pub fn getrandom() -> Option<GetrandomFn> {
    // SAFETY: the vDSO's function of that name has this signature.
    GETRANDOM.get().map(|f| unsafe { transmute::<*const c_void, GetrandomFn>(f) })
}
