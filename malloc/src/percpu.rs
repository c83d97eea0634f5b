//! The per-CPU table: two chains per class and CPU, changed by restartable sequences alone.
//!
//! ```text
//! row of a CPU, 2 KiB    active[class]   what allocation pops from and release pushes on
//!                        spare[class]    a whole chain, so that a program at a boundary need not go to the central stack
//! ```
//!
//! The row is the one of `mm_cid` (of `cpu_id` where the kernel has none): two running threads of a process never share
//! one. Each operation commits by one store to one of them. A sequence reads the table's address itself, so that replacing
//! the table and restarting all sequences ([`retire`]) makes the old table the caller's own.
//!
//! Only tasks whose gate is open come here: nothing would restart the sequences of others. They never touch the rows.

use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicUsize, Ordering::Relaxed};

use crate::class;
use crate::glue;

/// CPUs that have rows; a thread on a later one goes the way of a task without rseq.
pub(crate) const CPUS: usize = 512;
/// Bytes of a row, as a shift.
pub(crate) const ROW_SHIFT: u32 = 11;
/// From a class's active head to its spare one, in bytes.
pub(crate) const SPARE: usize = 1 << (ROW_SHIFT - 1);
/// Bytes of a table.
pub(crate) const TABLE: usize = CPUS << ROW_SHIFT;

const _: () = assert!(class::COUNT * 8 <= SPARE);

#[repr(C, align(4096))]
struct FirstTable(UnsafeCell<[u8; TABLE]>);
// SAFETY: only accessed by the sequences below and by the owner of a retired table.
unsafe impl Sync for FirstTable {}
static FIRST_TABLE: FirstTable = FirstTable(UnsafeCell::new([0; TABLE]));

/// What the fast paths read, in one place so that they need one base register.
#[repr(C, align(64))]
pub struct Hot {
    /// What links are mangled with; 0 until [`crate::start`], when all lists are empty and all limits 0.
    pub(crate) secret: AtomicUsize,
    table: AtomicPtr<u8>,
    /// Where the CPU's number stands, as an offset from the thread pointer.
    pub(crate) index: AtomicUsize,
    /// Objects in a full chain; 0 sends every release the slow way.
    pub(crate) limit: [AtomicU8; class::COUNT],
    class_of: [u8; class::LOOKED_UP / 16 + 1],
    mask: [u32; class::COUNT],
    magic: [u64; class::COUNT],
}

pub(crate) const SECRET: usize = offset_of!(Hot, secret);
pub(crate) const TABLE_AT: usize = offset_of!(Hot, table);
pub(crate) const INDEX: usize = offset_of!(Hot, index);
pub(crate) const LIMIT: usize = offset_of!(Hot, limit);
pub(crate) const CLASS_OF: usize = offset_of!(Hot, class_of);
pub(crate) const MASK: usize = offset_of!(Hot, mask);
pub(crate) const MAGIC: usize = offset_of!(Hot, magic);

