//! The per-CPU table: what each CPU keeps of each class, changed by restartable sequences alone.
//!
//! ```text
//! row of a CPU   lists      per class: what allocation pops from and release pushes on
//!                lists[0]   the last freed object, or 0: there is none
//!                last_class its class, meant only while there is one
//!                room       per class: how many objects more the list may take
//!                magazines  per class: the position in the magazine that takes what the list has no room for, or 0: none
//!                shelves    per class: the list that was full when that was begun, put aside
//!                patience   counts down, from 256: callocs until the last freed object has to go
//! ```
//!
//! A release leaves its object as the last freed one where there is none, and an allocation of that class takes it from
//! there. That is not only short: where a release commits its object, and the next allocation reads it, then does not depend
//! on the class, which takes a chain of loads to find out. An object that nobody asks for leaves that place for its list when
//! the CPU goes a slow path; `calloc`, which has time for it, counts how often it is in the way, and goes one then.
//!
//! The row is the one of `mm_cid` (of `cpu_id` where the kernel has none): two running threads of a process never share
//! one. Each operation commits by one store to a word of `lists`, `magazines` or `shelves`. `last_class` is stored before
//! that, by a release that has found no last freed object: a restart in between leaves a class without an object, and what
//! has no object has no class, until the next release stores its own. A slot of a magazine is stored before the position that
//! says it is used. `patience` is counted before as well, so a restarted `calloc` may count twice; nothing depends on the
//! number. A sequence reads the table's address itself, so that replacing the table and restarting all sequences ([`retire`])
//! makes the old table the caller's own.
//!
//! `room` is changed before the commit, so a restart in between counts an operation that did not happen: a list may become
//! longer than meant by one for each allocation that was restarted just there, and shorter by one for each release. It is set
//! anew when the slow paths fill an empty list and when there is none, and bounds memory, nothing else. In an untouched row
//! it is 0, so that the first release goes the slow way.
//!
//! Only tasks whose gate is open come here: nothing would restart the sequences of others. They never touch the rows.

use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering::Relaxed};

use crate::{class, glue, magazine, word};

/// CPUs that have rows; a thread on a later one goes the way of a task without rseq.
const CPUS: usize = 512;
/// Bytes from row to row, as a shift.
pub(crate) const ROW_SHIFT: u32 = 12;
/// Bytes of a table.
const TABLE: usize = CPUS << ROW_SHIFT;
pub(crate) const LAST_CLASS: usize = offset_of!(Row, last_class);
pub(crate) const LISTS: usize = offset_of!(Row, lists);
pub(crate) const MAGAZINE: usize = offset_of!(Row, magazines);
pub(crate) const ROOM: usize = offset_of!(Row, room);
pub(crate) const PATIENCE: usize = offset_of!(Row, patience);
/// [`Hot::home_first`] before there is one: no address is less than a leaf above it.
pub(crate) const NOWHERE: usize = 1 << 60;

/// What a CPU keeps. Per class there is a word of each kind, so that one addition to the row's address reaches all.
#[repr(C)]
struct Row {
    last_class: AtomicU32,
    patience: AtomicU8,
    /// Nobody's.
    touched: AtomicU8,
    /// In the place of class 0, which no object is of: the last freed object.
    lists: [AtomicUsize; class::COUNT],
    room: [Room; class::COUNT],
    magazines: [AtomicUsize; class::COUNT],
    shelves: [AtomicUsize; class::COUNT],
}

/// The kinds of words that the slow paths take and put, by where a row has them.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Magazine = MAGAZINE as isize,
    Shelf = offset_of!(Row, shelves) as isize,
}

#[repr(C, align(8))]
struct Room(AtomicU16);

const _: () = assert!(size_of::<Row>() <= 1 << ROW_SHIFT);
// Whoever takes an object reads its bytes 6 and 7 right after a store here: at the same offset of a page that would be slow.
const _: () = assert!(LISTS % 16 == 8);

// No more aligned than it must be: a page's alignment would begin all of .bss on a page of its own.
#[repr(C, align(64))]
struct FirstTable(UnsafeCell<[u8; TABLE]>);
// SAFETY: only accessed by the sequences below and by the owner of a retired table.
unsafe impl Sync for FirstTable {}
static FIRST_TABLE: FirstTable = FirstTable(UnsafeCell::new([0; TABLE]));

