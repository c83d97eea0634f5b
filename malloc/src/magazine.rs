//! Magazines (Bonwick and Adams, 2001): arrays of the addresses of freed objects, in which objects go from the CPU that
//! frees them to the one that needs them without anybody touching them on the way.
//!
//! ```text
//! magazine, 512 bytes     word 0, 1   in a stack: as in `word`
//!                         slots       the last ones of it, as many as a chain of the class has objects, or 62
//! position                address of the first slot that is empty; behind the last one: the magazine is full
//! slot                    address of an object ^ secret ^ address of the slot
//! ```
//!
//! A CPU whose list is full fills a magazine: that is the mark of one that frees what others allocate, and a list, which
//! goes through the objects one after the other, would cost a transfer of each one's cache line to this CPU and another one
//! back. Full magazines wait in a stack per class. Who finds its list empty takes its own magazine or one of those and links
//! what is in it. Objects are looked at when a magazine is full, and when it is emptied before: all at once, so that the
//! transfers run side by side. One that was freed twice carries the mark of a free object then.
//!
//! Magazines keep objects side by side that were freed one after the other, though in reverse. Who reads blocks in the order
//! of their addresses is helped by the processor, so nothing is done here that would mix them, as sending away the last
//! freed object does.
//!
//! A magazine is an object of its class, and belongs to one task while it is in no row and in no stack. With nothing in it, it
//! waits in a stack of its own, and becomes an ordinary object when memory is collected.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::class::{self, COUNT};
use crate::percpu::Kind;
use crate::stack::Stack;
use crate::supply::CENTRAL;
use crate::word::{NO_LINK, Object};
use crate::{collect, pagemap, percpu, report, slow, span};

/// Bytes of a magazine, and what it is a multiple of.
pub(crate) const BYTES: usize = 512;
/// The class that magazines are objects of.
pub(crate) const CLASS: usize = class::of(BYTES);
const SLOT: usize = 8;
/// Magazines of a class that wait at most: they are for objects that are soon needed again. The others go to the central
/// stack, where they need no memory beside their own.
const MOST_WAITING: usize = 64;
/// What a stack needs of a magazine.
const WORDS: usize = 16;

const _: () = assert!(class::size(CLASS) == BYTES && class::span(CLASS).is_multiple_of(BYTES));

static FULL: [Stack; COUNT] = [const { Stack::new() }; COUNT];
static EMPTY: Stack = Stack::new();

/// Objects of a class in a full magazine.
pub(crate) const fn capacity(class: usize) -> usize {
    let (most, chain) = ((BYTES - WORDS) / SLOT, class::chain(class));
    if chain < most { chain } else { most }
}

/// How many magazines of a class are waiting.
pub(crate) fn waiting(class: usize) -> usize {
    FULL[class].objects()
}

/// How many magazines there are with nothing in them.
pub(crate) fn empty() -> usize {
    EMPTY.objects()
}

/// Whether a position, or 0, leaves no room for another object.
fn is_full(position: usize) -> bool {
    position.is_multiple_of(BYTES)
}

fn of(position: usize) -> usize {
    (position - 1) & !(BYTES - 1)
}

fn first_slot(magazine: usize, class: usize) -> usize {
    magazine + BYTES - capacity(class) * SLOT
}

/// Objects in the magazine with this position, which has one at least.
pub(crate) fn count(position: usize, class: usize) -> usize {
    (position - first_slot(of(position), class)) / SLOT
}

fn slot(at: usize) -> &'static AtomicU64 {
    // SAFETY: in a magazine, which is an object, and those stay mapped.
    unsafe { &*core::ptr::with_exposed_provenance(at) }
}

/// Adds an object to a magazine, or to a new one where the position is 0, and makes that the running CPU's; has a full one
/// wait.
#[inline(never)]
pub(crate) fn add(position: usize, address: usize, class: usize, secret: u64) {
    let mut position = position;
    if position != 0 && is_full(position) {
        if waiting(class) < MOST_WAITING {
            seal(position, class, secret);
            FULL[class].push_chain(of(position), 1, secret);
        } else {
            unload_to_stack(position, State::Open, class, secret);
        }
        collect::tick(class);
        position = 0;
    }
    if position == 0 {
        let Some(magazine) = new(secret) else {
            return CENTRAL[class].push_one(address, class::chain(class), secret);
        };
        position = first_slot(magazine, class);
    }
    slot(position).store(address as u64 ^ secret ^ position as u64, Relaxed);
    position += SLOT;
    if !percpu::put(Kind::Magazine, class, position) {
        // Another CPU's now, which has one.
        unload_to_stack(position, State::Open, class, secret);
    }
}

/// Memory for a magazine.
fn new(secret: u64) -> Option<usize> {
    let used =
        EMPTY.pop_one(secret).or_else(|| CENTRAL[CLASS].pop_one(secret).inspect(|_| collect::taken(CLASS)));
    used.or_else(|| span::carve(CLASS, 1).map(|(start, _)| start))
}

/// Takes a magazine that waits: its position, or 0.
pub(crate) fn pop(class: usize, secret: u64) -> usize {
    match FULL[class].pop_chain(secret) {
        0 => 0,
        magazine => {
            collect::taken(class);
            magazine + BYTES
        }
    }
}

/// Whether somebody has looked at the objects in a magazine.
#[derive(Clone, Copy)]
pub(crate) enum State {
    /// Not yet: they are as their owners left them.
    Open,
    /// They are marked, each as a list of its own.
    Sealed,
}