/// The one instance.
pub static HOT: Hot = Hot {
    secret: AtomicUsize::new(0),
    table: AtomicPtr::new((&raw const FIRST_TABLE).cast_mut().cast()),
    index: AtomicUsize::new(glue::CPU_ID),
    limit: [const { AtomicU8::new(0) }; class::COUNT],
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

/// One head of the running CPU's row.
#[derive(Clone, Copy)]
pub(crate) struct Slot(usize);

impl Slot {
    pub(crate) fn active(class: usize) -> Slot {
        Slot(class * 8)
    }

    pub(crate) fn spare(class: usize) -> Slot {
        Slot(SPARE + class * 8)
    }
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
mod sequences {
    use core::arch::asm;

    use super::*;
    use crate::glue::{RSEQ_CS, SIGNATURE};

    /// `head = *slot; *slot = empty`. The caller has seen the gate open.
    pub(crate) fn take(slot: Slot) -> usize {
        let head: usize;
        // SAFETY: the sequence stores one word of the running CPU's row, last; its abort handler begins it anew.
        unsafe {
            asm!(
                malloc_rseq_descriptor!(),
                "63: lea {t}, [rip + 60b]",
                "mov fs:[{cs}], {t}",
                "61: mov {t}, [{hot} + {index}]",
                tidal_rt::rseq_inject!(1),
                "mov {t:e}, fs:[{t}]",
                "xor {head:e}, {head:e}",
                "cmp {t:e}, {cpus}",
                "jae 65f",
                "shl {t}, {row}",
                "add {t}, [{hot} + {table}]",
                "mov {head}, [{t} + {slot}]",
                tidal_rt::rseq_inject!(2),
                "test {head}, {head}",
                "jz 65f",
                "mov qword ptr [{t} + {slot}], 0",
                "62: jmp 65f",
                tidal_rt::rseq_signature!(),
                "64: jmp 63b",
                "65:",
                t = out(reg) _,
                head = out(reg) head,
                hot = in(reg) &HOT,
                slot = in(reg) slot.0,
                cs = const RSEQ_CS,
                index = const INDEX,
                table = const TABLE_AT,
                cpus = const CPUS,
                row = const ROW_SHIFT,
                sig = const SIGNATURE,
                options(nostack),
            );
        }
        head
    }

    /// `if *slot == empty { *slot = head }`, and whether it was. The caller has seen the gate open.
    pub(crate) fn put(slot: Slot, head: usize) -> bool {
        let refused: u32;
        // SAFETY: as in `take`.
        unsafe {
            asm!(
                malloc_rseq_descriptor!(),
                "63: lea {t}, [rip + 60b]",
                "mov fs:[{cs}], {t}",
                "61: mov {t}, [{hot} + {index}]",
                tidal_rt::rseq_inject!(1),
                "mov {t:e}, fs:[{t}]",
                "mov {refused:e}, 1",
                "cmp {t:e}, {cpus}",
                "jae 65f",
                "shl {t}, {row}",
                "add {t}, [{hot} + {table}]",
                tidal_rt::rseq_inject!(2),
                "cmp qword ptr [{t} + {slot}], 0",
                "jne 65f",
                "mov {refused:e}, 0",
                "mov [{t} + {slot}], {head}",
                "62: jmp 65f",
                tidal_rt::rseq_signature!(),
                "64: jmp 63b",
                "65:",
                t = out(reg) _,
                refused = out(reg) refused,
                head = in(reg) head,
                hot = in(reg) &HOT,
                slot = in(reg) slot.0,
                cs = const RSEQ_CS,
                index = const INDEX,
                table = const TABLE_AT,
                cpus = const CPUS,
                row = const ROW_SHIFT,
                sig = const SIGNATURE,
                options(nostack),
            );
        }
        refused == 0
    }
}

/// Without Tidal's block there are no sequences; the gate is never open then.
#[cfg(any(test, feature = "host"))]
mod sequences {
    use super::*;

    pub(crate) fn take(slot: Slot) -> usize {
        let _ = slot.0;
        0
    }

    pub(crate) fn put(_: Slot, _: usize) -> bool {
        false
    }
}

pub(crate) use sequences::{put, take};

/// The table that is not in use, once there is one: empty.
static IDLE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

/// Has the next [`retire`] map a table of its own: in a fork child whose parent had another thread in the middle of it.
pub(crate) fn forget_idle() {
    IDLE.store(ptr::null_mut(), Relaxed);
}

/// Empties every CPU's row: calls `f` with the class and head of each chain, which then is the caller's. False where that
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
    for (class, word) in words(old) {
        let chain = word.swap(0, Relaxed);
        if chain != 0 {
            f(class, chain);
        }
    }
    IDLE.store(old, Relaxed);
    true
}

/// Calls `f` with the class and each cached chain, as far as one can see without stopping anyone: they change meanwhile.
pub(crate) fn for_each_chain(mut f: impl FnMut(usize, usize)) {
    for (class, word) in words(HOT.table.load(Relaxed)) {
        match word.load(Relaxed) {
            0 => {}
            chain => f(class, chain),
        }
    }
}

/// The heads of a table with their classes, as far as rows can be in use.
fn words(table: *mut u8) -> impl Iterator<Item = (usize, &'static AtomicUsize)> {
    (0..glue::cpus().min(CPUS)).flat_map(move |row| {
        (0..class::COUNT * 2).map(move |slot| {
            let at = (row << ROW_SHIFT) + slot % 2 * SPARE + slot / 2 * 8;
            // SAFETY: inside the table, and tables stay mapped.
            (slot / 2, unsafe { &*table.add(at).cast::<AtomicUsize>() })
        })
    })
}
