//! Giving memory back to the kernel: idle objects are taken out of the stacks, and spans of which every object is among
//! them become free spans again; the rest goes back. One task at a time does that, nobody waits for it, and a vfork child
//! leaves it to others, because it would hold much when it is killed.
//!
//! It happens when a chain reaches a central stack, a magazine is full, or a run of pages is kept, and the last time is longer
//! ago than `decay` says; and in `malloc_trim`, which empties the CPUs' lists too.
//!
//! To find whole spans every free object is looked at, and most of them are in no cache any more: a program that frees much
//! and soon needs it again would lose more by that than its memory is worth. So a stack is walked only if so many objects
//! were in it at every moment since the last time ([`LEAST`]) that some of their memory can go back: a span's worth, or one,
//! where objects lose their pages each for itself.

use core::sync::atomic::{
    AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

use crate::class::{self, COUNT, GRANULE};
use crate::magazine::State;
use crate::pagemap::Entry;
use crate::percpu::Kept;
use crate::stack::for_each_object;
use crate::supply::{self, CENTRAL};
use crate::word::Object;
use crate::{glue, magazine, options, pagemap, percpu, report, runs, shards, slow, span};

/// So many bytes must have become idle before time alone starts a collection.
static WORTHWHILE: AtomicUsize = AtomicUsize::new(1 << 20);
/// Free objects from this size on lose their pages but the first.
const HOLLOWED: usize = 16 << 10;
/// In a span's count: all its objects were found.
const ALL: u32 = 1 << 31;

/// The process (by PID) that has a task collecting, or 0. A fork child may inherit its parent's PID here: then nobody is.
static BUSY: AtomicU32 = AtomicU32::new(0);
static IDLE_BYTES: AtomicUsize = AtomicUsize::new(0);
static LAST: AtomicU64 = AtomicU64::new(0);
/// By class, the fewest objects that its central stack and waiting magazines had since the last collection.
static LEAST: [AtomicU32; COUNT] = [const { AtomicU32::new(0) }; COUNT];

/// An object, a chain or a magazine of a class was taken of what is there for all.
pub(crate) fn taken(class: usize) {
    let left = supply::shared(class) as u32;
    // Two at once may lose one's number: that is a collection that does too much, or too little.
    if left < LEAST[class].load(Relaxed) {
        LEAST[class].store(left, Relaxed);
    }
}

/// Changes how many bytes must have become idle. More than half of all addresses is never, and leaves room to count on.
pub(crate) fn set_worthwhile(bytes: usize) {
    WORTHWHILE.store(bytes.min(isize::MAX as usize), Relaxed);
}

/// A chain of a class went to the central stack, or a magazine to those that wait.
pub(crate) fn tick(class: usize) {
    noted(class::size(class) * class::chain(class));
}

/// A run of pages was kept.
pub(crate) fn tick_runs(pages: usize) {
    noted(pages * crate::large::PAGE);
}

fn noted(bytes: usize) {
    let idle = IDLE_BYTES.fetch_add(bytes, Relaxed) + bytes;
    if idle >= WORTHWHILE.load(Relaxed) && !glue::in_vfork_child() {
        let now = glue::now();
        match LAST.load(Relaxed) {
            0 if options::decay() > 0 => {
                LAST.store(now, Relaxed);
                (1..COUNT).for_each(watch);
            }
            last if now.wrapping_sub(last) >= options::decay() => {
                collect(false);
            }
            _ => {}
        }
    }
}

/// Returns idle memory to the kernel, with `everything` also what CPUs keep for themselves. Whether there was any.
#[cold]
pub(crate) fn collect(everything: bool) -> bool {
    exclusively(|secret| {
        IDLE_BYTES.store(0, Relaxed);
        LAST.store(glue::now(), Relaxed);
        if everything {
            empty_cpus(secret);
        }
        magazine::dissolve(secret);
        let mut any = runs::forget_all();
        for (class, least) in LEAST.iter().enumerate().skip(1) {
            if everything || options::decay() == 0 || worth_a_walk(class, least.load(Relaxed)) {
                any |= collect_class(class, secret);
            } else if worth_a_walk(class, supply::shared(class) as u32) {
                // Idle for a shorter time: to be looked at again, even if nothing more becomes idle.
                IDLE_BYTES.store(WORTHWHILE.load(Relaxed), Relaxed);
            }
            watch(class);
        }
        if options::check() {
            crate::check::walk(secret);
        }
        any
    })
    .unwrap_or(false)
}

/// Whether memory of so many objects can go back: they may be all of a span, or have pages of their own.
fn worth_a_walk(class: usize, objects: u32) -> bool {
    let holds_span = objects as usize >= class::capacity(class) - class::first(class);
    holds_span || (objects != 0 && class::size(class) >= HOLLOWED)
}

/// Starts [`LEAST`] anew.
fn watch(class: usize) {
    LEAST[class].store(supply::shared(class) as u32, Relaxed);
}

/// Runs `f` as the one task that collects; nothing if there is one already, or if this is a vfork child.
pub(crate) fn exclusively<R>(f: impl FnOnce(u64) -> R) -> Option<R> {
    if glue::in_vfork_child() {
        return None;
    }
    let (owner, own) = (BUSY.load(Relaxed), glue::pid());
    if owner == own || BUSY.compare_exchange(owner, own, Acquire, Relaxed).is_err() {
        return None;
    }
    if owner != 0 {
        percpu::forget_idle();
        pagemap::for_each(|_, entry| entry.found().store(0, Relaxed));
    }
    let result = f(slow::secret());
    BUSY.store(0, Release);
    Some(result)
}

/// Moves what CPUs and shards keep to the central stacks.
pub(crate) fn empty_cpus(secret: u64) {
    if glue::gate_open() {
        percpu::retire(|class, kept| match kept {
            Kept::Last(object) => {
                let object = slow::live(object, class, secret).address();
                CENTRAL[class].push_one(object, class::chain(class), secret);
            }
            Kept::List(list) => CENTRAL[class].push_list(list, class::chain(class), secret),
            Kept::Magazine(position) => magazine::unload_to_stack(position, State::Open, class, secret),
        });
    }
    (1..COUNT).for_each(|class| magazine::unload_all(class, secret));
    shards::for_each(|class, stack| {
        for_each_chain(stack.pop_all(), secret, |chain| {
            CENTRAL[class].push_chain(chain, Object::new(chain, secret).length(), secret);
        });
    });
}

/// Calls `f` with each chain of a stack that was taken whole; `f` may change the chain's links.
pub(crate) fn for_each_chain(first: usize, secret: u64, mut f: impl FnMut(usize)) {
    let mut chain = first;
    while chain != 0 {
        let next = Object::new(chain, secret).next_chain();
        f(chain);
        chain = next;
    }
}

fn collect_class(class: usize, secret: u64) -> bool {
    magazine::unload_all(class, secret);
    let stack = &CENTRAL[class];
    if stack.objects() == 0 {
        return false;
    }
    let all = stack.pop_all();
    let carving = span::carving(class).0;
    let full = (class::capacity(class) - class::first(class)) as u32;
    // First walk: count per span, and list the spans of which all objects are here.
    let mut whole = 0;
    for_each_chain(all, secret, |chain| {
        for_each_object(chain, secret, |object| {
            let start = span_of(object, class);
            let Some(entry) = Entry::of(start) else { report::damaged(object.address()) };
            if entry.found().fetch_add(1, Relaxed) + 1 == full && start != carving {
                entry.found().fetch_or(ALL, Relaxed);
                entry.next().store((whole / GRANULE) as u32, Relaxed);
                whole = start;
            }
        });
    });
    // Second walk: the others go back, in chains, and their spans' counts to 0.
    let mut kept = 0;
    let mut count = 0;
    for_each_chain(all, secret, |chain| {
        for_each_object(chain, secret, |object| {
            let Some(entry) = Entry::of(span_of(object, class)) else { return };
            if entry.found().load(Relaxed) & ALL != 0 {
                return;
            }
            entry.found().fetch_sub(1, Relaxed);
            hollow(object, class);
            count += 1;
            object.link(kept);
            kept = object.address();
            if count == class::chain(class) {
                stack.push_chain(kept, count, secret);
                (kept, count) = (0, 0);
            }
        });
    });
    stack.push_chain(kept, count, secret);
    let any = whole != 0;
    while whole != 0 {
        let start = whole;
        let Some(entry) = Entry::of(start) else { break };
        whole = entry.next().load(Relaxed) as usize * GRANULE;
        entry.found().store(0, Relaxed);
        // SAFETY: all objects of the span were taken out of the stack and are dropped here.
        unsafe { glue::forget(start, class::span(class)) };
        span::give(start, class);
    }
    any
}

fn span_of(object: Object, class: usize) -> usize {
    object.address() & !(class::span(class) - 1)
}

/// Gives back the pages of a large free object that its words do not need.
fn hollow(object: Object, class: usize) {
    let size = class::size(class);
    if size < HOLLOWED {
        return;
    }
    let start = (object.address() + 16).next_multiple_of(crate::large::PAGE);
    let end = (object.address() + size) / crate::large::PAGE * crate::large::PAGE;
    // SAFETY: inside a free object of the caller's, behind its words.
    unsafe { glue::forget(start, end - start) };
}
