//! The Rust peers' side of a workload: `tidal rust-peer PEER GROUP/NAME` prints the same metrics as the C source.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Barrier, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// A lock as the workloads use one.
trait Lock: Sync + Default {
    /// Runs `f` on the counter with the lock held.
    fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R;
    /// The same if the lock is free.
    fn try_with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> Option<R>;
}

/// A reader-writer lock as the workloads use one.
trait ReadWrite: Sync + Default {
    fn read(&self) -> u64;
    fn write(&self);
}

macro_rules! lock {
    ($t:ty, $rw:ty, $guard:expr, $try_guard:expr) => {
        impl Lock for $t {
            #[inline]
            fn with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> R {
                f(&mut $guard(self.lock()))
            }
            #[inline]
            fn try_with<R>(&self, f: impl FnOnce(&mut u64) -> R) -> Option<R> {
                $try_guard(self.try_lock()).map(|mut g| f(&mut g))
            }
        }
        impl ReadWrite for $rw {
            #[inline]
            fn read(&self) -> u64 {
                *$guard(self.read())
            }
            #[inline]
            fn write(&self) {
                *$guard(self.write()) += 1;
            }
        }
    };
}

lock!(
    std::sync::Mutex<u64>,
    std::sync::RwLock<u64>,
    |g: Result<_, _>| g.expect("not poisoned"),
    |g: Result<_, _>| g.ok()
);
lock!(parking_lot::Mutex<u64>, parking_lot::RwLock<u64>, |g| g, |g| g);
lock!(spin::Mutex<u64>, spin::RwLock<u64>, |g| g, |g| g);

/// Runs one workload with one Rust peer.
pub fn run(peer: &str, workload: &str, quick: bool) -> Result<()> {
    match peer {
        "std" => workload_of::<std::sync::Mutex<u64>, std::sync::RwLock<u64>>(workload, quick),
        "parking_lot" => workload_of::<parking_lot::Mutex<u64>, parking_lot::RwLock<u64>>(workload, quick),
        "spin" => workload_of::<spin::Mutex<u64>, spin::RwLock<u64>>(workload, quick),
        _ => bail!("no Rust peer `{peer}`"),
    }
}

fn workload_of<L: Lock, RW: ReadWrite>(workload: &str, quick: bool) -> Result<()> {
    match workload {
        "mutex/uncontended" => uncontended::<L, RW>(quick),
        "mutex/contended" => contended::<L>(quick),
        _ => bail!("no Rust side of {workload}"),
    }
    Ok(())
}

fn best_ns(count: u32, mut operation: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        let start = Instant::now();
        for _ in 0..count {
            operation();
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(count));
    }
    best
}

fn uncontended<L: Lock, RW: ReadWrite>(quick: bool) {
    let count = if quick { 200_000 } else { 2_000_000 };
    let measure = |threads: &str| {
        let (lock, rw) = (L::default(), RW::default());
        let (lock, rw) = (black_box(&lock), black_box(&rw));
        println!("normal lock+unlock, {threads} {:.4} ns", best_ns(count, || lock.with(|n| *n += 1)));
        println!(
            "normal trylock+unlock, {threads} {:.4} ns",
            best_ns(count, || {
                black_box(lock.try_with(|n| *n += 1));
            })
        );
        println!(
            "rwlock read+unlock, {threads} {:.4} ns",
            best_ns(count, || {
                black_box(rw.read());
            })
        );
        println!("rwlock write+unlock, {threads} {:.4} ns", best_ns(count, || rw.write()));
    };
    measure("one thread");
    let (stop, stopped) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || stopped.recv());
        measure("two threads");
        drop(stop);
    });
}

fn work(count: u32) {
    for _ in 0..count {
        // SAFETY: an empty instruction sequence.
        unsafe { std::arch::asm!("", options(nostack, preserves_flags)) };
    }
}

fn contended<L: Lock>(quick: bool) {
    let time = Duration::from_millis(if quick { 30 } else { 200 });
    for threads in [2, 4, 8, 16, 64] {
        if quick && threads > 8 {
            break;
        }
        contend::<L>(threads, "short", 0, time);
        contend::<L>(threads, "long", 500, time);
    }
}

/// On a cache line of its own, as in the C source.
#[repr(align(64))]
struct Line<T>(T);

fn contend<L: Lock>(threads: usize, section: &str, length: u32, time: Duration) {
    let Line(lock) = &Line(L::default());
    let Line(stop) = &Line(AtomicBool::new(false));
    let Line(start) = &Line(Barrier::new(threads + 1));
    let mut results = Vec::new();
    let mut elapsed = 0.0;
    std::thread::scope(|scope| {
        let one = || {
            start.wait();
            let (mut count, mut longest, mut before) = (0u64, Duration::ZERO, Instant::now());
            while !stop.load(Relaxed) {
                lock.with(|n| {
                    *n += 1;
                    work(length);
                });
                work(length);
                count += 1;
                if count.is_multiple_of(64) {
                    longest = longest.max(before.elapsed());
                    before = Instant::now();
                }
            }
            (count, longest)
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        start.wait();
        let begin = Instant::now();
        std::thread::sleep(time);
        stop.store(true, Relaxed);
        results = handles.into_iter().map(|h| h.join().expect("a worker")).collect();
        elapsed = begin.elapsed().as_nanos() as f64;
    });
    let total: u64 = results.iter().map(|r| r.0).sum();
    assert_eq!(lock.with(|n| *n), total, "the lock did not exclude");
    let mean = total as f64 / threads as f64;
    let variance = results.iter().map(|r| (r.0 as f64 - mean).powi(2)).sum::<f64>() / threads as f64;
    let longest = results.iter().map(|r| r.1).max().unwrap_or_default();
    println!("contended, {section} section, {threads:02} threads {:.4} Mops/s", total as f64 / elapsed * 1e3);
    println!("longest wait, {section} section, {threads:02} threads {:.4} ms", longest.as_secs_f64() * 1e3);
    println!(
        "unfairness (stddev/mean), {section} section, {threads:02} threads {:.4} ratio",
        variance.sqrt() / mean
    );
}
