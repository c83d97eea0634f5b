//! A lock-free stack of chains of free objects, from which single objects can be taken as well.
//!
//! ```text
//! top = { head of the first chain, tag : objects }      changed by one compare-and-swap of 16 bytes, tag + 1 each time
//!
//! pop_one     top := the first chain's rest, or the next chain when there is none
//! pop_chain   top := the next chain (every object of a stacked chain knows it, see `word`)
//! push_one    top := a longer first chain, or a chain of its own when the first is full
//! push_chain  top := that chain
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

use crate::word::{Head, Object};

#[repr(C, align(16))]
pub(crate) struct Stack {
    top: UnsafeCell<[u64; 2]>,
}

// SAFETY: the words are only read by atomic loads and only written by `cmpxchg16b`.
unsafe impl Sync for Stack {}

#[derive(Clone, Copy)]
struct Top {
    head: Head,
    tag_and_objects: u64,
}

impl Top {
    /// The successor with another head and `change` more objects.
    fn with(self, head: Head, change: i32) -> Top {
        let tag = (self.tag_and_objects >> 32).wrapping_add(1);
        let objects = (self.tag_and_objects as u32).wrapping_add_signed(change);
        Top { head, tag_and_objects: tag << 32 | u64::from(objects) }
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
        let head = Head(unsafe { (*words).load(Acquire) });
        Top { head, tag_and_objects }
    }

    fn replace(&self, old: Top, new: Top) -> bool {
        let done: u64;
        // SAFETY: the words are live and aligned to 16; no operand is in rbx, which is put back.
        unsafe {
            asm!(
                "xchg rsi, rbx",
                "lock cmpxchg16b [rdi]",
                "mov rbx, rsi",
                "sete al",
                in("rdi") self.top.get(),
                inout("rsi") new.head.0 => _,
                in("rcx") new.tag_and_objects,
                inout("rax") old.head.0 => done,
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
    pub(crate) fn pop_one(&self, secret: u64) -> Option<usize> {
        loop {
            let top = self.load();
            if top.head.is_empty() {
                return None;
            }
            let object = Object::new(top.head.first(), secret);
            let rest = object.rest();
            let new = if rest.is_empty() { object.next_chain() } else { rest };
            if self.replace(top, top.with(new, -1)) {
                if rest.count() + 1 != top.head.count() {
                    crate::report::damaged(top.head.first());
                }
                object.unmark();
                return Some(top.head.first());
            }
        }
    }

    /// Takes the first chain.
    pub(crate) fn pop_chain(&self, secret: u64) -> Head {
        loop {
            let top = self.load();
            if top.head.is_empty() {
                return Head::EMPTY;
            }
            let next = Object::new(top.head.first(), secret).next_chain();
            if self.replace(top, top.with(next, -(top.head.count() as i32))) {
                return top.head;
            }
        }
    }

    /// Takes everything: the first of all chains, which know their followers.
    pub(crate) fn pop_all(&self) -> Head {
        loop {
            let top = self.load();
            let objects = top.tag_and_objects as u32 as i32;
            if top.head.is_empty() || self.replace(top, top.with(Head::EMPTY, objects.wrapping_neg())) {
                return top.head;
            }
        }
    }

    /// Adds an object of the caller's, to the first chain unless that has `full` objects.
    pub(crate) fn push_one(&self, address: usize, full: usize, secret: u64) {
        let object = Object::new(address, secret);
        loop {
            let top = self.load();
            let count = top.head.count();
            let new = if count == 0 || count >= full {
                object.link(Head::EMPTY, top.head);
                top.with(Head::new(address, 1), 1)
            } else {
                object.link(top.head, Object::new(top.head.first(), secret).next_chain());
                top.with(Head::new(address, count + 1), 1)
            };
            if self.replace(top, new) {
                return;
            }
        }
    }

    /// Adds a chain of the caller's.
    pub(crate) fn push_chain(&self, chain: Head, secret: u64) {
        if chain.is_empty() {
            return;
        }
        loop {
            let top = self.load();
            let mut rest = chain;
            while !rest.is_empty() {
                let object = Object::new(rest.first(), secret);
                object.set_next_chain(top.head);
                let behind = object.rest();
                if behind.count() + 1 != rest.count() {
                    crate::report::damaged(rest.first());
                }
                rest = behind;
            }
            if self.replace(top, top.with(chain, chain.count() as i32)) {
                return;
            }
        }
    }
}