/// What the fast paths read, in one place so that they need one base register.
#[repr(C, align(64))]
pub struct Hot {
    /// What links are mangled with; 0 until malloc has started.
    pub(crate) secret: AtomicUsize,
    table: AtomicPtr<u8>,
    no_link: u64,
    /// How many rows there are for `mm_cid`s, and for CPUs: one of them is 0, for want of `mm_cid`s or of need. Both are
    /// until malloc has started, and while nothing is to be cached.
    rows_by_cid: AtomicU32,
    rows_by_cpu: AtomicU32,
    /// The first granule that [`crate::pagemap::HOME`] is for.
    pub(crate) home_first: AtomicUsize,
    mask: [u32; class::COUNT],
    magic: [u64; class::COUNT],
    class_of: [u8; class::LOOKED_UP + 1],
}

pub(crate) const SECRET: usize = offset_of!(Hot, secret);
pub(crate) const TABLE_AT: usize = offset_of!(Hot, table);
pub(crate) const NO_LINK: usize = offset_of!(Hot, no_link);
pub(crate) const ROWS_BY_CID: usize = offset_of!(Hot, rows_by_cid);
pub(crate) const ROWS_BY_CPU: usize = offset_of!(Hot, rows_by_cpu);
pub(crate) const HOME_FIRST: usize = offset_of!(Hot, home_first);
pub(crate) const CLASS_OF: usize = offset_of!(Hot, class_of);
pub(crate) const MASK: usize = offset_of!(Hot, mask);
pub(crate) const MAGIC: usize = offset_of!(Hot, magic);

/// The one instance.
pub static HOT: Hot = Hot {
    secret: AtomicUsize::new(0),
    table: AtomicPtr::new((&raw const FIRST_TABLE).cast_mut().cast()),
    no_link: word::NO_LINK,
    rows_by_cid: AtomicU32::new(0),
    rows_by_cpu: AtomicU32::new(0),
    home_first: AtomicUsize::new(NOWHERE),
    class_of: {
        let mut table = [0; class::LOOKED_UP + 1];
        let mut i = 0;
        while i < table.len() {
            table[i] = class::of(i) as u8;
            i += 1;
        }
        table
    },
    mask: {
        let mut table = [0; class::COUNT];
        let mut class = 1;
        while class < class::COUNT {
            table[class] = class::span(class) as u32 - 1;
            class += 1;
        }
        table
    },
    magic: {
        let mut table = [0; class::COUNT];
        let mut class = 1;
        while class < class::COUNT {
            table[class] = class::magic(class);
            class += 1;
        }
        table
    },
};

/// Lets CPUs keep objects.
pub(crate) fn open() {
    // The first thread's row is the first one. To write there before anybody reads it costs one page fault, to write
    // there afterwards two; one byte is nobody's.
    // SAFETY: inside the table, and every task stores the same.
    unsafe { FIRST_TABLE.0.get().cast::<u8>().add(offset_of!(Row, touched)).write_volatile(0) };
    let rows = if glue::has_mm_cid() { &HOT.rows_by_cid } else { &HOT.rows_by_cpu };
    rows.store(CPUS as u32, Relaxed);
}

/// Has all threads use rows by `cpu_id`, as where the kernel has no `mm_cid`, for tests: the one thread there is calls it.
pub(crate) fn go_by_cpu() {
    HOT.rows_by_cid.store(0, Relaxed);
    HOT.rows_by_cpu.store(CPUS as u32, Relaxed);
}

/// Sends everybody the slow way; what CPUs keep stays until it is [retired](retire).
pub(crate) fn close() {
    HOT.rows_by_cid.store(0, Relaxed);
    HOT.rows_by_cpu.store(0, Relaxed);
}

/// The descriptor of a sequence 61..62, like rt's, but in a section that the linker may drop with malloc itself.
#[macro_export]
#[doc(hidden)]
macro_rules! malloc_rseq_descriptor {
    () => {
        ".pushsection .data.rel.ro.tidal_malloc_cs, \"aw\"\n.balign 32\n60:\n.long 0, 0\n.quad 61f, 62f - 61f, 64f\n.popsection"
    };
}