/// The objects in a magazine of the caller's.
fn objects(position: usize, class: usize, secret: u64) -> impl Iterator<Item = Object> {
    let magazine = of(position);
    let mut known = usize::MAX;
    (first_slot(magazine, class)..position).step_by(SLOT).map(move |at| {
        let address = (slot(at).load(Relaxed) ^ secret ^ at as u64) as usize;
        // Objects of one span mostly, whose class need be looked up once.
        let granule = address / class::GRANULE;
        if address as u64 & NO_LINK != 0 || (granule != known && pagemap::class_at(address) != class) {
            report::damaged(magazine);
        }
        known = granule;
        Object::new(address, secret)
    })
}

/// Looks at the objects of a magazine, and marks them.
fn seal(position: usize, class: usize, secret: u64) {
    for object in objects(position, class, secret) {
        slow::live(object.address(), class, secret).link(0);
    }
}

/// What was in a magazine.
pub(crate) struct Unloaded {
    /// A list of the objects.
    pub list: usize,
    /// How many they are.
    pub count: usize,
}

/// Links the objects of a magazine of the caller's, which becomes one with nothing in it.
#[inline(never)]
pub(crate) fn unload(position: usize, state: State, class: usize, secret: u64) -> Unloaded {
    let mut list = 0;
    for object in objects(position, class, secret) {
        match state {
            State::Open => _ = slow::live(object.address(), class, secret),
            State::Sealed if object.looks_free() && object.rest() == 0 => {}
            State::Sealed => report::damaged(object.address()),
        }
        object.link(list);
        list = object.address();
    }
    EMPTY.push_one(of(position), class::chain(CLASS), secret);
    Unloaded { list, count: count(position, class) }
}

/// As [`unload`], everything to the central stacks.
#[inline(never)]
pub(crate) fn unload_to_stack(position: usize, state: State, class: usize, secret: u64) {
    let Unloaded { list, .. } = unload(position, state, class, secret);
    CENTRAL[class].push_list(list, class::chain(class), secret);
}

/// Moves what waits in magazines to the central stack.
pub(crate) fn unload_all(class: usize, secret: u64) {
    collect::for_each_chain(FULL[class].pop_all(), secret, |magazine| {
        unload_to_stack(magazine + BYTES, State::Sealed, class, secret);
    });
}

/// Makes ordinary objects of magazines with nothing in them.
pub(crate) fn dissolve(secret: u64) {
    collect::for_each_chain(EMPTY.pop_all(), secret, |chain| {
        CENTRAL[CLASS].push_chain(chain, Object::new(chain, secret).length(), secret);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const SIZED: usize = class::of(80);

    /// A full magazine, open, of fresh objects: its position, and their addresses.
    fn filled(secret: u64) -> (usize, Vec<usize>) {
        let object = || slow::small(SIZED).expect("80 bytes").address;
        let objects: Vec<usize> = (0..capacity(SIZED)).map(|_| object()).collect();
        let magazine = slow::small(CLASS).expect("a magazine").address;
        for (at, object) in (first_slot(magazine, SIZED)..).step_by(SLOT).zip(&objects) {
            slot(at).store(*object as u64 ^ secret ^ at as u64, Relaxed);
        }
        (magazine + BYTES, objects)
    }

    /// The addresses in a list.
    fn in_list(list: usize, secret: u64) -> Vec<usize> {
        let mut at = list;
        core::iter::from_fn(|| {
            let address = at;
            at = if at == 0 { 0 } else { Object::new(at, secret).rest() };
            (address != 0).then_some(address)
        })
        .collect()
    }

    #[test]
    fn a_magazine_gives_back_what_was_put_in() {
        let secret = slow::secret();
        for state in [State::Open, State::Sealed] {
            let (position, mut objects) = filled(secret);
            assert!(is_full(position) && count(position, SIZED) == objects.len());
            if let State::Sealed = state {
                seal(position, SIZED, secret);
            }
            let unloaded = unload(position, state, SIZED, secret);
            objects.reverse();
            assert_eq!(in_list(unloaded.list, secret), objects);
            assert_eq!(unloaded.count, objects.len());
            CENTRAL[SIZED].push_list(unloaded.list, class::chain(SIZED), secret);
        }
    }

    #[test]
    #[should_panic(expected = "is free already")]
    fn an_object_is_noticed_that_is_in_it_twice() {
        let secret = slow::secret();
        let (position, objects) = filled(secret);
        let at = position - 3 * SLOT;
        slot(at).store(objects[1] as u64 ^ secret ^ at as u64, Relaxed);
        seal(position, SIZED, secret);
    }

    #[test]
    #[should_panic(expected = "was written to after it was freed")]
    fn writing_to_an_object_in_it_is_noticed() {
        let secret = slow::secret();
        let (position, objects) = filled(secret);
        seal(position, SIZED, secret);
        Object::new(objects[5], secret).unmark();
        unload(position, State::Sealed, SIZED, secret);
    }

    #[test]
    #[should_panic(expected = "was written to after it was freed")]
    fn writing_to_it_is_noticed() {
        let secret = slow::secret();
        let (position, _) = filled(secret);
        // In the span of the others, but no object's address.
        slot(position - SLOT).fetch_xor(1, Relaxed);
        unload(position, State::Open, SIZED, secret);
    }
}
