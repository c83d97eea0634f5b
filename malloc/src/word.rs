//! The words that free objects carry, and the heads that name chains of them.
//!
//! A **head** names a chain and how long it is: `address << 16 | count`, 0 when empty. A chain is a list of at most
//! [`crate::class::CHAIN_MAX`] free objects of one class. Each free object holds two words:
//!
//! ```text
//! word 0  the head of the chain's rest                ^ key        its count is one less than that of the head here
//! word 1  compressed head of the next chain, or 0     ^ key        bits 50.. of the plain word are 0: the free mark
//! ```
//!
//! `key` is a secret of the process xor the object's own address: what is written over a freed object decodes to
//! nonsense, which the count gives away, and a live object has the mark in word 1 by a chance of 2^-14 only (allocation
//! clears that word). A free that finds the mark looks at word 0 too before it speaks of a double free.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::class;

/// Bits of a head that count.
pub(crate) const COUNT_BITS: u32 = 16;
/// From this bit on the plain word 1 is zero.
pub(crate) const MARK_SHIFT: u32 = 50;
const COMPRESSED_COUNT_BITS: u32 = 7;
/// User addresses lie below this.
pub(crate) const ADDRESS_LIMIT: usize = 1 << 47;

/// The name of a chain: first object and length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head(pub u64);

impl Head {
    pub(crate) const EMPTY: Head = Head(0);

    #[inline]
    pub(crate) fn new(first: usize, count: usize) -> Head {
        Head((first as u64) << COUNT_BITS | count as u64)
    }

    #[inline]
    pub(crate) fn first(self) -> usize {
        (self.0 >> COUNT_BITS) as usize
    }

    #[inline]
    pub(crate) fn count(self) -> usize {
        self.0 as usize & ((1 << COUNT_BITS) - 1)
    }

    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn compress(self) -> u64 {
        (self.first() as u64 >> 4) << COMPRESSED_COUNT_BITS | self.count() as u64
    }

    fn expand(compressed: u64) -> Head {
        let count = compressed & ((1 << COMPRESSED_COUNT_BITS) - 1);
        Head::new((compressed >> COMPRESSED_COUNT_BITS << 4) as usize, count as usize)
    }

    /// Whether this can be what a free object's word 0 holds.
    fn is_plausible(self) -> bool {
        let (first, count) = (self.first(), self.count());
        if self.is_empty() {
            return true;
        }
        first.is_multiple_of(16)
            && first < ADDRESS_LIMIT
            && first != 0
            && count < class::CHAIN_MAX
            && count != 0
    }
}

/// A free object, by address, with the secret that its words are mangled with.
#[derive(Clone, Copy)]
pub(crate) struct Object {
    address: usize,
    secret: u64,
}

impl Object {
    #[inline]
    pub(crate) fn new(address: usize, secret: u64) -> Object {
        Object { address, secret }
    }

    pub(crate) fn address(self) -> usize {
        self.address
    }

    fn key(self) -> u64 {
        self.secret ^ self.address as u64
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        let word = core::ptr::with_exposed_provenance::<AtomicU64>(self.address + index * 8);
        // SAFETY: objects are 16 bytes or more in spans, which stay mapped for ever. Whoever reads without owning the
        // object may see a live object's bytes, and finds out by the tag of the list it came from.
        unsafe { &*word }
    }

    /// The rest of the chain behind this object.
    #[inline]
    pub(crate) fn rest(self) -> Head {
        Head(self.word(0).load(Relaxed) ^ self.key())
    }

    /// The chain that follows this object's chain in a stack.
    #[inline]
    pub(crate) fn next_chain(self) -> Head {
        Head::expand((self.word(1).load(Relaxed) ^ self.key()) & ((1 << MARK_SHIFT) - 1))
    }

    /// Makes the object free: links it before `rest`, and its chain before `next_chain`.
    #[inline]
    pub(crate) fn link(self, rest: Head, next_chain: Head) {
        self.word(0).store(rest.0 ^ self.key(), Relaxed);
        self.set_next_chain(next_chain);
    }

    /// As [`Object::link`], for word 1 alone.
    #[inline]
    pub(crate) fn set_next_chain(self, next_chain: Head) {
        self.word(1).store(next_chain.compress() ^ self.key(), Relaxed);
    }

    /// Takes the free mark away: the object is live.
    #[inline]
    pub(crate) fn unmark(self) {
        self.word(1).store(0, Relaxed);
    }

    /// Takes the free mark away but leaves the links as they are.
    pub(crate) fn taint(self) {
        self.word(1).fetch_xor(1 << 63, Relaxed);
    }

    /// Whether both words look like those of a free object.
    pub(crate) fn looks_free(self) -> bool {
        (self.word(1).load(Relaxed) ^ self.key()) >> MARK_SHIFT == 0 && self.rest().is_plausible()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_went_in() {
        let memory = [0u128; 2];
        let object = Object::new((&raw const memory[1]).expose_provenance(), 0x8123_4567_89ab_cdef);
        let rest = Head::new(0x7fff_ffff_fff0, 63);
        let next = Head::new(0x7000_1234_5670, 64);
        object.link(rest, next);
        assert_eq!((object.rest(), object.next_chain()), (rest, next));
        assert!(object.looks_free());
        object.unmark();
        assert!(!object.looks_free());
    }
}
