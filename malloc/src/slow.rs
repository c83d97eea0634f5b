//! What the fast paths leave over: filling and emptying a CPU's lists, and tasks whose gate is shut.
//!
//! | task | takes from | gives to |
//! |---|---|---|
//! | gate open | its CPU's row, then central stack, then fresh memory, a chain at a time | its CPU's row, a chain at a time to the central stack |
//! | gate shut, not a vfork child (no rseq here) | its shard, then as above | its shard, overflowing to the central stack |
//! | vfork child | central stack, fresh memory, **one object at a time** | central stack, one object at a time |
//!
//! A vfork child may be killed after any instruction and its parent goes on with this memory: so each of its updates is
//! one compare-and-swap, and it never holds more than the object it is about to return or was asked to free.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::class::{self, COUNT};
use crate::percpu::HOT;
use crate::stack::{self, Stack};
use crate::word::Object;
use crate::{api, collect, fast, glue, guard, large, options, pagemap, percpu, report, span, tune};

/// Shards of a process without rseq.
const SHARDS: usize = 16;
/// Chains that a shard keeps per class.
const SHARD_CHAINS: usize = 2;

pub(crate) static CENTRAL: [Stack; COUNT] = [const { Stack::new() }; COUNT];
static SHARD_STACKS: [[Stack; COUNT]; SHARDS] = [const { [const { Stack::new() }; COUNT] }; SHARDS];
static NEXT_SHARD: AtomicU32 = AtomicU32::new(0);

/// Memory just taken.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub address: usize,
    /// Known to be zero.
    pub zeroed: bool,
}

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
        forget_last(secret());
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
    if glue::gate_open() && options::caching() {
        return small_cached(class, secret);
    }
    if glue::in_vfork_child() || !options::caching() {
        return CENTRAL[class]
            .pop_one(secret)
            .map(|address| {
                collect::taken(class);
                Block { address, zeroed: false }
            })
            .or_else(|| span::carve(class, 1).map(|(address, _)| Block { address, zeroed: true }));
    }
    let shard = shard_of(class);
    if let Some(address) = shard.pop_one(secret) {
        return Some(Block { address, zeroed: false });
    }
    let supply = supply(class, secret)?;
    shard.push_chain(supply.rest, supply.count, secret);
    Some(supply.block)
}

fn small_cached(class: usize, secret: u64) -> Option<Block> {
    match percpu::pop(class, secret) {
        Ok(0) => {}
        Ok(address) => {
            Object::new(address, secret).unmark();
            return Some(Block { address, zeroed: false });
        }
        Err(address) => report::damaged(address),
    }
    match percpu::take_last() {
        Some((its_class, address)) if its_class == class => {
            Object::new(address, secret).unmark();
            return Some(Block { address, zeroed: false });
        }
        // Nobody has asked for it lately.
        Some((its_class, address)) => keep_one(its_class, address, secret),
        None => {}
    }
    let supply = supply(class, secret)?;
    keep(class, supply.rest, supply.count, secret);
    Some(supply.block)
}

/// An object, and a list of further ones of its class with their count.
struct Supply {
    block: Block,
    rest: usize,
    count: usize,
}

/// Takes a chain from the central stack, or fresh objects.
fn supply(class: usize, secret: u64) -> Option<Supply> {
    let chain = CENTRAL[class].pop_chain(secret);
    if chain == 0 {
        let (address, count) = span::carve(class, class::chain(class))?;
        let rest = list_up(address, count, class, secret);
        return Some(Supply { block: Block { address, zeroed: true }, rest, count: count - 1 });
    }
    collect::taken(class);
    let object = Object::new(chain, secret);
    let (rest, count) = (object.rest(), object.length());
    let is_one =
        object.looks_free() && (1..=class::chain(class)).contains(&count) && (count == 1) == (rest == 0);
    if !is_one || (rest != 0 && pagemap::class_at(rest) != class) {
        report::damaged(chain);
    }
    object.unmark();
    Some(Supply { block: Block { address: chain, zeroed: false }, rest, count: count - 1 })
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

/// Makes a list the running CPU's, or the central stack's where that CPU has got one meanwhile.
fn keep(class: usize, list: usize, count: usize, secret: u64) {
    if list != 0 && !percpu::put_list(class, list, class::most_kept(class) - count) {
        CENTRAL[class].push_list(list, class::chain(class), secret);
    }
}

/// Adds an object of the caller's to the running CPU's list, or to the central stack where there is no room.
fn keep_one(class: usize, address: usize, secret: u64) {
    if !percpu::push(class, address, secret) {
        CENTRAL[class].push_one(address, class::chain(class), secret);
    }
}

/// Has the running CPU's last freed object leave its place for its list.
fn forget_last(secret: u64) {
    if let Some((class, address)) = percpu::take_last() {
        keep_one(class, address, secret);
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
    let object = Object::new(address, secret);
    if object.looks_free() && (object.rest() == 0 || pagemap::class_at(object.rest()) == class) {
        report::double_free(address);
    }
    tune::fill_freed(address, class::size(class));
    let full = class::chain(class);
    if glue::gate_open() && options::caching() {
        release_cached(address, class, full, secret);
    } else if glue::in_vfork_child() || !options::caching() {
        CENTRAL[class].push_one(address, full, secret);
    } else {
        let shard = shard_of(class);
        shard.push_one(address, full, secret);
        if shard.objects() > SHARD_CHAINS * full {
            let chain = shard.pop_chain(secret);
            if chain != 0 {
                CENTRAL[class].push_chain(chain, Object::new(chain, secret).length(), secret);
            }
            collect::tick(class);
        }
    }
}

/// The running CPU's list is full, or was never used. A chain of what was freed last leaves it: that is still in the cache
/// of this CPU, where making it a chain costs little.
fn release_cached(address: usize, class: usize, full: usize, secret: u64) {
    forget_last(secret);
    let mut list = percpu::take_list(class);
    let mut count = 0;
    if list != 0 {
        let rest;
        (count, rest) = stack::cut(list, full, secret);
        if count == full {
            CENTRAL[class].push_chain(list, count, secret);
            collect::tick(class);
            (list, count) = (rest, if rest == 0 { 0 } else { class::most_kept(class) - full });
        }
    }
    Object::new(address, secret).link(list);
    keep(class, address, count + 1, secret);
}

/// The running thread's shard. Threads share shards round robin, for better or worse.
fn shard() -> &'static [Stack; COUNT] {
    let mut number = glue::shard();
    if number == 0 {
        number = NEXT_SHARD.fetch_add(1, Relaxed) % SHARDS as u32 + 1;
        glue::set_shard(number);
    }
    &SHARD_STACKS[number as usize - 1]
}

fn shard_of(class: usize) -> &'static Stack {
    &shard()[class]
}

/// Calls `f` with every stack that is not a CPU's and its class.
pub(crate) fn for_each_stack(mut f: impl FnMut(usize, &'static Stack)) {
    for stacks in [&CENTRAL].into_iter().chain(&SHARD_STACKS) {
        for (class, stack) in stacks.iter().enumerate().skip(1) {
            f(class, stack);
        }
    }
}
