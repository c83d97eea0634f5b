//! What the fast paths leave over: every size, every task.
//!
//! | task | takes from | gives to |
//! |---|---|---|
//! | gate open: [`cached`] | its CPU's row: list, last freed object, magazine, shelf; then what is there for all: full magazines, chains of the central stack, fresh memory | its CPU's row: list, which goes to the shelf, and magazine, which joins those there for all |
//! | gate shut, not a vfork child (no rseq here): [`shards`] | its shard, then as above | its shard, overflowing to the central stack |
//! | vfork child, or nothing is to be cached | central stack, fresh memory, **one object at a time** | central stack, one object at a time |
//!
//! A vfork child may be killed after any instruction and its parent goes on with this memory: so each of its updates is
//! one compare-and-swap, and it never holds more than the object it is about to return or was asked to free.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use crate::percpu::HOT;
use crate::supply::{self, Block, CENTRAL};
use crate::word::Object;
use crate::{api, cached, class, fast, glue, guard, large, options, pagemap, report, shards, span, tune};

/// The secret, malloc being started by it.
#[inline]
pub(crate) fn secret() -> u64 {
    match HOT.secret.load(Relaxed) as u64 {
        0 => start(),
        secret => secret,
    }
}

/// Every task that finds malloc not started does all of this, with the same results: there is nothing to wait for.
#[cold]
fn start() -> u64 {
    let mut mixed = glue::random();
    // The finaliser of SplitMix64 (Steele, Lea, Flood, 2014): the secret tells nothing of what it was made from.
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    // The upper bits are never those of small numbers, addresses or text, so live objects seldom look marked.
    let secret = (mixed ^ mixed >> 31) >> 2 | 1 << 63;
    options::read();
    span::touch();
    HOT.secret.store(secret as usize, Relaxed);
    tune::follow_options();
    secret
}

/// Where `malloc` goes when its fast path cannot serve.
#[cold]
pub extern "C" fn malloc(size: usize) -> *mut c_void {
    match allocate(size) {
        Some(block) => {
            tune::fill_new(block, size);
            ptr::with_exposed_provenance_mut(block.address)
        }
        None => {
            glue::set_enomem();
            ptr::null_mut()
        }
    }
}

/// Where `calloc` goes when its fast path cannot serve.
#[cold]
pub extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    let wanted = count.checked_mul(size);
    // The last freed object may be what is in the fast path's way. Other sizes go without that path each time.
    let is_fast = wanted.is_some_and(|size| (1..=fast::ZEROED).contains(&size));
    if is_fast && glue::gate_open() && options::caching() {
        cached::forget_last(secret());
    }
    let block = wanted.map_or(ptr::null_mut(), api::allocate_zeroed);
    if block.is_null() {
        glue::set_enomem();
    }
    block
}

/// Where `free` goes when its fast path cannot serve.
///
/// # Safety
/// As `free`.
#[cold]
pub unsafe extern "C" fn free(block: *mut c_void) {
    if !block.is_null() {
        release(block.expose_provenance());
    }
}

/// Where `free` goes with an object that is the last freed one.
#[cold]
pub extern "C" fn freed_twice(block: *mut c_void) {
    report::double_free(block.expose_provenance());
}

/// An object that somebody gave up, once: that is, not marked as a free one.
#[inline(never)]
pub(crate) fn live(address: usize, class: usize, secret: u64) -> Object {
    let object = Object::new(address, secret);
    if object.looks_free() && (object.rest() == 0 || pagemap::class_at(object.rest()) == class) {
        report::double_free(address);
    }
    object
}

/// Takes memory of any size.
pub(crate) fn allocate(size: usize) -> Option<Block> {
    if let Some(block) = guarded(size, 1) {
        return Some(block);
    }
    match class::of(size) {
        0 => large::allocate(size, 1),
        class => small(class),
    }
}

/// Takes a guarded block, if blocks are to be guarded and there is room for one.
pub(crate) fn guarded(size: usize, align: usize) -> Option<Block> {
    secret();
    if options::guard() { guard::allocate(size, align) } else { None }
}

/// Takes an object of a class.
pub(crate) fn small(class: usize) -> Option<Block> {
    let secret = secret();
    match way() {
        Way::Cached => cached::take(class, secret),
        Way::OneByOne => supply::take_one(class, secret),
        Way::Sharded => shards::take(class, secret),
    }
}

/// What the running task takes objects from and gives them to.
enum Way {
    Cached,
    OneByOne,
    Sharded,
}

fn way() -> Way {
    if glue::gate_open() && options::caching() {
        Way::Cached
    } else if glue::in_vfork_child() || !options::caching() {
        Way::OneByOne
    } else {
        Way::Sharded
    }
}

/// Gives back what [`allocate`] or one of its relatives gave.
pub(crate) fn release(address: usize) {
    let class = pagemap::class_at(address);
    if class == 0 {
        return large::release(address);
    }
    let offset = address & (class::span(class) - 1);
    if !offset.is_multiple_of(class::size(class)) {
        report::misaligned(address);
    }
    let secret = secret();
    live(address, class, secret);
    tune::fill_freed(address, class::size(class));
    match way() {
        Way::Cached => cached::give(address, class, secret),
        Way::OneByOne => CENTRAL[class].push_one(address, class::chain(class), secret),
        Way::Sharded => shards::give(address, class, secret),
    }
}
