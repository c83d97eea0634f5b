//! Forced restarts at each step of malloc's sequences.

use core::ffi::c_void;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};
use core::sync::atomic::{AtomicBool, AtomicUsize};

use tidal_malloc as malloc;
use tidal_pthread::spawn::spawn;
use tidal_rt::rseq::sections::inject::{RESTARTS, STEP};

use crate::ensure;

/// Injection points of each sequence but the one that fills magazines.
const STEPS: u32 = 4;
/// The last injection point of that one, whose first comes behind the others'.
const LAST_STEP: u32 = 7;
const SIZES: [usize; 4] = [24, 1000, 5000, 200_000];
const LIVE: usize = 150;

/// Makes a block of this size, if one is asked for, the CPU's last freed object.
fn free_last(other: Option<usize>) {
    if let Some(other) = other {
        let (first, second) = (malloc::allocate(other), malloc::allocate(other));
        // SAFETY: live, and freed once each.
        unsafe {
            malloc::release(first);
            malloc::release(second);
        }
    }
}

/// The fast paths alone: one restart each, and the block that was freed last comes back. `other` is a block that is
/// freed first, so that it and not the next one is the CPU's last freed object.
fn fast_paths(other: Option<usize>) {
    for size in SIZES {
        let (warm, cold) = (malloc::allocate(size), malloc::allocate(size));
        // SAFETY: live, and freed once.
        unsafe {
            malloc::release(malloc::allocate(size));
            malloc::release(warm);
            malloc::release(cold);
            if let Some(other) = other {
                malloc::release(malloc::allocate(other));
            }
        }
        free_last(other);
        for step in 1..=STEPS {
            let before = RESTARTS.load(Relaxed);
            STEP.store(step, Relaxed);
            let block = malloc::allocate(size);
            ensure(!block.is_null(), "no block after a restart");
            ensure(RESTARTS.load(Relaxed) == before + 1, "malloc's sequence was not restarted");
            STEP.store(step, Relaxed);
            // SAFETY: live, and freed once.
            unsafe { malloc::release(block) };
            ensure(RESTARTS.load(Relaxed) == before + 2, "free's sequence was not restarted");
            let again = malloc::allocate(size);
            ensure(again == block, "a restarted free did not take effect once");
            // SAFETY: as above.
            unsafe { malloc::release(again) };
        }
    }
}

/// What libc's `calloc` is.
#[unsafe(naked)]
extern "C" fn zeroed(count: usize, size: usize) -> *mut c_void {
    malloc::calloc_body!(malloc::slow::calloc)
}

/// calloc's path, which works out its class anew after each restart: every small size at every step, on a block that is
/// full of ones. `other` as in [`fast_paths`].
fn zeroed_path(other: Option<usize>) {
    for size in 1..=128_usize {
        let (first, second) = (malloc::allocate(size), malloc::allocate(size));
        // SAFETY: live, that long, and freed once each.
        unsafe {
            for block in [first, second] {
                block.write_bytes(0xff, size);
                malloc::release(block);
            }
        }
        free_last(other);
        for step in 1..=STEPS {
            let before = RESTARTS.load(Relaxed);
            STEP.store(step, Relaxed);
            let block = if size.is_multiple_of(3) { zeroed(3, size / 3) } else { zeroed(1, size) };
            ensure(RESTARTS.load(Relaxed) == before + 1, "calloc's sequence was not restarted");
            // SAFETY: live and that long.
            let bytes = unsafe { core::slice::from_raw_parts_mut(block.cast::<u8>(), size) };
            ensure(bytes.iter().all(|&b| b == 0), "a restarted calloc did not zero its block");
            bytes.fill(0xff);
            let third = malloc::allocate(size);
            ensure(third != block, "a restarted calloc did not take its block");
            // SAFETY: live, and freed once each.
            unsafe {
                malloc::release(third);
                malloc::release(block);
            }
        }
    }
    ensure(malloc::check(), "the heap was not walked");
    ensure(malloc::stats().live == 0, "calloc's restarts lost blocks");
}

