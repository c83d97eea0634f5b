//! The arrays of functions that run before and after `main`: `.preinit_array`, `.init_array`, `.fini_array`, and the
//! older `_init` and `_fini` where the program has them.

use core::ffi::{c_char, c_int};

use tidal_rt::startup;

type Init = extern "C" fn(c_int, *mut *mut c_char, *mut *mut c_char);
type Fini = extern "C" fn();

/// The functions between two of the linker's symbols.
macro_rules! between {
    ($type:ty, $start:literal, $end:literal) => {{
        let (start, end) =
            ($crate::linker_symbol!($start) as *const $type, $crate::linker_symbol!($end) as *const $type);
        // SAFETY: the linker put functions of this type between the two, or defines neither, and then both are null.
        unsafe {
            if start.is_null() { &[][..] } else { core::slice::from_raw_parts(start, end.offset_from_unsigned(start)) }
        }
    }};
}

/// A function that the program may lack.
macro_rules! optional {
    ($name:literal) => {{
        let address = $crate::linker_symbol!($name);
        // SAFETY: null or a function of this type.
        unsafe { core::mem::transmute::<usize, Option<Fini>>(address) }
    }};
}

/// Runs what comes before `main`. Each function gets (argc, argv, envp), as glibc's do.
pub fn run_init() {
    let (argc, argv) = (startup::argc(), startup::argv());
    let call = |f: &Init| f(argc, argv, startup::ENVIRON.load(core::sync::atomic::Ordering::Relaxed));
    between!(Init, "__preinit_array_start", "__preinit_array_end").iter().for_each(call);
    if let Some(init) = optional!("_init") {
        init();
    }
    between!(Init, "__init_array_start", "__init_array_end").iter().for_each(call);
}

/// Runs what comes after the last exit handler, in reverse.
pub fn run_fini() {
    between!(Fini, "__fini_array_start", "__fini_array_end").iter().rev().for_each(|f| f());
    if let Some(fini) = optional!("_fini") {
        fini();
    }
}
