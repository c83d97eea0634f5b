//! `<fenv.h>`: exceptions and rounding of the floating-point units: x87, which `long double` uses, and SSE.

use core::arch::asm;
use core::ffi::{c_int, c_ushort};

/// All exceptions that C knows: invalid, division by zero, overflow, underflow, inexact.
const ALL: u32 = 0x3d;
/// Where SSE's control word masks exceptions, and where it rounds; x87's rounding bits are three lower.
const SSE_MASKS: u32 = 7;
const ROUNDING: u32 = 0xc00;

/// `fenv_t`: the 28 bytes of x87's environment, and SSE's control word.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Environment {
    control: u32,
    status: u32,
    rest: [u32; 5],
    mxcsr: u32,
}

const _: () = assert!(size_of::<Environment>() == 32);

/// `FE_DFL_ENV`.
const DEFAULT: *const Environment = usize::MAX as *const Environment;

fn mxcsr() -> u32 {
    let mut value = 0u32;
    // SAFETY: stores four bytes.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut value, options(nostack, preserves_flags)) };
    value
}

fn set_mxcsr(value: u32) {
    // SAFETY: loads four bytes; the callers set defined bits alone.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, preserves_flags)) };
}

fn control() -> c_ushort {
    let mut value: c_ushort = 0;
    // SAFETY: stores two bytes.
    unsafe { asm!("fnstcw word ptr [{}]", in(reg) &raw mut value, options(nostack, preserves_flags)) };
    value
}

fn set_control(value: c_ushort) {
    // SAFETY: loads two bytes.
    unsafe { asm!("fldcw word ptr [{}]", in(reg) &raw const value, options(nostack, preserves_flags)) };
}

fn status() -> c_ushort {
    let value: c_ushort;
    // SAFETY: reads a register.
    unsafe { asm!("fnstsw ax", out("ax") value, options(nomem, nostack, preserves_flags)) };
    value
}

fn environment() -> Environment {
    let mut value = Environment { control: 0, status: 0, rest: [0; 5], mxcsr: mxcsr() };
    // SAFETY: stores 28 bytes; it masks all exceptions, so the old masks are loaded again.
    unsafe { asm!("fnstenv [{0}]", "fldcw word ptr [{0}]", in(reg) &raw mut value, options(nostack)) };
    value
}

fn set_environment(value: &Environment) {
    // SAFETY: loads 28 bytes.
    unsafe { asm!("fldenv [{}]", in(reg) value, options(nostack)) };
    set_mxcsr(value.mxcsr);
}

/// Forgets exceptions.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn feclearexcept(exceptions: c_int) -> c_int {
    let exceptions = exceptions as u32 & ALL;
    let mut now = environment();
    if now.status & exceptions != 0 {
        now.status &= !exceptions;
        set_environment(&now);
    }
    set_mxcsr(mxcsr() & !exceptions);
    0
}

/// Raises exceptions.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn feraiseexcept(exceptions: c_int) -> c_int {
    let new = mxcsr() | exceptions as u32 & ALL;
    set_mxcsr(new);
    let unmasked = new & ALL & !(new >> SSE_MASKS);
    if unmasked & exceptions as u32 & ALL != 0 {
        // The next SSE instruction does not trap for a flag that is set already: the x87 unit does.
        let mut now = environment();
        now.status |= unmasked;
        set_environment(&now);
        // SAFETY: waits for pending exceptions.
        unsafe { asm!("fwait", options(nostack)) };
    }
    0
}

/// Which of some exceptions have been raised.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn fetestexcept(exceptions: c_int) -> c_int {
    ((u32::from(status()) | mxcsr()) & exceptions as u32 & ALL) as c_int
}

/// The rounding mode.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn fegetround() -> c_int {
    c_int::from(control()) & ROUNDING as c_int
}

/// Sets the rounding mode; nonzero if there is none such.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn fesetround(mode: c_int) -> c_int {
    let mode = mode as u32;
    if mode & !ROUNDING != 0 {
        return 1;
    }
    set_control(control() & !(ROUNDING as c_ushort) | mode as c_ushort);
    set_mxcsr(mxcsr() & !(ROUNDING << 3) | mode << 3);
    0
}

/// Stores the environment.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fegetenv(to: *mut Environment) -> c_int {
    // SAFETY: the caller's structure.
    unsafe { to.write(environment()) };
    0
}

/// Sets the environment, or the default one.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fesetenv(from: *const Environment) -> c_int {
    if from == DEFAULT {
        // What the kernel starts a program with.
        set_environment(&Environment {
            control: 0x37f,
            status: 0,
            rest: [0xffff, 0, 0, 0, 0],
            mxcsr: 0x1f80,
        });
    } else {
        // SAFETY: the caller's structure.
        set_environment(unsafe { &*from });
    }
    0
}

/// Stores the environment, forgets exceptions and masks them all.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn feholdexcept(to: *mut Environment) -> c_int {
    let now = environment();
    // SAFETY: the caller's structure.
    unsafe { to.write(now) };
    let control = now.control | ALL;
    let mxcsr = (now.mxcsr | ALL << SSE_MASKS) & !ALL;
    set_environment(&Environment { control, status: now.status & !ALL, mxcsr, ..now });
    0
}

/// Sets the environment, and raises what has been raised meanwhile.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn feupdateenv(from: *const Environment) -> c_int {
    let raised = fetestexcept(ALL as c_int);
    // SAFETY: the same contract.
    unsafe { fesetenv(from) };
    feraiseexcept(raised)
}

/// Stores the state of some exceptions.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fegetexceptflag(to: *mut c_ushort, exceptions: c_int) -> c_int {
    // SAFETY: the caller's word.
    unsafe { to.write(fetestexcept(exceptions) as c_ushort) };
    0
}

/// Sets the state of some exceptions, without raising them.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fesetexceptflag(from: *const c_ushort, exceptions: c_int) -> c_int {
    let exceptions = exceptions as u32 & ALL;
    // SAFETY: the caller's word.
    let new = u32::from(unsafe { *from }) & exceptions;
    feclearexcept(exceptions as c_int);
    set_mxcsr(mxcsr() | new);
    0
}

/// Lets exceptions send SIGFPE; those that did before.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn feenableexcept(exceptions: c_int) -> c_int {
    let before = fegetexcept();
    let exceptions = exceptions as u32 & ALL;
    set_control(control() & !(exceptions as c_ushort));
    set_mxcsr(mxcsr() & !(exceptions << SSE_MASKS));
    before
}

/// Stops exceptions from sending SIGFPE; those that did before.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn fedisableexcept(exceptions: c_int) -> c_int {
    let before = fegetexcept();
    let exceptions = exceptions as u32 & ALL;
    set_control(control() | exceptions as c_ushort);
    set_mxcsr(mxcsr() | exceptions << SSE_MASKS);
    before
}

/// The exceptions that send SIGFPE.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn fegetexcept() -> c_int {
    (!u32::from(control()) & ALL) as c_int
}