/// A CPU that frees what its lists have no room for: one restart at each step of a magazine's sequence, and each object is
/// given out again once.
fn magazines() {
    const MANY: usize = 1000;
    let mut live = [core::ptr::null_mut::<usize>(); MANY];
    for size in [24, 1000] {
        for round in 0..3 {
            for (n, slot) in live.iter_mut().enumerate() {
                *slot = malloc::allocate(size).cast();
                // SAFETY: a block of 16 bytes or more.
                unsafe { slot.write(n) };
            }
            let mut restarted = [0; LAST_STEP as usize + 1];
            for (n, &block) in live.iter().enumerate() {
                // SAFETY: live, and freed once.
                ensure(unsafe { block.read() } == n, "an object was given out twice");
                let step = STEPS + 1 + (n + round) as u32 % (LAST_STEP - STEPS);
                let before = RESTARTS.load(Relaxed);
                STEP.store(step, Relaxed);
                // SAFETY: as above.
                unsafe { malloc::release(block.cast()) };
                restarted[step as usize] += RESTARTS.load(Relaxed) - before;
            }
            STEP.store(0, Relaxed);
            let all = restarted[STEPS as usize + 1..].iter().all(|&times| times > 100);
            ensure(all, "a magazine's sequence was not restarted");
        }
        ensure(malloc::check(), "the heap was not walked");
        ensure(malloc::stats().live == 0, "a magazine's restarts lost blocks");
    }
}

/// The sequences of the slow paths, as lists fill and run empty, with a restart wherever the next sequence has that step.
fn slow_paths() {
    let mut live = [core::ptr::null_mut(); LIVE];
    for round in 0..2000_usize {
        let size = SIZES[round % 3];
        for (n, slot) in live.iter_mut().enumerate() {
            STEP.store(((round + n) % (STEPS as usize + 1)) as u32, Relaxed);
            *slot = malloc::allocate(size);
            ensure(!slot.is_null(), "no block in the middle of restarts");
        }
        for (n, &block) in live.iter().enumerate() {
            STEP.store(((round / 5 + n) % (STEPS as usize + 1)) as u32, Relaxed);
            // SAFETY: live, and freed once.
            unsafe { malloc::release(block) };
        }
    }
    STEP.store(0, Relaxed);
    ensure(malloc::check(), "the heap was not walked");
    ensure(malloc::stats().live == 0, "restarts lost blocks");
}

/// Blocks that threads hand to each other.
static MAIL: [AtomicUsize; 300] = [const { AtomicUsize::new(0) }; 300];
static STOP: AtomicBool = AtomicBool::new(false);

/// The next random number.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Puts a block into a slot of the mail and frees the one that was there, its words being what they were.
fn exchange(slot: usize, block: usize) {
    let old = MAIL[slot].swap(block, AcqRel);
    if old != 0 {
        let words = core::ptr::with_exposed_provenance_mut::<usize>(old);
        // SAFETY: a block of 16 bytes or more, and this thread's now.
        unsafe {
            ensure(words.add(1).read() == old ^ words.read(), "a block was damaged");
            malloc::release(words.cast());
        }
    }
}

fn churn(seed: u64) {
    let mut state = 88_172_645_463_325_252 + seed;
    while !STOP.load(Relaxed) {
        let r = random(&mut state);
        if r & 3 == 0 {
            STEP.store((r >> 8) as u32 % (LAST_STEP + 1), Relaxed);
        }
        let size = 16 + (r >> 20) as usize % if r & 0x7f0 == 0 { 400_000 } else { 1200 };
        let block = malloc::allocate(size).cast::<usize>();
        // SAFETY: a block of 16 bytes or more.
        unsafe {
            block.write(size);
            block.add(1).write(block.expose_provenance() ^ size);
        }
        exchange((r >> 40) as usize % MAIL.len(), block.expose_provenance());
    }
}

/// Restarts at random steps while threads allocate and free each other's blocks, so many walks of the heap long.
pub fn with_company(walks: usize) {
    STOP.store(false, Relaxed);
    let threads = [1, 2, 3].map(|n| spawn(move || churn(n * 7919)));
    let mut state = 42;
    for _ in 0..walks {
        for _ in 0..50_000 {
            STEP.store(random(&mut state) as u32 % (LAST_STEP + 1), Relaxed);
            exchange(random(&mut state) as usize % MAIL.len(), 0);
        }
        // Another thread may be giving memory back just now.
        malloc::check();
    }
    STOP.store(true, Relaxed);
    for thread in threads {
        ensure(thread.and_then(|t| t.join()).is_ok(), "no thread");
    }
    STEP.store(0, Relaxed);
    (0..MAIL.len()).for_each(|slot| exchange(slot, 0));
    ensure(malloc::check(), "the heap was not walked");
}

pub fn run() {
    fast_paths(None);
    fast_paths(Some(400));
    zeroed_path(None);
    zeroed_path(Some(400));
    magazines();
    slow_paths();
}

/// As on a kernel without mm_cid. Where a thread is moved to another CPU, it finds other lists there, so nothing is said of
/// which sequence comes next.
pub fn by_cpu(walks: usize) {
    malloc::go_by_cpu();
    magazines();
    slow_paths();
    with_company(walks);
}
