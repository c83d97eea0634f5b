//! Traces against the model, and threads against each other, on the paths that need no block: shards, and the one of
//! vfork children. The fast paths have their tests in `tests/c/malloc`, which run on Tidal itself.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel};
use std::time::{Duration, Instant};
use std::{env, thread};

use proptest::prelude::*;

use crate::trace::{Step, run};
use crate::{collect, glue, pagemap, slow};

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u16>(), any::<u32>()).prop_map(|(slot, size)| Step::Allocate(slot, size)),
        2 => (any::<u16>(), any::<u32>()).prop_map(|(slot, size)| Step::Zeroed(slot, size)),
        2 => (any::<u16>(), any::<u32>(), any::<u8>()).prop_map(|(s, size, a)| Step::Aligned(s, size, a)),
        4 => (any::<u16>(), any::<u32>()).prop_map(|(slot, size)| Step::Resize(slot, size)),
        6 => any::<u16>().prop_map(Step::Release),
        1 => any::<bool>().prop_map(Step::Vfork),
        1 => Just(Step::Trim),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]
    #[test]
    fn traces_follow_the_model(steps in prop::collection::vec(step(), 1..300)) {
        run(&steps);
    }
}

/// Seconds that the stress runs: two, or what `TIDAL_STRESS_SECONDS` says.
fn stress_time() -> Duration {
    let seconds = env::var("TIDAL_STRESS_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    Duration::from_secs(seconds)
}

#[test]
fn threads_and_vfork_children_share_blocks() {
    const SLOTS: usize = 200;
    static MAIL: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(0) }; SLOTS];

    fn swap(slot: usize, block: usize) {
        let old = MAIL[slot].swap(block, AcqRel);
        if old != 0 {
            let words = core::ptr::with_exposed_provenance_mut::<usize>(old);
            // SAFETY: the block was made below and is this thread's now.
            unsafe {
                assert_eq!(words.add(1).read(), old ^ words.read(), "a block was damaged");
                slow::free(words.cast());
            }
        }
    }

    let end = Instant::now() + stress_time();
    thread::scope(|scope| {
        for number in 0..4_usize {
            scope.spawn(move || {
                // Every other thread goes the way of a vfork child.
                glue::pretend_vfork_child(number % 2 == 1);
                let mut state = 88_172_645_463_325_252_u64 + number as u64;
                while Instant::now() < end {
                    for _ in 0..1000 {
                        state ^= state << 13;
                        state ^= state >> 7;
                        state ^= state << 17;
                        let size =
                            16 + (state >> 20) as usize % if state & 127 == 0 { 500_000 } else { 1000 };
                        let block = slow::malloc(size).cast::<usize>();
                        // SAFETY: a block of 16 bytes or more.
                        unsafe {
                            block.write(size);
                            block.add(1).write(block.expose_provenance() ^ size);
                        }
                        swap((state >> 40) as usize % SLOTS, block.expose_provenance());
                    }
                    if number == 0 {
                        crate::check();
                    }
                }
            });
        }
    });
    (0..SLOTS).for_each(|slot| swap(slot, 0));
    crate::check();
}

/// Allocates and frees as many blocks of a page as eight spans have.
fn use_pages() -> Vec<usize> {
    let blocks: Vec<usize> = (0..512).map(|_| slow::allocate(4096).expect("a page").address).collect();
    blocks.iter().for_each(|&block| slow::release(block));
    blocks
}

/// How many of these addresses are in spans.
fn in_spans(blocks: &[usize]) -> usize {
    blocks.iter().filter(|&&block| pagemap::class_at(block) != 0).count()
}

/// What is idle is so for the whole process, and other tests allocate: so this one runs again in a process of its own.
#[test]
fn only_what_was_idle_all_the_time_goes_back() {
    const ALONE: &str = "TIDAL_MALLOC_TEST_ALONE";
    if env::var_os(ALONE).is_none() {
        let name = "tests::only_what_was_idle_all_the_time_goes_back";
        let mut command = Command::new(env::current_exe().expect("a test program"));
        let output = command.args(["--exact", name]).env(ALONE, "1").output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let mut now = 5000;
    for as_vfork_child in [false, true] {
        glue::set_clock(now);
        crate::trim();
        let blocks = use_pages();
        // Since the trim there were moments without any.
        glue::set_clock(now + 1000);
        collect::tick(1);
        assert_eq!(in_spans(&blocks), blocks.len(), "what was idle for a moment went back");
        // Now there were many, but they were in use in between.
        glue::pretend_vfork_child(as_vfork_child);
        use_pages();
        glue::pretend_vfork_child(false);
        glue::set_clock(now + 2000);
        collect::tick(1);
        assert_eq!(in_spans(&blocks), blocks.len(), "what was in use in between went back");
        // That collection has asked for another, however little becomes idle.
        glue::set_clock(now + 3000);
        collect::tick(1);
        assert!(in_spans(&blocks) < blocks.len() / 2, "what was idle all the time stayed");
        now += 10_000;
    }
    crate::check();
}

#[test]
#[should_panic(expected = "is free already")]
fn a_double_free_is_noticed() {
    // Not through `malloc` and `free`: a panic must not cross C's frames.
    let block = slow::allocate(48).expect("48 bytes").address;
    slow::release(block);
    slow::release(block);
}
