//! `docs/ktls.md` shows the block as `rt` lays it out. `TIDAL_BLESS=1 cargo test --test ktls_page` writes the table anew.

use std::fs;
use std::mem::{align_of, offset_of, size_of};

use tidal_rt::block::{self, Abi, Block, Ktls, RobustList, RseqArea, Runtime, Vfork};

const BEGIN: &str = "<!-- layout: begin -->\n";
const END: &str = "<!-- layout: end -->";

macro_rules! field {
    ($part:ident . $field:ident, $size:expr, $what:literal) => {
        (offset_of!(Block, $part.$field), $size, stringify!($field), $what)
    };
}

/// Offset, bytes, name and meaning of each field that is more than padding.
fn fields() -> Vec<(usize, usize, &'static str, &'static str)> {
    let rseq = |offset, size, name, what| (block::RSEQ + offset, size, name, what);
    vec![
        field!(abi.self_pointer, 8, "the thread pointer itself (psABI)"),
        field!(abi.dtv, 8, "dynamic thread vector; null"),
        field!(abi.self_again, 8, "a second self pointer"),
        field!(abi.canary, 8, "stack protector's canary"),
        field!(abi.pointer_guard, 8, "what `setjmp` mangles pointers with"),
        field!(ktls.errno, 4, "C's `errno`"),
        field!(ktls.tid, 4, "the kernel's name for the running task"),
        field!(ktls.lock_id, 4, "what private locks call the thread of control"),
        field!(ktls.gate, 4, "nonzero while the kernel protects restartable sequences"),
        field!(ktls.flags, 4, "bit 0: the running task is a vfork child"),
        field!(ktls.reserved, 4, "left free for a signal-block word"),
        field!(ktls.robust, size_of::<RobustList>(), "head of the robust list"),
        field!(ktls.vfork_depth, 4, "how many vfork children deep"),
        field!(ktls.unlock_id, 4, "`lock_id`, or nobody in a vfork child"),
        (
            offset_of!(Block, runtime),
            size_of::<Runtime>(),
            "runtime",
            "per-thread words of the crates above `rt`",
        ),
        (offset_of!(Block, vfork), size_of::<Vfork>(), "vfork", "suspended ancestors and their robust lists"),
        rseq(offset_of!(RseqArea, cpu_id_start), 4, "cpu_id_start", "rseq area: a CPU number at all times"),
        rseq(offset_of!(RseqArea, cpu_id), 4, "cpu_id", "rseq area: the CPU"),
        rseq(offset_of!(RseqArea, rseq_cs), 8, "rseq_cs", "rseq area: the restartable sequence in progress"),
        rseq(offset_of!(RseqArea, flags), 4, "flags", "rseq area: deprecated"),
        rseq(offset_of!(RseqArea, node_id), 4, "node_id", "rseq area: NUMA node"),
        rseq(offset_of!(RseqArea, mm_cid), 4, "mm_cid", "rseq area: concurrency id"),
        rseq(size_of::<RseqArea>(), 4, "tid", "a KTLS kernel's TID, where the area reaches that far"),
    ]
}

fn table() -> String {
    let mut table = format!(
        "Version {}; {} bytes with an area of 32, aligned to {}. The KTLS part is one cache line.\n\n\
         | offset | bytes | field | |\n|---|---|---|---|\n",
        block::VERSION,
        size_of::<Block>(),
        align_of::<Block>()
    );
    for (offset, size, name, what) in fields() {
        table += &format!("| {offset:#05x} | {size} | `{name}` | {what} |\n");
    }
    table
}

#[test]
fn the_page_shows_the_block() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ktls.md");
    let page = fs::read_to_string(path).expect("docs/ktls.md");
    let (head, rest) = page.split_once(BEGIN).expect("a place for the table");
    let (shown, tail) = rest.split_once(END).expect("the end of the table");
    let table = table();
    if std::env::var_os("TIDAL_BLESS").is_some() {
        fs::write(path, format!("{head}{BEGIN}{table}{END}{tail}")).expect("docs/ktls.md can be written");
        return;
    }
    assert_eq!(shown, table, "docs/ktls.md is out of date: TIDAL_BLESS=1 cargo test --test ktls_page");
}

#[test]
fn fields_do_not_overlap() {
    for pair in fields().windows(2) {
        assert!(pair[0].0 + pair[0].1 <= pair[1].0, "{} and {}", pair[0].2, pair[1].2);
    }
}

#[test]
fn what_the_page_says_in_words() {
    assert_eq!(size_of::<Ktls>(), 64, "one cache line");
    assert_eq!(offset_of!(Block, abi) + size_of::<Abi>(), block::KTLS);
}
