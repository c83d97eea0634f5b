//! `TIDAL_MALLOC`: a comma-separated list, read once, when malloc is first needed; ignored in programs that run with
//! their file's privileges.
//!
//! | option | effect |
//! |---|---|
//! | `stats` | `malloc_stats` at exit |
//! | `check` | [`crate::check`] at exit and at every collection |
//! | `decay=MS` | idle memory goes back to the kernel after so many milliseconds (1000); 0 at once |
//! | `guard` | inaccessible pages behind blocks, and freed blocks inaccessible for a while: [`crate::guard`] |
//! | `nocache` | no per-CPU lists and no shards: every block goes through the central stacks |

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use crate::glue;

/// Not 0, so that it lies with other data that every program writes: a page less to touch at start.
static STATE: AtomicU8 = AtomicU8::new(UNREAD);
const UNREAD: u8 = 1;
const READ: u8 = 2;
const AT_EXIT_GIVEN: u8 = 3;
static CACHING: AtomicU8 = AtomicU8::new(1);
static STATS: AtomicU8 = AtomicU8::new(0);
static CHECK: AtomicU8 = AtomicU8::new(0);
static GUARD: AtomicU8 = AtomicU8::new(0);
static DECAY: AtomicU32 = AtomicU32::new(1000);

pub(crate) fn read() {
    if STATE.swap(READ, Relaxed) != UNREAD {
        return;
    }
    for option in glue::options().split(|&b| b == b',') {
        match option {
            b"stats" => STATS.store(1, Relaxed),
            b"check" => CHECK.store(1, Relaxed),
            b"guard" => GUARD.store(1, Relaxed),
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
    let wanted = STATE.load(Relaxed) == READ && (stats() || check());
    (wanted && STATE.swap(AT_EXIT_GIVEN, Relaxed) == READ).then_some(at_exit)
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
    CACHING.load(Relaxed) != 0 && !guard()
}

/// Whether blocks are guarded.
#[inline]
pub(crate) fn guard() -> bool {
    GUARD.load(Relaxed) != 0
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
