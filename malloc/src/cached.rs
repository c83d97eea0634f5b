//! Filling and emptying what a CPU keeps, for tasks whose gate is open.
//!
//! A CPU whose list is full puts that on its **shelf** and begins a magazine. So its list is empty as long as there are
//! objects in a magazine that nobody has looked at, and an allocation comes here and looks at them: if one of them is free
//! twice, the other one is still where its mark tells, and neither is given out. For the same reason none of them becomes
//! the last freed object. (A thread that moves to another CPU in the middle of this may leave a list beside a magazine.)

use crate::magazine::{self, State};
use crate::percpu::{self, Kind};
use crate::slow::live;
use crate::supply::{self, Block, CENTRAL, Supply};
use crate::word::Object;
use crate::{class, collect, report};

/// Takes an object: the running CPU's list is empty, or something is wrong with it or with the last freed object. Which
/// comes first: whoever is both in the list and the last freed one is marked.
pub(crate) fn take(class: usize, secret: u64) -> Option<Block> {
    match percpu::take_last() {
        Some((its_class, address)) if its_class == class => {
            live(address, class, secret).unmark();
            return Some(Block { address, zeroed: false });
        }
        // Nobody has asked for it lately.
        Some((its_class, address)) => keep_one(its_class, address, secret),
        None => {}
    }
    match percpu::pop(class, secret) {
        Ok(0) => {}
        Ok(address) => {
            Object::new(address, secret).unmark();
            return Some(Block { address, zeroed: false });
        }
        Err(address) => report::damaged(address),
    }
    // The magazine first: what is in it has not been looked at.
    let position = percpu::take(Kind::Magazine, class);
    let supply = if position != 0 {
        Supply::of_magazine(position, State::Open, class, secret)
    } else {
        match percpu::take(Kind::Shelf, class) {
            0 => supply::take(class, secret)?,
            list => Supply::of_list(list, class::most_kept(class), secret),
        }
    };
    keep(class, supply.rest, supply.count, secret);
    Some(supply.block)
}

/// Gives an object back, which somebody has looked at: the running CPU's list is full, or was never used, or that CPU fills a
/// magazine.
pub(crate) fn give(address: usize, class: usize, secret: u64) {
    // Once more for a thread that has moved to a CPU where there is room.
    if !try_to_give(address, class, secret) && !try_to_give(address, class, secret) {
        CENTRAL[class].push_one(address, class::chain(class), secret);
    }
}

#[inline(never)]
fn try_to_give(address: usize, class: usize, secret: u64) -> bool {
    if percpu::push(class, address, secret) {
        return true;
    }
    let object = Object::new(address, secret);
    let position = percpu::take(Kind::Magazine, class);
    let list = if position == 0 { percpu::take_full_list(class) } else { 0 };
    if list != 0 && !percpu::put(Kind::Shelf, class, list) {
        CENTRAL[class].push_list(list, class::chain(class), secret);
        collect::tick(class);
    }
    if position != 0 || list != 0 {
        // A push that was restarted may have marked it.
        object.unmark();
        magazine::add(position, address, class, secret);
        return true;
    }
    object.link(0);
    percpu::put_list(class, address, class::most_kept(class) - 1)
}

/// Has the running CPU's last freed object leave its place for its list.
pub(crate) fn forget_last(secret: u64) {
    if let Some((class, address)) = percpu::take_last() {
        keep_one(class, address, secret);
    }
}

/// Adds an object, which nobody has looked at, to the running CPU's list, or to the central stack where there is no room.
fn keep_one(class: usize, address: usize, secret: u64) {
    live(address, class, secret);
    if !percpu::push(class, address, secret) {
        CENTRAL[class].push_one(address, class::chain(class), secret);
    }
}

/// Makes a list the running CPU's, or the central stack's where that CPU has got one meanwhile.
fn keep(class: usize, list: usize, count: usize, secret: u64) {
    if list != 0 && !percpu::put_list(class, list, class::most_kept(class) - count) {
        CENTRAL[class].push_list(list, class::chain(class), secret);
    }
}
