//! What this processor does best, found out late.
//!
//! CPUID traps to the hypervisor in a virtual machine (2 to 70 µs a time), so a program that copies a few
//! kilobytes and exits must not run it. Until [`BUDGET`] bytes have gone through the long paths everything runs
//! on SSE2, which every x86-64 has; then one call asks the processor and stores the answer.
//!
//! State: `LEVEL` goes `UNKNOWN -> SSE2 | AVX2 | AVX512` once and stays. Two threads that resolve it at the same
//! time store the same values, and the thresholds are stored before the level that makes them read, so relaxed
//! loads suffice: x86 keeps the order of stores, and a stale level only costs speed.

use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv, CpuidResult};
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed, Ordering::Release};

/// Nothing is known yet: SSE2 code runs and [`account`] counts.
pub const UNKNOWN: u8 = 0;
/// Only what every x86-64 has.
pub const SSE2: u8 = 1;
/// AVX2, with the upper halves enabled by the kernel.
pub const AVX2: u8 = 2;
/// AVX-512 F, BW and VL on a processor that keeps its clock when they are used, and BMI 1 and 2.
pub const AVX512: u8 = 3;
/// Their bits in EBX of CPUID leaf 7.
const AVX512_BITS: u32 = 1 << 3 | 1 << 8 | 1 << 16 | 1 << 30 | 1 << 31;

/// One of the constants above.
pub static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);
/// Copies shorter than this never use `rep movsb`: its start costs more than a loop within the first-level cache.
pub const REP_MOVSB_MIN: usize = 24 * 1024;
/// Copies from `REP_MOVSB_MIN` up to this use `rep movsb`.
pub static REP_MOVSB_STOP: AtomicUsize = AtomicUsize::new(0);
/// Copies of at least this many bytes use `rep movsb` again, which then writes without reading the lines first.
pub static REP_MOVSB_HUGE: AtomicUsize = AtomicUsize::new(usize::MAX);
/// Fills shorter than this never use `rep stosb`.
pub const REP_STOSB_MIN: usize = 24 * 1024;
/// Fills from `REP_STOSB_MIN` up to this use `rep stosb`.
pub static REP_STOSB_STOP: AtomicUsize = AtomicUsize::new(0);
/// Fills of at least this many bytes use `rep stosb`.
pub static REP_STOSB_HUGE: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Bytes seen by long paths before CPUID pays: three CPUIDs cost about 15 µs, the time in which SSE2 code falls
/// behind by some 400 KiB in the first-level cache.
const BUDGET: usize = 256 * 1024;
static SEEN: AtomicUsize = AtomicUsize::new(0);

/// Counts `n` bytes against the budget, asks the processor when it is spent, and returns the level.
#[cold]
#[inline(never)]
pub extern "C" fn account(n: usize) -> u8 {
    let seen = SEEN.load(Relaxed).saturating_add(n);
    // Lost updates of racing threads only put the question off.
    SEEN.store(seen, Relaxed);
    if seen < BUDGET {
        return UNKNOWN;
    }
    resolve()
}

fn resolve() -> u8 {
    let leaf0 = __cpuid(0);
    let intel = leaf0.ebx == u32::from_le_bytes(*b"Genu");
    let none = CpuidResult { eax: 0, ebx: 0, ecx: 0, edx: 0 };
    let CpuidResult { ebx: ebx7, edx: edx7, .. } = if leaf0.eax >= 7 { __cpuid_count(7, 0) } else { none };
    let ecx1 = __cpuid(1).ecx;

    let osxsave = ecx1 & (1 << 27) != 0;
    // SAFETY: OSXSAVE says that the kernel enabled XGETBV.
    let enabled = if osxsave { unsafe { xcr0() } } else { 0 };
    let ymm = enabled & 0b110 == 0b110;
    let zmm = enabled & 0b1110_0110 == 0b1110_0110;
    let avx2 = ymm && ecx1 & (1 << 28) != 0 && ebx7 & (1 << 5) != 0;
    let avx512 = zmm && ebx7 & AVX512_BITS == AVX512_BITS;
    let erms = ebx7 & (1 << 9) != 0;
    let fsrm = edx7 & (1 << 4) != 0;

    // Intel's processors before Ice Lake, which brought FSRM, lower their clock for 512-bit registers.
    let level = match (avx2, avx512 && (fsrm || !intel)) {
        (_, true) => AVX512,
        (true, false) => AVX2,
        _ => SSE2,
    };
    if fsrm || (erms && intel) {
        REP_MOVSB_STOP.store(768 * 1024, Relaxed);
        REP_MOVSB_HUGE.store(8 << 20, Relaxed);
        REP_STOSB_HUGE.store(if intel { REP_STOSB_MIN } else { 768 * 1024 }, Relaxed);
    }
    LEVEL.store(level, Release);
    level
}

/// # Safety
/// CPUID must have reported OSXSAVE.
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u64 {
    // SAFETY: the caller checked OSXSAVE.
    unsafe { _xgetbv(0) }
}
