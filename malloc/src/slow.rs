//! What the fast paths leave over: filling and emptying a CPU's lists, and tasks whose gate is shut.
//!
//! | task | takes from | gives to |
//! |---|---|---|
//! | gate open | its CPU's lists, then central stack, then fresh memory, a chain at a time | the same |
//! | gate shut, not a vfork child (no rseq here) | its shard, then as above | its shard, overflowing to the central stack |
//! | vfork child | central stack, fresh memory, **one object at a time** | central stack, one object at a time |
//!
//! A vfork child may be killed after any instruction and its parent goes on with this memory: so each of its updates is
//! one compare-and-swap, and it never holds more than the object it is about to return or was asked to free.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::class::{self, COUNT};
use crate::percpu::{HOT, Slot, put, take};
use crate::stack::Stack;
use crate::word::Object;
use crate::{collect, glue, large, options, pagemap, report, span};

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
    /// Known to be zero but for its second word, which is zero too.
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
    HOT.index.store(glue::cpu_index(), Relaxed);
    HOT.secret.store(secret as usize, Relaxed);
    if options::caching() {
        for class in 1..COUNT {
            HOT.limit[class].store(class::chain(class) as u8, Relaxed);
        }
    }
    secret
}

/// Whether anything was ever allocated.
pub(crate) fn started() -> bool {
    HOT.secret.load(Relaxed) != 0
}

/// Where `malloc` goes when its fast path cannot serve.
#[cold]
pub extern "C" fn malloc(size: usize) -> *mut c_void {
    match allocate(size) {
        Some(block) => ptr::with_exposed_provenance_mut(block.address),
        None => {
            glue::set_enomem();
            ptr::null_mut()
        }
    }
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
    match class::of(size) {
        0 => large::allocate(size, 1),
        class => small(class),
    }
}

/// Takes an object of a class.
pub(crate) fn small(class: usize) -> Option<Block> {
    let secret = secret();
    if glue::gate_open() && options::caching() {
        small_by_chain(class, secret, take_cached, keep_cached)
    } else if glue::in_vfork_child() || !options::caching() {
        CENTRAL[class]
            .pop_one(secret)
            .map(|address| Block { address, zeroed: false })
            .or_else(|| span::carve(class, 1).map(|(address, _)| Block { address, zeroed: true }))
    } else {
        let shard = &shard()[class];
        if let Some(address) = shard.pop_one(secret) {
            return Some(Block { address, zeroed: false });
        }
        small_by_chain(
            class,
            secret,
            |_| 0,
            |class, chain, secret| {
                shard_of(class).push_chain(chain, secret);
            },
        )
    }
}

fn take_cached(class: usize) -> usize {
    match take(Slot::active(class)) {
        0 => take(Slot::spare(class)),
        chain => chain,
    }
}

fn keep_cached(class: usize, chain: usize, secret: u64) {
    if !put(Slot::active(class), chain) && !put(Slot::spare(class), chain) {
        CENTRAL[class].push_chain(chain, secret);
    }
}

fn small_by_chain(
    class: usize,
    secret: u64,
    cached: impl Fn(usize) -> usize,
    keep: impl Fn(usize, usize, u64),
) -> Option<Block> {
    let mut chain = cached(class);
    if chain == 0 {
        chain = CENTRAL[class].pop_chain(secret);
    }
    if chain == 0 {
        let (start, count) = span::carve(class, class::chain(class))?;
        keep_if_any(class, chain_up(start, count, class, secret), secret, keep);
        return Some(Block { address: start, zeroed: true });
    }
    let object = Object::new(chain, secret);
    let rest = object.rest();
    if !object.looks_free() || (rest != 0 && pagemap::class_at(rest) != class) {
        report::damaged(chain);
    }
    object.unmark();
    keep_if_any(class, rest, secret, keep);
    Some(Block { address: chain, zeroed: false })
}

fn keep_if_any(class: usize, chain: usize, secret: u64, keep: impl Fn(usize, usize, u64)) {
    if chain != 0 {
        keep(class, chain, secret);
    }
}

/// Links fresh objects, all but the first, in the order of their addresses.
fn chain_up(start: usize, count: usize, class: usize, secret: u64) -> usize {
    let mut chain = 0;
    for i in (1..count).rev() {
        let address = start + i * class::size(class);
        Object::new(address, secret).link(chain, count - i, 0);
        chain = address;
    }
    chain
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
    if Object::new(address, secret).looks_free() {
        report::double_free(address);
    }
    let full = class::chain(class);
    if glue::gate_open() && options::caching() {
        release_cached(address, class, full, secret);
    } else if glue::in_vfork_child() || !options::caching() {
        CENTRAL[class].push_one(address, full, secret);
    } else {
        let shard = shard_of(class);
        shard.push_one(address, full, secret);
        if shard.objects() > SHARD_CHAINS * full {
            CENTRAL[class].push_chain(shard.pop_chain(secret), secret);
            collect::tick(class);
        }
    }
}

fn release_cached(address: usize, class: usize, full: usize, secret: u64) {
    let object = Object::new(address, secret);
    let mut chain = take(Slot::active(class));
    let mut length = if chain == 0 { 0 } else { Object::new(chain, secret).length() };
    if length >= full {
        // The fuller chain is the warmer one; the spare one has waited longer.
        let cold = take(Slot::spare(class));
        if !put(Slot::spare(class), chain) {
            CENTRAL[class].push_chain(chain, secret);
        }
        if cold != 0 {
            CENTRAL[class].push_chain(cold, secret);
            collect::tick(class);
        }
        (chain, length) = (0, 0);
    }
    object.link(chain, length + 1, 0);
    keep_cached(class, address, secret);
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
