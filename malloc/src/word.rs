//! The words that free objects carry.
//!
//! A **list** is a chain of free objects of one class, linked by their first words and named by the address of its first
//! one; 0 is the empty list. CPUs keep lists. A **chain** is a list of at most [`crate::class::CHAIN_MAX`] objects that
//! also know how long it is and what lies behind it: what a stack holds.
//!
//! ```text
//! word 0  address of the list's rest, or 0                                     ^ key     bits 48.. plain are 0: the mark
//! word 1  in a chain: address of the next chain, or 0, in bits 7..50 : length from here   ^ key
//! ```
//!
//! `key` is a secret of the process xor the object's own address: what is written over a freed object decodes to no
//! address, and a live object has the mark in word 0 by a chance of 2^-16 only (allocation clears that word). A free that
//! finds the mark looks at what it would link to before it speaks of a double free.
//!
//! A list's length is neither in its objects nor beside its head: a head is a bare address, because then what a release
//! stores does not depend on what it loaded, which is what bounds the speed of a pair of allocation and release.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The byte of word 0 where the mark begins: to its end, free objects have the secret's own bytes there.
pub(crate) const MARK_BYTE: usize = 6;
const LENGTH_MASK: u64 = (1 << LENGTH_BITS) - 1;
const LENGTH_BITS: u32 = 7;
/// Objects lie on multiples of 16.
const ALIGN_BITS: u32 = 4;
/// User addresses lie below this.
pub(crate) const ADDRESS_LIMIT: usize = 1 << 47;
/// Bits that no object's address has.
pub(crate) const NO_LINK: u64 = !(ADDRESS_LIMIT as u64 - 1) | ((1 << ALIGN_BITS) - 1);
/// What [`Object::taint`] changes.
const TAINT: u64 = 1 << 63;

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

    fn plain(self, index: usize) -> u64 {
        self.word(index).load(Relaxed) ^ self.key()
    }

    /// The rest of the list behind this object.
    #[inline]
    pub(crate) fn rest(self) -> usize {
        (self.plain(0) & !TAINT) as usize
    }

    /// The chain that follows this object's chain in a stack.
    #[inline]
    pub(crate) fn next_chain(self) -> usize {
        (self.plain(1) >> LENGTH_BITS << ALIGN_BITS) as usize
    }

    /// Objects in the chain from this one on.
    #[inline]
    pub(crate) fn length(self) -> usize {
        (self.plain(1) & LENGTH_MASK) as usize
    }

    /// Makes the object free, and the first of a list before `rest`.
    #[inline]
    pub(crate) fn link(self, rest: usize) {
        self.word(0).store(rest as u64 ^ self.key(), Relaxed);
    }

    /// In a chain: how many objects it has from here on, and what chain lies behind it.
    #[inline]
    pub(crate) fn set_chain(self, length: usize, next_chain: usize) {
        let plain = (next_chain as u64 >> ALIGN_BITS) << LENGTH_BITS | length as u64;
        self.word(1).store(plain ^ self.key(), Relaxed);
    }

    /// Takes the free mark away: the object is live.
    #[inline]
    pub(crate) fn unmark(self) {
        self.word(0).store(0, Relaxed);
    }

    /// Takes the free mark away but leaves the links as they are.
    pub(crate) fn taint(self) {
        self.word(0).fetch_xor(TAINT, Relaxed);
    }

    /// Whether word 0 is what a free object holds there: nothing, or what may be an object's address.
    #[inline]
    pub(crate) fn looks_free(self) -> bool {
        self.plain(0) & NO_LINK == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_went_in() {
        let memory = [0u128; 2];
        let object = Object::new((&raw const memory[1]).expose_provenance(), 0x8123_4567_89ab_cdef);
        let (rest, next) = (0x7fff_ffff_fff0, 0x7000_1234_5670);
        object.link(rest);
        object.set_chain(64, next);
        assert_eq!((object.rest(), object.length(), object.next_chain()), (rest, 64, next));
        assert!(object.looks_free());
        object.taint();
        assert!(!object.looks_free());
        assert_eq!((object.rest(), object.next_chain()), (rest, next));
        object.unmark();
        assert!(!object.looks_free());
    }
}
