//! Every function against a plain model: all small sizes at all alignments, operands that end or begin at an unmapped
//! page (a read too far is SIGSEGV), at every level of `cpu`.
#![allow(missing_docs, dead_code)]
// The sources under mangled names, so that the test's own runtime keeps the host's functions.
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

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard};

const PAGE: usize = 4096;

/// Writable pages between two that cannot be touched.
struct Arena {
    start: *mut u8,
    len: usize,
}

impl Arena {
    fn new(pages: usize) -> Arena {
        let len = pages * PAGE;
        // SAFETY: a fresh anonymous mapping, of which the inner pages are made accessible.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let base = libc::mmap(std::ptr::null_mut(), len + 2 * PAGE, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(base, libc::MAP_FAILED);
            let start = base.cast::<u8>().add(PAGE);
            assert_eq!(libc::mprotect(start.cast(), len, libc::PROT_READ | libc::PROT_WRITE), 0);
            Arena { start, len }
        }
    }

    #[allow(clippy::mut_from_ref)]
    fn bytes(&self) -> &mut [u8] {
        // SAFETY: the mapping lives as long as the process; each test is its only user.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }

    /// Places for an operand of `n` bytes: at the start and at the end, `shift` bytes away from the guard page.
    fn places(&self, n: usize, shift: usize) -> [usize; 2] {
        [shift, self.len - n - shift]
    }
}

/// A small generator with a fixed seed: the tests are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 16) as usize % n
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|b| *b = self.next() as u8);
    }
}

/// Runs `test` at every level that this processor has. The levels are process-wide, hence the lock.
fn at_every_level(test: impl Fn()) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard: MutexGuard<()> = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
    let avx512 = is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl");
    let levels = [
        (cpu::UNKNOWN, true),
        (cpu::SSE2, true),
        (cpu::AVX2, is_x86_feature_detected!("avx2")),
        (cpu::AVX512, avx512),
    ];
    for (level, _) in levels.into_iter().filter(|l| l.1) {
        for rep in [false, true] {
            cpu::LEVEL.store(level, Relaxed);
            cpu::REP_MOVSB_STOP.store(if rep { usize::MAX } else { 0 }, Relaxed);
            cpu::REP_MOVSB_HUGE.store(usize::MAX, Relaxed);
            cpu::REP_STOSB_STOP.store(if rep { usize::MAX } else { 0 }, Relaxed);
            cpu::REP_STOSB_HUGE.store(usize::MAX, Relaxed);
            test();
        }
    }
}

/// Sizes around every boundary of the code.
fn sizes() -> impl Iterator<Item = usize> {
    let far = [639, 640, 641, 767, 768, 769, 1023, 1024, 1025, 1100, 1500, 2047, 2048, 2049, 3000, 4000];
    (0..=600).filter(|n| *n <= 300 || n % 7 == 0 || n % 64 <= 1 || n % 64 == 63).chain(far)
}

const BIG: [usize; 5] = [5000, 24 * 1024 - 1, 24 * 1024, 24 * 1024 + 77, 40_000];

#[test]
fn memcpy_copies_exactly() {
    let (from, to) = (Arena::new(12), Arena::new(12));
    at_every_level(|| {
        let mut random = Random(1);
        random.fill(from.bytes());
        for n in sizes().chain(BIG) {
            let shifts = if n < 600 { 33 } else { 5 };
            for shift in 0..shifts {
                for (s, d) in from.places(n, shift).into_iter().zip(to.places(n, (shift * 7) % 67)) {
                    let out = to.bytes();
                    let (low, high) = (d.saturating_sub(70), (d + n + 70).min(out.len()));
                    out[low..high].fill(0xa5);
                    // SAFETY: both operands lie in their arenas.
                    let back = unsafe { copy::memcpy(out.as_mut_ptr().add(d), from.start.add(s), n) };
                    assert_eq!(back, to.start.wrapping_add(d));
                    assert!(
                        out[low..d].iter().chain(&out[d + n..high]).all(|b| *b == 0xa5),
                        "n {n} wrote outside"
                    );
                    assert_eq!(out[d..d + n], from.bytes()[s..s + n], "n {n} shift {shift}");
                    // SAFETY: the same.
                    let end = unsafe { copy::mempcpy(out.as_mut_ptr().add(d), from.start.add(s), n) };
                    assert_eq!(end, to.start.wrapping_add(d + n));
                    assert_eq!(out[d..d + n], from.bytes()[s..s + n], "mempcpy n {n}");
                }
            }
        }
    });
}

