//! From the first instruction to `main`.

use core::ffi::{c_char, c_int};

use tidal_rt::{auxv, startup};

use crate::{arrays, elf, exit, first_thread, relocate};

/// C's `main`.
pub type Main = unsafe extern "C" fn(c_int, *mut *mut c_char, *mut *mut c_char) -> c_int;

/// What runs the program's indirect-function resolvers, as `_start` knows what kind of program it is in.
pub type Indirect = unsafe extern "C" fn();

/// What `_start` calls when the program is relocated: `stack` is the stack pointer at entry.
///
/// # Safety
/// Called once, by `_start`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __tidal_start(stack: *mut usize, main: Main, indirect: Indirect) -> ! {
    // psABI 3.4.1: argc, the arguments, null, the environment, null, the auxiliary vector.
    // SAFETY: the kernel laid the stack out so.
    let (argc, argv, envp) = unsafe {
        let argc = *stack as c_int;
        let argv = stack.add(1).cast::<*mut c_char>();
        let envp = argv.add(argc as usize + 1);
        let mut end = envp;
        while !(*end).is_null() {
            end = end.add(1);
        }
        auxv::init(end.add(1).cast());
        startup::init(argc, argv, envp);
        (argc, argv, envp)
    };
    let headers = elf::program_headers();
    let bias = elf::load_bias(headers);
    // SAFETY: once, before anything needs a thread pointer.
    unsafe { first_thread::set_up(headers, bias) };
    // SAFETY: once; the thread pointer is set.
    unsafe { indirect() };
    relocate::protect(headers, bias);
    if auxv::is_secure() {
        open_standard_descriptors();
    }
    arrays::run_init();
    // SAFETY: `main` is the program's.
    let status = unsafe { main(argc, argv, envp) };
    exit::exit(status)
}

/// A privileged program must not open a file as descriptor 0, 1 or 2 because its caller closed them.
fn open_standard_descriptors() {
    use linux_raw_sys::general::{F_GETFD, O_RDWR};
    use tidal_rt::{message, syscall};
    for fd in 0..3i32 {
        // SAFETY: no pointers.
        let closed = unsafe { syscall!(__NR_fcntl, fd, F_GETFD) }.is_err();
        let null = tidal_rt::start_text!("/dev/null").as_ptr();
        // SAFETY: the path is a C string.
        if closed && unsafe { syscall!(__NR_open, null, O_RDWR, 0u32) } != Ok(fd as usize) {
            message::exit_now(127);
        }
    }
}
