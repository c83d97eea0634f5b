//! `TIDAL_MALLOC`: a comma-separated list, read once, when malloc is first needed; ignored in programs that run with
//! their file's privileges.
//!
//! | option | effect |
//! |---|---|
//! | `stats` | `malloc_stats` at exit |
//! | `check` | [`crate::check`] at exit and at every collection |
//! | `decay=MS` | idle memory goes back to the kernel after one or two times so many milliseconds (1000); 0 at once |
//! | `guard` | inaccessible pages behind blocks, and freed blocks inaccessible for a while: [`crate::guard`] |
//! | `huge` | blocks from 4 MiB on ask the kernel for huge pages |
//! | `nocache` | no per-CPU lists and no shards: every block goes through the central stacks |

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use crate::glue;

/// What the options said, and how far the program is with them. Not 0, so that it lies with other data that every
/// program writes: a page less to touch at start.
static STATE: AtomicU8 = AtomicU8::new(CACHING);

const CACHING: u8 = 1 << 0;
const GUARD: u8 = 1 << 1;
const STATS: u8 = 1 << 2;
const CHECK: u8 = 1 << 3;
/// The options were read.
const READ: u8 = 1 << 4;
/// Somebody was given what is to be done at exit.
const EXIT_GIVEN: u8 = 1 << 5;
/// Blocks are filled with [`FILL`].
const FILLING: u8 = 1 << 6;
const HUGE: u8 = 1 << 7;

static DECAY: AtomicU32 = AtomicU32::new(1000);
static FILL: AtomicU8 = AtomicU8::new(0);

pub(crate) fn read() {
    if STATE.fetch_or(READ, Relaxed) & READ != 0 {
        return;
    }
    for option in glue::options().split(|&b| b == b',') {
        match option {
            b"stats" => set(STATS),
            b"check" => set(CHECK),
            b"guard" => set(GUARD),
            b"huge" => set(HUGE),
            b"nocache" => _ = STATE.fetch_and(!CACHING, Relaxed),
            _ => match option.strip_prefix(b"decay=").and_then(number) {
                Some(ms) => DECAY.store(ms, Relaxed),
                None if option.is_empty() => {}
                None => glue::say(&[b"tidal: TIDAL_MALLOC: unknown option '", option, b"'"]),
            },
        }
    }
}

fn set(flag: u8) {
    STATE.fetch_or(flag, Relaxed);
}

#[inline]
fn has(flag: u8) -> bool {
    STATE.load(Relaxed) & flag != 0
}

/// What the options want done at exit, once: for whoever knows how to register it.
pub fn exit_handler() -> Option<extern "C" fn()> {
    if !(stats() || check()) || has(EXIT_GIVEN) {
        return None;
    }
    (STATE.fetch_or(EXIT_GIVEN, Relaxed) & EXIT_GIVEN == 0).then_some(at_exit)
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
    STATE.load(Relaxed) & (CACHING | GUARD | FILLING) == CACHING
}

/// The byte that freed blocks are filled with, and its complement new ones, if any are.
#[inline]
pub(crate) fn fill() -> Option<u8> {
    has(FILLING).then(|| FILL.load(Relaxed))
}

/// Changes what [`fill`] says.
pub(crate) fn set_fill(byte: Option<u8>) {
    match byte {
        Some(byte) => {
            FILL.store(byte, Relaxed);
            set(FILLING);
        }
        None => _ = STATE.fetch_and(!FILLING, Relaxed),
    }
}

/// Whether blocks are guarded.
#[inline]
pub(crate) fn guard() -> bool {
    has(GUARD)
}

/// Whether large blocks ask for huge pages.
pub(crate) fn huge() -> bool {
    has(HUGE)
}

pub(crate) fn stats() -> bool {
    has(STATS)
}

pub(crate) fn check() -> bool {
    has(CHECK)
}

/// Milliseconds until idle memory goes back.
pub(crate) fn decay() -> u64 {
    u64::from(DECAY.load(Relaxed))
}