#[test]
fn memmove_copies_overlapping_operands() {
    let arena = Arena::new(24);
    let mut first = vec![0u8; 24 * PAGE];
    Random(2).fill(&mut first);
    at_every_level(|| {
        for n in sizes().chain(BIG) {
            let distances = [
                1,
                2,
                3,
                8,
                15,
                16,
                17,
                31,
                32,
                33,
                63,
                64,
                65,
                100,
                127,
                128,
                200,
                255,
                256,
                300,
                512,
                n / 2,
                n.saturating_sub(1),
                n,
            ];
            for distance in distances {
                if distance > n || n + distance + 8 > arena.len {
                    continue;
                }
                for base in [0, 5, arena.len - n - distance] {
                    for (s, d) in [(base, base + distance), (base + distance, base)] {
                        let (bytes, high) = (arena.bytes(), (base + distance + n + 80).min(arena.len));
                        let low = base.saturating_sub(80);
                        bytes[low..high].copy_from_slice(&first[low..high]);
                        let mut want = first[low..high].to_vec();
                        want.copy_within(s - low..s - low + n, d - low);
                        // SAFETY: both operands lie in the arena.
                        unsafe { copy::memcpy(arena.start.add(d), arena.start.add(s), n) };
                        assert!(bytes[low..high] == want[..], "n {n} from {s} to {d}");
                    }
                }
            }
        }
    });
}

#[test]
fn memset_fills_exactly() {
    let arena = Arena::new(12);
    at_every_level(|| {
        for n in sizes().chain(BIG) {
            for shift in 0..if n < 600 { 65 } else { 3 } {
                for d in arena.places(n, shift) {
                    let out = arena.bytes();
                    let (low, high) = (d.saturating_sub(70), (d + n + 70).min(out.len()));
                    out[low..high].fill(0xa5);
                    // SAFETY: the operand lies in the arena.
                    let back = unsafe { fill::memset(arena.start.add(d), 0x1234_5600 | n as i32 & 0x7f, n) };
                    assert_eq!(back, arena.start.wrapping_add(d));
                    assert!(
                        out[low..d].iter().chain(&out[d + n..high]).all(|b| *b == 0xa5),
                        "n {n} wrote outside"
                    );
                    assert!(out[d..d + n].iter().all(|b| *b == n as u8 & 0x7f), "n {n} shift {shift}");
                }
            }
        }
    });
}

#[test]
fn searches_find_the_first_and_the_last() {
    let arena = Arena::new(3);
    at_every_level(|| {
        let mut random = Random(3);
        for n in sizes() {
            for shift in 0..if n < 300 { 65 } else { 9 } {
                for place in arena.places(n + 1, shift) {
                    let all = arena.bytes();
                    // What stands around the string must not matter: matches everywhere.
                    all[place.saturating_sub(130)..place].fill(if shift % 2 == 0 { 0 } else { b'x' });
                    let end = (place + n + 131).min(all.len());
                    all[place + n + 1..end].fill(if shift % 3 == 0 { 0 } else { b'x' });
                    let s = &mut all[place..place + n + 1];
                    s.fill(b'a');
                    s[n] = 0;
                    let hits = random.below(4);
                    for _ in 0..hits.min(n) {
                        s[random.below(n)] = b'x';
                    }
                    check_searches(s);
                }
            }
        }
    });
}

/// All searches for `x`, the terminator and a byte that is not there, in the string `s` with its terminator.
fn check_searches(s: &[u8]) {
    let n = s.len() - 1;
    let p = s.as_ptr();
    let index = |q: *mut u8| (!q.is_null()).then(|| q as usize - p as usize);
    let first = |set: &[u8], c: u8| set.iter().position(|b| *b == c);
    // SAFETY: `s` is a string; every search ends at its terminator or its length.
    unsafe {
        assert_eq!(find::strlen(p), n);
        for k in [0, 1, n / 2, n.saturating_sub(1), n, n + 1, n + 64, usize::MAX] {
            assert_eq!(find::strnlen(p, k), n.min(k), "strnlen {n} {k}");
        }
        for c in [b'x', 0, b'q'] {
            let c32 = c as i32 | 0x7700;
            assert_eq!(index(find::strchr(p, c32)), first(s, c), "strchr {n} {c}");
            assert_eq!(index(find::strchrnul(p, c32)), Some(first(s, c).unwrap_or(n)));
            assert_eq!(index(find_last::strrchr(p, c32)), s.iter().rposition(|b| *b == c), "strrchr {n} {c}");
            for k in [0, 1, n / 3, n, n + 1] {
                assert_eq!(index(find::memchr(p, c32, k)), first(&s[..k.min(s.len())], c), "memchr {n} {k}");
                let want = s[..k.min(s.len())].iter().rposition(|b| *b == c);
                assert_eq!(index(find_last::memrchr(p, c32, k.min(s.len()))), want, "memrchr {n} {k}");
            }
        }
        assert_eq!(index(find::rawmemchr(p, 0)), Some(n));
        assert_eq!(index(find::memchr(p, 0, usize::MAX)), Some(n));
    }
}

#[test]
fn comparisons_order_by_the_first_difference() {
    let (left, right) = (Arena::new(3), Arena::new(3));
    at_every_level(|| {
        let mut random = Random(4);
        for n in sizes() {
            for shift in 0..if n < 300 { 34 } else { 5 } {
                for (x, y) in left.places(n + 1, shift).into_iter().zip(right.places(n + 1, (shift * 5) % 71))
                {
                    let (a, b) = (&mut left.bytes()[x..x + n + 1], &mut right.bytes()[y..y + n + 1]);
                    a[..n].iter_mut().for_each(|c| *c = random.next() as u8 | 1);
                    a[n] = 0;
                    b.copy_from_slice(a);
                    check_comparisons(a, b);
                    if n > 0 {
                        for at in [0, n - 1, random.below(n), random.below(n)] {
                            let kept = b[at];
                            b[at] ^= [1, 0x80, 0x42, kept][random.below(4)];
                            check_comparisons(a, b);
                            check_comparisons(b, a);
                            b[at] = kept;
                        }
                    }
                }
            }
        }
    });
}

