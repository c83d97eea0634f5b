//! `<unistd.h>`: `sysconf`: limits and options of the system.
//!
//! Numbers are those of glibc's `<bits/confname.h>`.

use core::ffi::{c_int, c_long};
use core::ptr;

use linux_raw_sys::general::{RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_SIGPENDING, RLIMIT_STACK, rlimit};
use linux_raw_sys::system::sysinfo;
use tidal_rt::{Errno, auxv};

use crate::sched;

/// The version of POSIX that Tidal follows, 2008.
const POSIX: c_long = 200_809;
/// The option is absent, or the limit has no value.
const NONE: c_long = -1;

const AT_MINSIGSTKSZ: u32 = linux_raw_sys::auxvec::AT_MINSIGSTKSZ;

/// The soft limit of a resource; -1 for none.
fn limit(resource: u32) -> c_long {
    let mut limit = rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is live.
    let result = unsafe {
        tidal_rt::syscall!(__NR_prlimit64, 0i32, resource, ptr::null::<rlimit>(), ptr::from_mut(&mut limit))
    };
    // RLIM_INFINITY is all ones.
    if result.is_ok() { limit.rlim_cur as c_long } else { NONE }
}

/// How many descriptors the process may have.
pub(crate) fn descriptor_limit() -> u32 {
    match limit(RLIMIT_NOFILE) {
        n if n < 0 => 256,
        n => n.min(i32::MAX.into()) as u32,
    }
}

fn pages(select: impl Fn(&sysinfo) -> u64) -> c_long {
    // SAFETY: all zeros is a valid value.
    let mut info: sysinfo = unsafe { core::mem::zeroed() };
    // SAFETY: the structure is live.
    let _ = unsafe { tidal_rt::syscall!(__NR_sysinfo, ptr::from_mut(&mut info)) };
    (select(&info) * u64::from(info.mem_unit.max(1)) / tidal_rt::sys::memory::PAGE as u64) as c_long
}

/// Signal stack that the kernel needs at least, in bytes; it depends on the CPU's register state.
fn minimal_signal_stack() -> c_long {
    auxv::get(AT_MINSIGSTKSZ).unwrap_or(linux_raw_sys::general::MINSIGSTKSZ as usize) as c_long
}

/// The value of a configuration variable, or -1: without a change of `errno` if it has no limit.
///
/// # Errors
/// `EINVAL` for a variable that does not exist.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn sysconf(name: c_int) -> c_long {
    measured(name).or_else(|| fixed(name)).unwrap_or_else(|| {
        Errno::EINVAL.set();
        NONE
    })
}

/// The same function as `sysconf`.
#[unsafe(no_mangle)]
pub extern "C" fn __sysconf(name: c_int) -> c_long {
    sysconf(name)
}

/// Variables that depend on the machine and the process.
fn measured(name: c_int) -> Option<c_long> {
    Some(match name {
        // _SC_ARG_MAX: a quarter of the stack, as execve(2) has it, at least 32 pages.
        0 => match limit(RLIMIT_STACK) {
            NONE => c_long::MAX / 4,
            stack => (stack / 4).max(131_072),
        },
        // _SC_CHILD_MAX, _SC_OPEN_MAX, _SC_SIGQUEUE_MAX.
        1 => limit(RLIMIT_NPROC),
        4 => limit(RLIMIT_NOFILE),
        34 => limit(RLIMIT_SIGPENDING),
        // _SC_NPROCESSORS_CONF, _SC_NPROCESSORS_ONLN.
        83 => c_long::from(sched::configured_cpus()),
        84 => c_long::from(sched::online_cpus()),
        // _SC_PHYS_PAGES, _SC_AVPHYS_PAGES.
        85 => pages(|info| info.totalram),
        86 => pages(|info| info.freeram),
        // _SC_THREAD_STACK_MIN, _SC_MINSIGSTKSZ, _SC_SIGSTKSZ.
        // Whole pages: programs give it back as a stack's size.
        75 => ((minimal_signal_stack() + 8192).max(16_384) + 4095) & !4095,
        249 => minimal_signal_stack(),
        250 => 4 * minimal_signal_stack(),
        _ => return None,
    })
}

/// Variables that are what they are.
fn fixed(name: c_int) -> Option<c_long> {
    Some(match name {
        2 => 100,
        3 => 65_536,
        5 | 180 => {
            if name == 5 {
                16
            } else {
                64
            }
        }
        7 | 8 => 1,
        9..=22 | 29 | 46..=48 | 51 | 52 | 67 | 68 | 77..=82 | 95 | 96 => POSIX,
        132 | 133 | 137..=139 | 149 | 153 | 154 | 159 | 164 | 235 | 236 => POSIX,
        25 => 20,
        26 | 33 => i32::MAX.into(),
        28 => 32_768,
        30 => 4096,
        31 => 32,
        36 | 38 => 99,
        37 | 43 | 45 => 2048,
        39 => 1000,
        40 => 255,
        42 => 32,
        44 => 32_767,
        60 | 69 | 70 | 74 => 1024,
        71 => 256,
        72 => 32,
        73 => 4,
        // _SC_ATEXIT_MAX.
        87 => i32::MAX.into(),
        88 => 8192,
        89 => 700,
        90 => 4,
        91 | 93 | 94 | 98..=100 | 127 | 129..=131 | 155 | 157 | 178 | 239 => 1,
        101 => 8,
        102 | 111 => 127,
        103 | 112 => -128,
        104 => i32::MAX.into(),
        105 => i32::MIN.into(),
        106 => 64,
        107 => 32,
        108 => 16,
        109 => 20,
        110 | 113 => 32_767,
        114 => -32_768,
        115 => 255,
        116 => u32::MAX.into(),
        118 => 65_535,
        119 => 4096,
        120 => 2048,
        121..=124 => i32::MAX.into(),
        // Caches: unknown.
        185..=199 => 0,
        0..=248 => NONE,
        _ => return None,
    })
}
