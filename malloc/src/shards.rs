//! For a process without rseq: sixteen sets of stacks that its threads share.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::class::{self, COUNT};
use crate::stack::Stack;
use crate::supply::{self, Block, CENTRAL};
use crate::word::Object;
use crate::{collect, glue};

/// Sets of stacks.
const SHARDS: usize = 16;
/// Chains that a shard keeps per class.
const SHARD_CHAINS: usize = 2;

static STACKS: [[Stack; COUNT]; SHARDS] = [const { [const { Stack::new() }; COUNT] }; SHARDS];
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The running thread's stack for a class. Threads share shards round robin, for better or worse.
fn mine(class: usize) -> &'static Stack {
    let mut number = glue::shard();
    if number == 0 {
        number = NEXT.fetch_add(1, Relaxed) % SHARDS as u32 + 1;
        glue::set_shard(number);
    }
    &STACKS[number as usize - 1][class]
}

/// Takes an object.
pub(crate) fn take(class: usize, secret: u64) -> Option<Block> {
    let shard = mine(class);
    if let Some(address) = shard.pop_one(secret) {
        return Some(Block { address, zeroed: false });
    }
    let supply = supply::take(class, secret)?;
    shard.push_chain(supply.rest, supply.count, secret);
    Some(supply.block)
}

/// Gives an object back.
pub(crate) fn give(address: usize, class: usize, secret: u64) {
    let (shard, full) = (mine(class), class::chain(class));
    shard.push_one(address, full, secret);
    if shard.objects() > SHARD_CHAINS * full {
        let chain = shard.pop_chain(secret);
        if chain != 0 {
            CENTRAL[class].push_chain(chain, Object::new(chain, secret).length(), secret);
        }
        collect::tick(class);
    }
}

/// Calls `f` with every shard's stacks and their classes.
pub(crate) fn for_each(mut f: impl FnMut(usize, &'static Stack)) {
    for stacks in &STACKS {
        for (class, stack) in stacks.iter().enumerate().skip(1) {
            f(class, stack);
        }
    }
}