/// Two operands of the same length, each ending in a terminator.
fn check_comparisons(a: &[u8], b: &[u8]) {
    let sign = |o: std::cmp::Ordering| o as i32;
    let (p, q, n) = (a.as_ptr(), b.as_ptr(), a.len());
    let string = |s: &[u8], k: usize| s[..s.iter().position(|c| *c == 0).unwrap().min(k)].to_vec();
    // SAFETY: both are readable for `n` bytes and end in a terminator.
    unsafe {
        for k in [n, n - 1] {
            assert_eq!(compare::memcmp(p, q, k).signum(), sign(a[..k].cmp(&b[..k])), "memcmp {k}");
            assert_eq!(compare::bcmp(p, q, k) == 0, a[..k] == b[..k], "bcmp {k}");
        }
        assert_eq!(compare_str::strcmp(p, q).signum(), sign(string(a, n).cmp(&string(b, n))), "strcmp {n}");
        for k in [0, 1, n / 2, n - 1, n, n + 100, usize::MAX] {
            assert_eq!(
                compare_str::strncmp(p, q, k).signum(),
                sign(string(a, k).cmp(&string(b, k))),
                "strncmp {n} {k}"
            );
        }
    }
}

#[test]
fn string_copies_end_where_the_string_ends() {
    let (from, to) = (Arena::new(3), Arena::new(3));
    at_every_level(|| {
        for n in sizes() {
            for shift in 0..if n < 200 { 17 } else { 3 } {
                let (s, d) = (from.len - n - 1 - shift, to.len - n - 1 - (shift * 3) % 50);
                from.bytes()[s..s + n].fill(b'a' + (n % 26) as u8);
                from.bytes()[s + n] = 0;
                let (src, want) = (from.start.wrapping_add(s), from.bytes()[s..s + n + 1].to_vec());
                let (dst, out) = (to.start.wrapping_add(d), to.bytes());
                let reset = |out: &mut [u8]| out[d - 50..].fill(0xa5);
                // SAFETY: `src` is a string and `dst` has room for it.
                unsafe {
                    reset(out);
                    assert_eq!(copy_str::stpcpy(dst, src), dst.add(n));
                    assert_eq!(out[d..d + n + 1], want);
                    reset(out);
                    assert_eq!(copy_str::strcpy(dst, src), dst);
                    assert_eq!(out[d..d + n + 1], want);
                    reset(out);
                    for k in [0, n / 2, n, n + 1] {
                        reset(out);
                        assert_eq!(copy_str::stpncpy(dst, src, k), dst.add(k.min(n)));
                        assert_eq!(out[d..d + k.min(n)], want[..k.min(n)]);
                        assert!(out[d + k.min(n)..d + k].iter().all(|b| *b == 0));
                        assert!(out[d + k..].iter().all(|b| *b == 0xa5));
                        reset(out);
                        *dst = 0;
                        copy_str::strncat(dst, src, k);
                        assert_eq!(out[d..d + k.min(n)], want[..k.min(n)]);
                        assert_eq!(out[d + k.min(n)], 0);
                    }
                    reset(out);
                    assert_eq!(copy_str::memccpy(dst, src, 0, usize::MAX >> 1), dst.add(n + 1));
                    assert_eq!(out[d..d + n + 1], want);
                    assert!(copy_str::memccpy(dst, src, b'#' as i32, n).is_null());
                    if n > 3 {
                        let k = n - n / 2;
                        copy_str::memccpy(dst, src, 0, k);
                        *dst.add(n / 2) = 0;
                        copy_str::strcat(dst, src.add(k));
                        assert_eq!(find::strlen(dst), n / 2 + n - k);
                    }
                }
            }
        }
    });
}

#[test]
fn the_level_is_settled_once_enough_bytes_were_seen() {
    at_every_level(|| {
        cpu::LEVEL.store(cpu::UNKNOWN, Relaxed);
        let (from, mut to) = (vec![7u8; 100_000], vec![0u8; 100_000]);
        for _ in 0..20 {
            // SAFETY: both are that long.
            unsafe { copy::memcpy(to.as_mut_ptr(), from.as_ptr(), from.len()) };
            assert!(to == from);
            to.fill(0);
        }
        assert_ne!(cpu::LEVEL.load(Relaxed), cpu::UNKNOWN);
        let want = if is_x86_feature_detected!("avx2") { cpu::AVX2 } else { cpu::SSE2 };
        assert!(cpu::LEVEL.load(Relaxed) >= want);
        // What follows in this process decides for itself.
        cpu::LEVEL.store(cpu::UNKNOWN, Relaxed);
    });
}
