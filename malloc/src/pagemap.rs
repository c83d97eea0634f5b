//! What lies at an address: a two-level table over the 47-bit user address space, a granule (256 KiB) to an entry.
//!
//! A leaf covers 4 GiB and is made when the first span or large block comes to lie there; it stays for ever. The first
//! one of all is a static, [`HOME`]: most programs have no other, and the fast path finds it without the root. An entry is
//! changed by whoever owns the granule, by one store.

use core::sync::atomic::{
    AtomicPtr, AtomicU8, AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use core::{mem, ptr};

use crate::class::GRANULE;
use crate::glue;
use crate::percpu::{HOT, NOWHERE};
use crate::word::ADDRESS_LIMIT;

const LEAF_SHIFT: u32 = 32;
pub(crate) const GRANULE_SHIFT: u32 = GRANULE.trailing_zeros();
pub(crate) const LEAF_ENTRIES: usize = 1 << (LEAF_SHIFT - GRANULE_SHIFT);
/// Entries of the root; addresses whose upper half is not below this are no user addresses.
pub(crate) const ROOTS: usize = ADDRESS_LIMIT >> LEAF_SHIFT;

/// The entries of 4 GiB.
#[repr(C)]
pub struct Leaf {
    /// The size class of the span that the granule is part of, or 0. First, because the fast path reads it.
    class: [AtomicU8; LEAF_ENTRIES],
    /// The large block that starts in the granule, as [`crate::large`] encodes it, or 0.
    large: [AtomicU64; LEAF_ENTRIES],
    /// For a span on the list of free ones: the next of them.
    next: [AtomicU32; LEAF_ENTRIES],
    /// For a span that a collection looks at: how many of its objects it has found.
    found: [AtomicU32; LEAF_ENTRIES],
}

/// The root: null where nothing of ours ever lay, and where [`HOME`] serves.
pub static ROOT: [AtomicPtr<Leaf>; ROOTS] = [const { AtomicPtr::new(ptr::null_mut()) }; ROOTS];

/// The leaf of the 4 GiB that begin at granule [`percpu::Hot::home_first`](crate::percpu::Hot).
pub static HOME: Leaf = Leaf {
    class: [const { AtomicU8::new(0) }; LEAF_ENTRIES],
    large: [const { AtomicU64::new(0) }; LEAF_ENTRIES],
    next: [const { AtomicU32::new(0) }; LEAF_ENTRIES],
    found: [const { AtomicU32::new(0) }; LEAF_ENTRIES],
};

/// The entry of a granule.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    leaf: &'static Leaf,
    index: usize,
}

impl Entry {
    /// The entry for an address, if anything of ours ever lay near it.
    pub(crate) fn of(address: usize) -> Option<Entry> {
        let root = address >> LEAF_SHIFT;
        let leaf = if root == home() {
            &HOME
        } else {
            // SAFETY: leaves are never unmapped.
            unsafe { ROOT.get(root)?.load(Acquire).as_ref() }?
        };
        Some(Entry { leaf, index: (address >> GRANULE_SHIFT) % LEAF_ENTRIES })
    }

    pub(crate) fn class(self) -> &'static AtomicU8 {
        &self.leaf.class[self.index]
    }

    pub(crate) fn large(self) -> &'static AtomicU64 {
        &self.leaf.large[self.index]
    }

    pub(crate) fn next(self) -> &'static AtomicU32 {
        &self.leaf.next[self.index]
    }

    pub(crate) fn found(self) -> &'static AtomicU32 {
        &self.leaf.found[self.index]
    }
}

/// The root entry that [`HOME`] serves.
fn home() -> usize {
    HOT.home_first.load(Relaxed) / LEAF_ENTRIES
}

/// The class of the span at an address, or 0.
#[inline(never)]
pub(crate) fn class_at(address: usize) -> usize {
    Entry::of(address).map_or(0, |e| usize::from(e.class().load(Relaxed)))
}

/// Makes sure that the granules of a range have entries. False when there is no memory for them.
#[must_use]
pub(crate) fn cover(start: usize, length: usize) -> bool {
    (start >> LEAF_SHIFT..=(start + length - 1) >> LEAF_SHIFT).all(cover_leaf)
}

fn cover_leaf(root: usize) -> bool {
    let Some(slot) = ROOT.get(root) else { return false };
    let first = root * LEAF_ENTRIES;
    let home = HOT.home_first.compare_exchange(NOWHERE, first, Relaxed, Relaxed);
    if home.is_ok() || home == Err(first) {
        return true;
    }
    if !slot.load(Acquire).is_null() {
        return true;
    }
    let Some(memory) = glue::map(mem::size_of::<Leaf>()) else { return false };
    let leaf = ptr::with_exposed_provenance_mut(memory);
    if slot.compare_exchange(ptr::null_mut(), leaf, Release, Acquire).is_err() {
        // SAFETY: nobody else has seen this one.
        unsafe { glue::unmap(memory, mem::size_of::<Leaf>()) };
    }
    true
}

/// Writes the class of a span's granules; the span is the caller's.
pub(crate) fn set_class(start: usize, length: usize, class: usize) {
    for granule in (start..start + length).step_by(GRANULE) {
        if let Some(entry) = Entry::of(granule) {
            entry.class().store(class as u8, Release);
        }
    }
}

/// Calls `f` with the start of every granule and its entry, as far as leaves exist.
pub(crate) fn for_each(mut f: impl FnMut(usize, Entry)) {
    let home = home();
    for (root, slot) in ROOT.iter().enumerate() {
        // SAFETY: leaves are never unmapped.
        let leaf = if root == home { Some(&HOME) } else { unsafe { slot.load(Acquire).as_ref() } };
        let Some(leaf) = leaf else { continue };
        for index in 0..LEAF_ENTRIES {
            f((root << LEAF_SHIFT) + (index << GRANULE_SHIFT), Entry { leaf, index });
        }
    }
}
