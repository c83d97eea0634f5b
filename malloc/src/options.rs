//! `TIDAL_MALLOC`: a comma-separated list, read once, when malloc is first needed; ignored in programs that run with
//! their file's privileges.
//!
//! | option | effect |
//! |---|---|
//! | `stats` | `malloc_stats` at exit |
//! | `check` | [`crate::check`] at exit and at every collection |
//! | `decay=MS` | idle memory goes back to the kernel after so many milliseconds (1000); 0 at once |
//! | `nocache` | no per-CPU lists and no shards: every block goes through the central stacks |

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use crate::glue;

/// 0 while nobody has read the options.
static READ: AtomicU8 = AtomicU8::new(0);
static CACHING: AtomicU8 = AtomicU8::new(1);
static STATS: AtomicU8 = AtomicU8::new(0);
static CHECK: AtomicU8 = AtomicU8::new(0);
static DECAY: AtomicU32 = AtomicU32::new(1000);

pub(crate) fn read() {
    if READ.swap(1, Relaxed) != 0 {
        return;
    }
    for option in glue::options().split(|&b| b == b',') {
        match option {
            b"stats" => STATS.store(1, Relaxed),
            b"check" => CHECK.store(1, Relaxed),
            b"nocache" => CACHING.store(0, Relaxed),
            _ => match option.strip_prefix(b"decay=").and_then(number) {
                Some(ms) => DECAY.store(ms, Relaxed),
                None if option.is_empty() => {}
                None => glue::say(&[b"tidal: TIDAL_MALLOC: unknown option '", option, b"'"]),
            },
        }
    }
}

/// What the options want done at exit, once: for whoever knows how to register it.
pub fn exit_handler() -> Option<extern "C" fn()> {
    let wanted = READ.load(Relaxed) == 1 && (stats() || check());
    (wanted && READ.swap(2, Relaxed) == 1).then_some(at_exit)
}

extern "C" fn at_exit() {
    if check() {
        crate::check();
    }
    if stats() {
        crate::stats::print();
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// Whether tasks keep lists of their own.
#[inline]
pub(crate) fn caching() -> bool {
    CACHING.load(Relaxed) != 0
}

pub(crate) fn stats() -> bool {
    STATS.load(Relaxed) != 0
}

pub(crate) fn check() -> bool {
    CHECK.load(Relaxed) != 0
}

/// Milliseconds until idle memory goes back.
pub(crate) fn decay() -> u64 {
    u64::from(DECAY.load(Relaxed))
}
