//! What all tasks share: full magazines, the central stacks, and behind them fresh memory.

use crate::class::{self, COUNT};
use crate::magazine::{self, State, Unloaded};
use crate::stack::Stack;
use crate::word::Object;
use crate::{collect, pagemap, report, span};

/// The central stacks.
pub(crate) static CENTRAL: [Stack; COUNT] = [const { Stack::new() }; COUNT];

/// Memory just taken.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub address: usize,
    /// Known to be zero.
    pub zeroed: bool,
}

/// An object, and a list of further ones of its class with their count.
pub(crate) struct Supply {
    pub block: Block,
    pub rest: usize,
    pub count: usize,
}

impl Supply {
    /// The first object of a list of the caller's, of `count` objects, and its rest.
    pub(crate) fn of_list(list: usize, count: usize, secret: u64) -> Supply {
        let object = Object::new(list, secret);
        let rest = object.rest();
        if !object.looks_free() || (rest != 0 && pagemap::class_at(rest) != pagemap::class_at(list)) {
            report::damaged(list);
        }
        object.unmark();
        Supply { block: Block { address: list, zeroed: false }, rest, count: count - 1 }
    }

    /// What is in a magazine of the caller's.
    pub(crate) fn of_magazine(position: usize, state: State, class: usize, secret: u64) -> Supply {
        let Unloaded { list, count } = magazine::unload(position, state, class, secret);
        Supply::of_list(list, count, secret)
    }
}

/// Objects of a class that are there for all tasks.
pub(crate) fn shared(class: usize) -> usize {
    CENTRAL[class].objects() + magazine::waiting(class) * magazine::capacity(class)
}

/// Takes one object of the central stack, or a fresh one: what a task takes that may be killed at it.
pub(crate) fn take_one(class: usize, secret: u64) -> Option<Block> {
    if let Some(address) = CENTRAL[class].pop_one(secret) {
        collect::taken(class);
        return Some(Block { address, zeroed: false });
    }
    span::carve(class, 1).map(|(address, _)| Block { address, zeroed: true })
}

/// Takes a magazine or a chain that is there for all, or fresh objects.
pub(crate) fn take(class: usize, secret: u64) -> Option<Supply> {
    let position = magazine::pop(class, secret);
    if position != 0 {
        return Some(Supply::of_magazine(position, State::Sealed, class, secret));
    }
    let chain = CENTRAL[class].pop_chain(secret);
    if chain == 0 {
        let (address, count) = span::carve(class, class::chain(class))?;
        let rest = list_up(address, count, class, secret);
        return Some(Supply { block: Block { address, zeroed: true }, rest, count: count - 1 });
    }
    collect::taken(class);
    let object = Object::new(chain, secret);
    let count = object.length();
    if !(1..=class::chain(class)).contains(&count) || (count == 1) != (object.rest() == 0) {
        report::damaged(chain);
    }
    Some(Supply::of_list(chain, count, secret))
}

/// Links fresh objects, all but the first, in the order of their addresses.
fn list_up(start: usize, count: usize, class: usize, secret: u64) -> usize {
    let mut list = 0;
    for i in (1..count).rev() {
        let address = start + i * class::size(class);
        Object::new(address, secret).link(list);
        list = address;
    }
    list
}
