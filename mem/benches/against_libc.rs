//! Times these functions against the host libc's in turn and prints, for each size, both times and their ratio.
//!
//! `cargo bench -p tidal-mem [-- NAME]`, NAME being a function. A ratio below one means that ours is faster.
#![allow(missing_docs, dead_code)]
#[path = "../src/compare.rs"]
mod compare;
#[path = "../src/compare_str.rs"]
mod compare_str;
#[path = "../src/copy.rs"]
mod copy;
#[path = "../src/copy_loop.rs"]
mod copy_loop;
#[path = "../src/copy_str.rs"]
mod copy_str;
#[path = "../src/cpu.rs"]
mod cpu;
#[path = "../src/fill.rs"]
mod fill;
#[path = "../src/find.rs"]
mod find;
#[path = "../src/find_last.rs"]
mod find_last;
#[path = "../src/lanes.rs"]
mod lanes;
#[path = "../src/wide/mod.rs"]
mod wide;

use std::hint::black_box;
use std::time::Instant;

/// The host's functions.
mod host {
    unsafe extern "C" {
        pub fn memcpy(dst: *mut u8, src: *const u8, n: usize) -> *mut u8;
        pub fn memset(dst: *mut u8, c: i32, n: usize) -> *mut u8;
        pub fn strlen(s: *const u8) -> usize;
        pub fn memchr(s: *const u8, c: i32, n: usize) -> *mut u8;
        pub fn memrchr(s: *const u8, c: i32, n: usize) -> *mut u8;
        pub fn strchr(s: *const u8, c: i32) -> *mut u8;
        pub fn strrchr(s: *const u8, c: i32) -> *mut u8;
        pub fn memcmp(s: *const u8, t: *const u8, n: usize) -> i32;
        pub fn strcmp(s: *const u8, t: *const u8) -> i32;
        pub fn strncmp(s: *const u8, t: *const u8, n: usize) -> i32;
        pub fn strcpy(s: *mut u8, t: *const u8) -> *mut u8;
    }
}

const SIZES: [usize; 53] = [
    1,
    2,
    3,
    4,
    7,
    8,
    12,
    15,
    16,
    24,
    31,
    32,
    33,
    48,
    63,
    64,
    65,
    80,
    96,
    127,
    128,
    129,
    160,
    200,
    256,
    257,
    300,
    384,
    512,
    513,
    700,
    1024,
    1500,
    2048,
    2112,
    2500,
    3000,
    4096,
    6000,
    8192,
    16384,
    32768,
    65536,
    131072,
    262144,
    524288,
    1 << 20,
    1500000,
    2 << 20,
    3 << 20,
    4 << 20,
    8 << 20,
    16 << 20,
];

/// Nanoseconds for one call of `f`, which is told how many calls went before.
fn time(calls: usize, f: &mut dyn FnMut(usize)) -> f64 {
    let start = Instant::now();
    (0..calls).for_each(f);
    start.elapsed().as_nanos() as f64 / calls as f64
}

/// The lower eighth: what the function costs when nothing else runs.
fn typical(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 8]
}

/// Runs both sides in turn and prints a line.
fn race(name: &str, n: usize, mut ours: impl FnMut(usize), mut theirs: impl FnMut(usize)) {
    let calls = (2_000_000 / (n + 64)).clamp(2, 20_000);
    let (a, b): (Vec<f64>, Vec<f64>) =
        (0..41).map(|_| (time(calls, &mut ours), time(calls, &mut theirs))).unzip();
    let (a, b) = (typical(a), typical(b));
    println!(
        "{name:<8} {n:>9} {a:>12.2} {b:>12.2} {:>6.3}{}",
        a / b,
        if a / b > 1.05 { "  slower" } else { "" }
    );
}

/// The offset of operands in call `i`: all alignments for small sizes.
fn shift(i: usize, n: usize) -> usize {
    if n < 65536 { i * 7 % 64 } else { 0 }
}

/// Races `$ours` and `host::$name` as `$ty`: `$call` calls `f` on operands `p` and `q` of `n` bytes.
macro_rules! races {
    ($only:ident $largest:expr, $p0:ident $q0:ident;
     $($name:ident $ours:path, $ty:ty, |$f:ident, $p:ident, $q:ident, $n:ident| $call:expr;)*) => {$(
        if $only.is_none_or(|only| only == stringify!($name)) {
            for $n in SIZES.into_iter().filter(|n| *n <= $largest) {
                let run = |$f: $ty, i: usize| {
                    let ($p, $q) = ($p0.wrapping_add(shift(i, $n)), $q0.wrapping_add(shift(i * 3, $n)));
                    // SAFETY: both buffers are larger than the largest size by some pages.
                    unsafe {
                        // Strings of length n.
                        (*$p.add($n), *$q.add($n)) = (0, 0);
                        black_box($call);
                        (*$p.add($n), *$q.add($n)) = (b'a', b'a');
                    }
                };
                let (ours, theirs): ($ty, $ty) = (black_box($ours), black_box(host::$name));
                race(stringify!($name), $n, |i| run(ours, i), |i| run(theirs, i));
            }
        }
    )*};
}

type Copy = unsafe extern "C" fn(*mut u8, *const u8, usize) -> *mut u8;
type Fill = unsafe extern "C" fn(*mut u8, i32, usize) -> *mut u8;
type Length = unsafe extern "C" fn(*const u8) -> usize;
type Find = unsafe extern "C" fn(*const u8, i32) -> *mut u8;
type FindIn = unsafe extern "C" fn(*const u8, i32, usize) -> *mut u8;
type Compare = unsafe extern "C" fn(*const u8, *const u8) -> i32;
type CompareIn = unsafe extern "C" fn(*const u8, *const u8, usize) -> i32;
type CopyString = unsafe extern "C" fn(*mut u8, *const u8) -> *mut u8;

fn main() {
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let only = only.as_deref();
    let mut one = vec![b'a'; (16 << 20) + 8192];
    let mut other = vec![b'a'; (16 << 20) + 8192];
    // Not the same place in the page.
    let (p0, q0) = (one.as_mut_ptr(), other.as_mut_ptr().wrapping_add(1728));
    for _ in 0..10 {
        // SAFETY: both are longer. This settles the level.
        unsafe { copy::memcpy(p0, q0, 1 << 20) };
    }
    races! { only 16 << 20, p0 q0;
        memcpy copy::memcpy, Copy, |f, p, q, n| f(p, q, n);
        memset fill::memset, Fill, |f, p, q, n| f(p, b'a' as i32, n);
    }
    races! { only 1 << 20, p0 q0;
        strlen find::strlen, Length, |f, p, q, n| f(p);
        memchr find::memchr, FindIn, |f, p, q, n| f(p, 0, n + 1);
        strchr find::strchr, Find, |f, p, q, n| f(p, 0);
        strrchr find_last::strrchr, Find, |f, p, q, n| f(p, 1);
        memrchr find_last::memrchr, FindIn, |f, p, q, n| f(p, 0, n);
        memcmp compare::memcmp, CompareIn, |f, p, q, n| f(p, q, n);
        strcmp compare_str::strcmp, Compare, |f, p, q, n| f(p, q);
        strncmp compare_str::strncmp, CompareIn, |f, p, q, n| f(p, q, n + 1);
        strcpy copy_str::strcpy, CopyString, |f, p, q, n| f(p, q);
    }
}
