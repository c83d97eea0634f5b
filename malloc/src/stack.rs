//! A lock-free stack of chains of free objects, from which single objects can be taken as well.
//!
//! ```text
//! top = { first chain, tag : objects }      changed by one compare-and-swap of 16 bytes, tag + 1 each time
//!
//! pop_one     top := the first chain's rest, or the next chain when there is none
//! pop_chain   top := the next chain (every object of a stacked chain knows it, see `word`)
//! push_one    top := a longer first chain, or a chain of its own when the first is full
//! push_chain  top := a list that is made that chain
//! ```
//!
//! Why a task may die anywhere: before its compare-and-swap a push has written only into objects that it owns and a pop
//! has written nothing; after it the operation is complete. Why a reader may be late: objects are never unmapped, so
//! reading the words of an object that somebody else took meanwhile is harmless, and the tag, which would have to run
//! through all its 2^32 values in between, makes the compare-and-swap fail. While an object is in a stack nobody writes
//! its words, so a compare-and-swap that succeeds has used true ones.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU64, Ordering::Acquire};

use crate::word::Object;

// What changes stacks is called from many places, and never where a call would count: small programs are to stay small.
#[repr(C, align(16))]
pub(crate) struct Stack {
    top: UnsafeCell<[u64; 2]>,
}

// SAFETY: the words are only read by atomic loads and only written by `cmpxchg16b`.
unsafe impl Sync for Stack {}

#[derive(Clone, Copy)]
struct Top {
    chain: usize,
    tag_and_objects: u64,
}

impl Top {
    /// The successor with another first chain and `change` more objects.
    fn with(self, chain: usize, change: i32) -> Top {
        let tag = (self.tag_and_objects >> 32).wrapping_add(1);
        let objects = (self.tag_and_objects as u32).wrapping_add_signed(change);
        Top { chain, tag_and_objects: tag << 32 | u64::from(objects) }
    }
}

impl Stack {
    pub(crate) const fn new() -> Stack {
        Stack { top: UnsafeCell::new([0, 0]) }
    }

    fn load(&self) -> Top {
        let words = self.top.get().cast::<AtomicU64>();
        // SAFETY: live words; the tag first, so that a pair torn by a change fails to compare.
        let tag_and_objects = unsafe { (*words.add(1)).load(Acquire) };
        // SAFETY: as above.
        let chain = unsafe { (*words).load(Acquire) } as usize;
        Top { chain, tag_and_objects }
    }

    fn replace(&self, old: Top, new: Top) -> bool {
        let done: usize;
        // SAFETY: the words are live and aligned to 16; no operand is in rbx, which is put back.
        unsafe {
            asm!(
                "xchg rsi, rbx",
                "lock cmpxchg16b [rdi]",
                "mov rbx, rsi",
                "sete al",
                in("rdi") self.top.get(),
                inout("rsi") new.chain => _,
                in("rcx") new.tag_and_objects,
                inout("rax") old.chain => done,
                inout("rdx") old.tag_and_objects => _,
                options(nostack),
            );
        }
        done as u8 != 0
    }

    /// Objects in the stack, which may be out of date at once.
    pub(crate) fn objects(&self) -> usize {
        self.load().tag_and_objects as u32 as usize
    }

    /// Takes one object.
    #[inline(never)]
    pub(crate) fn pop_one(&self, secret: u64) -> Option<usize> {
        loop {
            let top = self.load();
            if top.chain == 0 {
                return None;
            }
            let object = Object::new(top.chain, secret);
            let (rest, whole) = (object.rest(), object.looks_free());
            let new = if rest == 0 { object.next_chain() } else { rest };
            if self.replace(top, top.with(new, -1)) {
                if !whole {
                    crate::report::damaged(top.chain);
                }
                object.unmark();
                return Some(top.chain);
            }
        }
    }

    /// Takes the first chain, or 0.
    #[inline(never)]
    pub(crate) fn pop_chain(&self, secret: u64) -> usize {
        loop {
            let top = self.load();
            if top.chain == 0 {
                return 0;
            }
            let object = Object::new(top.chain, secret);
            if self.replace(top, top.with(object.next_chain(), -(object.length() as i32))) {
                return top.chain;
            }
        }
    }

    /// Takes everything: the first of all chains, which know their followers.
    pub(crate) fn pop_all(&self) -> usize {
        loop {
            let top = self.load();
            let objects = top.tag_and_objects as u32 as i32;
            if top.chain == 0 || self.replace(top, top.with(0, objects.wrapping_neg())) {
                return top.chain;
            }
        }
    }

    /// Adds an object of the caller's, to the first chain unless that has `full` objects.
    #[inline(never)]
    pub(crate) fn push_one(&self, address: usize, full: usize, secret: u64) {
        let object = Object::new(address, secret);
        loop {
            let top = self.load();
            let first = Object::new(top.chain, secret);
            let length = if top.chain == 0 { full } else { first.length() };
            if length >= full {
                object.link(0);
                object.set_chain(1, top.chain);
            } else {
                object.link(top.chain);
                object.set_chain(length + 1, first.next_chain());
            }
            if self.replace(top, top.with(address, 1)) {
                return;
            }
        }
    }

    /// Adds a list of the caller's, of `count` objects, which becomes a chain by that.
    #[inline(never)]
    pub(crate) fn push_chain(&self, list: usize, count: usize, secret: u64) {
        if list == 0 {
            return;
        }
        loop {
            let top = self.load();
            let mut at = list;
            for left in (1..=count).rev() {
                let object = Object::new(at, secret);
                object.set_chain(left, top.chain);
                at = object.rest();
            }
            if self.replace(top, top.with(list, count as i32)) {
                return;
            }
        }
    }

    /// Adds a list of the caller's of any length, in chains of at most `full` objects.
    #[inline(never)]
    pub(crate) fn push_list(&self, list: usize, full: usize, secret: u64) {
        let mut list = list;
        while list != 0 {
            let (count, rest) = cut(list, full, secret);
            self.push_chain(list, count, secret);
            list = rest;
        }
    }
}

/// Cuts a list of the caller's behind at most `most` objects, which are checked: how many those are, and the rest.
fn cut(list: usize, most: usize, secret: u64) -> (usize, usize) {
    let class = crate::pagemap::class_at(list);
    let mut last = Object::new(list, secret);
    for count in 1.. {
        if !last.looks_free() {
            crate::report::damaged(last.address());
        }
        let rest = last.rest();
        if rest == 0 {
            return (count, 0);
        }
        if crate::pagemap::class_at(rest) != class {
            crate::report::damaged(last.address());
        }
        if count == most {
            last.link(0);
            return (count, rest);
        }
        last = Object::new(rest, secret);
    }
    unreachable!("a list has an end");
}

/// Calls `f` with each object of a chain of the caller's; `f` may change its links.
pub(crate) fn for_each_object(chain: usize, secret: u64, mut f: impl FnMut(Object)) {
    let mut at = chain;
    let mut left = if chain == 0 { 0 } else { Object::new(chain, secret).length() };
    let class = crate::pagemap::class_at(chain);
    while at != 0 {
        let object = Object::new(at, secret);
        if crate::pagemap::class_at(at) != class || object.length() != left || !object.looks_free() {
            crate::report::damaged(at);
        }
        let rest = object.rest();
        f(object);
        at = rest;
        left -= 1;
    }
}