#[cfg(not(any(test, feature = "host")))]
#[path = "sequences.rs"]
mod sequences;

/// Without Tidal's block there are no sequences; the gate is never open then.
#[cfg(any(test, feature = "host"))]
mod sequences {
    pub(crate) fn pop(_: usize, _: u64) -> Result<usize, usize> {
        Ok(0)
    }

    pub(crate) fn push(_: usize, _: usize, _: u64) -> bool {
        false
    }

    pub(crate) fn take(_: super::Kind, _: usize) -> usize {
        0
    }

    pub(crate) fn put_list(_: usize, _: usize, _: usize) -> bool {
        false
    }

    pub(crate) fn take_full_list(_: usize) -> usize {
        0
    }

    pub(crate) fn put(_: super::Kind, _: usize, _: usize) -> bool {
        false
    }

    pub(crate) fn take_last() -> Option<(usize, usize)> {
        None
    }
}

pub(crate) use sequences::{pop, push, put, put_list, take, take_full_list, take_last};

/// What a CPU kept of a class.
pub(crate) enum Kept {
    /// The last freed object, which nobody has looked at.
    Last(usize),
    /// A list.
    List(usize),
    /// A magazine, by its position.
    Magazine(usize),
}

/// The table that is not in use, once there is one: empty.
static IDLE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

/// Has the next [`retire`] map a table of its own: in a fork child whose parent had another thread in the middle of it.
pub(crate) fn forget_idle() {
    IDLE.store(ptr::null_mut(), Relaxed);
}

/// Empties every CPU's row: calls `f` with each class and what was kept of it, which then is the caller's. False where that
/// cannot be done now: no membarrier, or no memory. One task at a time.
pub(crate) fn retire(mut f: impl FnMut(usize, Kept)) -> bool {
    let mut new = IDLE.load(Relaxed);
    if new.is_null() {
        let Some(memory) = glue::map(TABLE) else { return false };
        new = ptr::with_exposed_provenance_mut(memory);
        IDLE.store(new, Relaxed);
    }
    let old = HOT.table.swap(new, Relaxed);
    if !glue::restart_sequences() {
        // Without the barrier some thread may still work on the old table, so it stays the one in use. What was put
        // into the new one meanwhile is lost to reuse, no more.
        HOT.table.store(old, Relaxed);
        IDLE.store(ptr::null_mut(), Relaxed);
        return false;
    }
    for row in rows(old) {
        match row.lists[0].swap(0, Relaxed) {
            0 => {}
            last => f(row.last_class.load(Relaxed) as usize, Kept::Last(last)),
        }
        for class in 1..class::COUNT {
            for list in [&row.lists, &row.shelves] {
                match list[class].swap(0, Relaxed) {
                    0 => {}
                    list => f(class, Kept::List(list)),
                }
            }
            match row.magazines[class].swap(0, Relaxed) {
                0 => {}
                position => f(class, Kept::Magazine(position)),
            }
        }
    }
    IDLE.store(old, Relaxed);
    true
}

/// Calls `f` with a class and how many objects of it a CPU keeps, as far as one can see without stopping anyone: that
/// changes meanwhile.
pub(crate) fn for_each_count(mut f: impl FnMut(usize, usize)) {
    for row in rows(HOT.table.load(Relaxed)) {
        if row.lists[0].load(Relaxed) != 0 {
            f(row.last_class.load(Relaxed) as usize, 1);
        }
        for class in 1..class::COUNT {
            if row.lists[class].load(Relaxed) != 0 {
                let room = row.room[class].0.load(Relaxed) as i16;
                f(class, class::most_kept(class).saturating_add_signed(-isize::from(room)));
            }
            if row.shelves[class].load(Relaxed) != 0 {
                f(class, class::most_kept(class));
            }
            let position = row.magazines[class].load(Relaxed);
            if position != 0 {
                f(class, magazine::count(position, class));
                f(magazine::CLASS, 1);
            }
        }
    }
}

/// The rows of a table, as far as they can be in use.
fn rows(table: *mut u8) -> impl Iterator<Item = &'static Row> {
    // SAFETY: inside the table, and tables stay mapped.
    (0..glue::cpus().min(CPUS)).map(move |row| unsafe { &*table.add(row << ROW_SHIFT).cast::<Row>() })
}
