//! How much memory there is and where: counted when asked for, so that allocation need not count.

use core::sync::atomic::Ordering::{Acquire, Relaxed};

use tidal_rt::message::decimal;

use crate::class;
use crate::{glue, large, magazine, pagemap, percpu, runs, shards, span, supply};

/// A picture of the heap. Other threads go on while it is taken, so sums may be off by what they do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Address space that spans are taken from, in bytes.
    pub reserved: usize,
    /// Bytes of spans of small and medium objects, as far as objects were carved from them.
    pub carved: usize,
    /// Bytes of live objects, rounded up to their classes.
    pub live: usize,
    /// Bytes of objects that CPUs keep for themselves.
    pub cached: usize,
    /// Free objects, cached or not.
    pub free_objects: usize,
    /// Bytes of free objects, cached or not.
    pub free: usize,
    /// Large blocks.
    pub large_blocks: usize,
    /// Their bytes.
    pub large: usize,
    /// Bytes of pages kept for large blocks to come.
    pub kept: usize,
}

/// Counts.
pub fn stats() -> Stats {
    let mut stats = Stats {
        reserved: span::RESERVED.load(Relaxed),
        kept: runs::kept() * large::PAGE,
        ..Stats::default()
    };
    pagemap::for_each(|start, entry| {
        let class = usize::from(entry.class().load(Acquire));
        let word = entry.large().load(Acquire);
        if word != 0 {
            stats.large_blocks += 1;
            let (start, end) = large::extent(start, word);
            stats.large += end - start;
        } else if class != 0 && start.is_multiple_of(class::span(class)) {
            let (carving, next) = span::carving(class);
            let end = if start == carving { next } else { class::capacity(class) };
            stats.carved += end.saturating_sub(class::first(class)) * class::size(class);
        }
    });
    let mut add = |class, count| {
        stats.free_objects += count;
        stats.free += count * class::size(class);
    };
    shards::for_each(|class, stack| add(class, stack.objects()));
    for class in 1..class::COUNT {
        add(class, supply::shared(class));
        add(magazine::CLASS, magazine::waiting(class));
    }
    add(magazine::CLASS, magazine::empty());
    percpu::for_each_count(|class, count| {
        add(class, count);
        stats.cached += count * class::size(class);
    });
    stats.live = stats.carved.saturating_sub(stats.free);
    stats
}

/// Writes the picture to standard error, a line to a figure.
pub fn print() {
    let s = stats();
    for (name, value) in [
        ("reserved address space", s.reserved),
        ("live small objects", s.live),
        ("free small objects", s.free),
        ("of these in CPUs' lists", s.cached),
        ("live large blocks", s.large),
        ("pages kept for large blocks", s.kept),
    ] {
        let mut digits = [0; 20];
        glue::say(&[b"malloc: ", name.as_bytes(), b": ", decimal(value as u64, &mut digits), b" bytes"]);
    }
}
