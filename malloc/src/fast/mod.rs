//! The paths that run most: restartable sequences, everything else a tail call to [`crate::slow`].
//!
//! [`malloc_body`](crate::malloc_body) and its like are bodies of naked functions, so that whoever exports C symbols has the
//! paths *in* those symbols and not behind another jump.
//!
//! ```text
//! malloc   class from the size → gate open? → { row of this CPU;
//!            the last freed object is of this class? → not marked free? ; last = none
//!            else: first = list[class]; none? → slow; rest = *first ^ key; a link? ; room + 1; list[class] = rest }
//!          → word 0 = 0 → the object
//! calloc   as malloc up to 128 bytes, but the whole object = 0; every 256th that goes to the list → slow
//! free     class from the address → offset is a multiple of the size? → gate open? → { row of this CPU;
//!            no last freed object, no magazine[class]? → its class; last = the object
//!            else: not that one? ; room? ; room - 1; not marked free? ; word 0 = list[class] ^ key; list[class] = the object }
//!          no room: { row; no slot left in magazine[class]? → slow; slot = the object ^ key; magazine[class] + 1 }
//! ```
//!
//! What is between braces restarts when the thread is preempted, migrated or signalled there, by beginning the whole
//! function anew (the second one of `free` alone): so the arguments stay where they are. The stores into the object itself
//! may be repeated: it belongs to the caller until the last store. Only `free` has something to undo first: the word 0 that
//! it stored carries the mark of a free object, which would be taken for a double free, so it clears that. What it counted
//! stays counted (see [`crate::percpu`]).
//!
//! Where the object is not needed it is not touched: the last freed one is looked at by whoever takes it, who wants its
//! cache line anyway, and what goes into a magazine by whoever finds that full or empties it (see [`crate::magazine`]).
//!
//! A sequence ends with its one committing store, so two ways that share one meet there, and one of them jumps. That is the
//! way of the last freed object, which is shorter. The ways of the lists add the class to the row's address first: an
//! instruction that changes memory is split in two by the processor if its address has two registers.

mod allocate;
mod free;

use crate::class;

/// Makes the sequence the running one and the row of this CPU be in `rdx`; leaves for 77 where `mm_cid` names none. The
/// parameter is the register with the address of `HOT`, behind it are two injection points.
#[macro_export]
#[doc(hidden)]
macro_rules! enter_row {
    ($hot:literal, $first:literal, $second:literal) => {
        concat!(
            "lea rax, [rip + 60b]\nmov fs:[{cs}], rax\n61: mov edx, fs:[{cid}]\n",
            $crate::inject!($first),
            "\ncmp edx, [",
            $hot,
            " + {rows_by_cid}]\njae 77f\n78: shl edx, {row}\nadd rdx, [",
            $hot,
            " + {table}]\n",
            $crate::inject!($second),
        )
    };
}

/// Where that continues with the row by `cpu_id`, if that names one: inside of the sequence, behind a jump.
#[macro_export]
#[doc(hidden)]
macro_rules! row_by_cpu {
    ($hot:literal) => {
        concat!("77: mov edx, fs:[{cpu}]\ncmp edx, [", $hot, " + {rows_by_cpu}]\njb 78b\njmp 75f")
    };
}

/// Largest size that `calloc`'s path serves: that of the fine classes, and what its stores reach.
pub(crate) const ZEROED: usize = class::FINE;

const _: () = assert!(ZEROED == 128, "calloc's body stores from either end up to 64 bytes");

/// What the bodies name, where macros in other crates can reach it.
#[doc(hidden)]
#[allow(missing_docs)]
pub mod names {
    use crate::{class, glue, magazine, pagemap, percpu, word};

    pub const LOOKED_UP: usize = class::LOOKED_UP;
    pub const LARGEST: usize = class::LARGEST;
    pub const ZEROED: usize = super::ZEROED;
    pub const GATE: usize = glue::GATE;
    pub const RSEQ_CS: usize = glue::RSEQ_CS;
    pub const SIGNATURE: u32 = glue::SIGNATURE;
    pub const MM_CID: usize = glue::MM_CID;
    pub const CPU_ID: usize = glue::CPU_ID;
    pub const ROWS_BY_CID: usize = percpu::ROWS_BY_CID;
    pub const ROWS_BY_CPU: usize = percpu::ROWS_BY_CPU;
    pub const ROW_SHIFT: u32 = percpu::ROW_SHIFT;
    pub const SECRET: usize = percpu::SECRET;
    pub const TABLE_AT: usize = percpu::TABLE_AT;
    pub const NO_LINK: usize = percpu::NO_LINK;
    pub const LAST_CLASS: usize = percpu::LAST_CLASS;
    pub const LISTS: usize = percpu::LISTS;
    pub const ROOM: usize = percpu::ROOM;
    pub const MAGAZINE: usize = percpu::MAGAZINE;
    pub const MAGAZINE_BYTES: usize = magazine::BYTES;
    pub const PATIENCE: usize = percpu::PATIENCE;
    pub const CLASS_OF: usize = percpu::CLASS_OF;
    pub const MASK: usize = percpu::MASK;
    pub const MAGIC: usize = percpu::MAGIC;
    pub const HOME_FIRST: usize = percpu::HOME_FIRST;
    pub const GRANULE_SHIFT: u32 = pagemap::GRANULE_SHIFT;
    pub const LEAF_ENTRIES: usize = pagemap::LEAF_ENTRIES;
    pub const ROOTS: usize = pagemap::ROOTS;
    pub const MARK_BYTE: usize = word::MARK_BYTE;
    pub use crate::pagemap::{HOME, ROOT};
    pub use crate::percpu::HOT;
}
