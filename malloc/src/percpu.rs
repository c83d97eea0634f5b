//! The per-CPU table: a list per class and CPU and the object that was freed last, changed by restartable sequences alone.
//!
//! ```text
//! row of a CPU, 1 KiB    [0]        the last freed object, or 0: there is none
//!                        [class]    the class's list, what allocation pops from and release pushes on
//!                        last       the class of the last freed object, meant only while there is one
//!                        room       per class: how many objects more the list may take
//!                        patience   counts down, from 256: callocs until the last freed object has to go
//! ```
//!
//! A release leaves its object as the last freed one where there is none, and an allocation of that class takes it from
//! there. That is not only short: where a release commits its object, and the next allocation reads it, then does not depend
//! on the class, which takes a chain of loads to find out. An object that nobody asks for leaves that place for its list when
//! the CPU goes a slow path; `calloc`, which has time for it, counts how often it is in the way, and goes one then.
//!
//! The row is the one of `mm_cid` (of `cpu_id` where the kernel has none): two running threads of a process never share
//! one. Each operation commits by one store to a word of `[0]` and `[class]`. `last` is stored before that, by a release that
//! has found `[0]` to be 0: a restart in between leaves a class without an object, and what has no object has no class, until
//! the next release stores its own. `patience` is counted before as well, so a restarted `calloc` may count twice; nothing
//! depends on the number. A sequence reads the table's address itself,
//! so that replacing the table and restarting all sequences ([`retire`]) makes the old table the caller's own.
//!
//! `room` is changed before the commit, so a restart in between counts an operation that did not happen: a list may be
//! longer than meant by one for each allocation that was restarted just there. It is set anew whenever a list is filled,
//! emptied or cut, and bounds memory, nothing else. In an untouched row it is 0, so that the first release goes the slow way.
//!
//! Only tasks whose gate is open come here: nothing would restart the sequences of others. They never touch the rows.

use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU16, AtomicU32, AtomicUsize, Ordering::Relaxed};

use crate::{class, glue, word};

/// CPUs that have rows; a thread on a later one goes the way of a task without rseq.
const CPUS: usize = 512;
/// Bytes of a row, as a shift.
pub(crate) const ROW_SHIFT: u32 = 10;
/// Bytes of a table.
const TABLE: usize = CPUS << ROW_SHIFT;
/// Where a row has the last freed object's class, in bytes.
pub(crate) const LAST_CLASS: usize = class::COUNT * 8;
/// The room words in a row, two bytes to a class.
pub(crate) const ROOM: usize = LAST_CLASS + 8;
/// A byte that counts down to when `calloc` has the last freed object go.
pub(crate) const PATIENCE: usize = ROOM + class::COUNT * 2;
/// [`Hot::home_first`] before there is one: no address is less than a leaf above it.
pub(crate) const NOWHERE: usize = 1 << 60;

const _: () = assert!(PATIENCE + 1 < 1 << ROW_SHIFT);
const _: () = assert!(align_of::<FirstTable>() == 1 << ROW_SHIFT);

// No more aligned than a row is long: a page's alignment would begin all of .bss on a page of its own.
#[repr(C, align(1024))]
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
    class_of: [u8; class::LOOKED_UP / 16 + 1],
    mask: [u32; class::COUNT],
    magic: [u64; class::COUNT],
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
        let mut table = [0; class::LOOKED_UP / 16 + 1];
        let mut i = 0;
        while i < table.len() {
            table[i] = class::of(i * 16) as u8;
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
    // there afterwards two; its last byte is nobody's.
    // SAFETY: inside the table, and every task stores the same.
    unsafe { FIRST_TABLE.0.get().cast::<u8>().add((1 << ROW_SHIFT) - 1).write_volatile(0) };
    let rows = if glue::has_mm_cid() { &HOT.rows_by_cid } else { &HOT.rows_by_cpu };
    rows.store(CPUS as u32, Relaxed);
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

    pub(crate) fn take_list(_: usize) -> usize {
        0
    }

    pub(crate) fn put_list(_: usize, _: usize, _: usize) -> bool {
        false
    }

    pub(crate) fn take_last() -> Option<(usize, usize)> {
        None
    }
}

pub(crate) use sequences::{pop, push, put_list, take_last, take_list};

/// The table that is not in use, once there is one: empty.
static IDLE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

/// Has the next [`retire`] map a table of its own: in a fork child whose parent had another thread in the middle of it.
pub(crate) fn forget_idle() {
    IDLE.store(ptr::null_mut(), Relaxed);
}

/// Empties every CPU's row: calls `f` with the class and head of each list, which then is the caller's. False where that
/// cannot be done now: no membarrier, or no memory. One task at a time.
pub(crate) fn retire(mut f: impl FnMut(usize, usize)) -> bool {
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
        match row.head(0).swap(0, Relaxed) {
            0 => {}
            last => f(row.last_class(), last),
        }
        for class in 1..class::COUNT {
            let list = row.head(class).swap(0, Relaxed);
            if list != 0 {
                f(class, list);
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
        if row.head(0).load(Relaxed) != 0 {
            f(row.last_class(), 1);
        }
        for class in 1..class::COUNT {
            if row.head(class).load(Relaxed) != 0 {
                let room = row.room(class).load(Relaxed) as i16;
                f(class, class::most_kept(class).saturating_add_signed(-isize::from(room)));
            }
        }
    }
}

/// A row, looked at from outside of the sequences.
#[derive(Clone, Copy)]
struct Row(*mut u8);

impl Row {
    fn head(&self, class: usize) -> &AtomicUsize {
        // SAFETY: inside the table, and tables stay mapped.
        unsafe { &*self.0.add(class * 8).cast::<AtomicUsize>() }
    }

    fn last_class(&self) -> usize {
        self.head(LAST_CLASS / 8).load(Relaxed)
    }

    fn room(&self, class: usize) -> &AtomicU16 {
        // SAFETY: as above.
        unsafe { &*self.0.add(ROOM + class * 2).cast::<AtomicU16>() }
    }
}

/// The rows of a table, as far as they can be in use.
fn rows(table: *mut u8) -> impl Iterator<Item = Row> {
    // SAFETY: inside the table.
    (0..glue::cpus().min(CPUS)).map(move |row| Row(unsafe { table.add(row << ROW_SHIFT) }))
}
