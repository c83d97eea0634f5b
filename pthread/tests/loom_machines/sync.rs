//! What the machines stand on, in a model: loom's atomics and a futex made of a mutex and a condition variable. Bugs can
//! be planted here, so that the machines' own source is what is tested, with the bug and without.

use std::cell::Cell;
use std::ptr;

use loom::sync::atomic as model;
use loom::sync::{Condvar, Mutex};
use tidal_rt::Errno;
pub use tidal_rt::futex::Scope;

pub use model::Ordering;

/// A bug to plant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    None,
    /// Wakes get lost.
    DroppedWake,
    /// A sleeper does not look at the word again with the queue locked.
    UncheckedSleep,
    /// Every memory order is relaxed.
    RelaxedOrders,
    /// Who is to wake all wakes one.
    WakesOne,
    /// A compare-and-swap does not compare.
    BlindExchange,
}

thread_local! {
    // loom runs a model's threads on the OS thread of the test.
    static PLANTED: Cell<Bug> = const { Cell::new(Bug::None) };
}

/// Explores `f` with a bug planted.
pub fn explore(bug: Bug, f: impl Fn() + Sync + Send + 'static) {
    PLANTED.set(bug);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(f);
}

fn order(wanted: Ordering) -> Ordering {
    if PLANTED.get() == Bug::RelaxedOrders { Ordering::Relaxed } else { wanted }
}

macro_rules! atomic {
    ($name:ident, $inner:ty, $value:ty) => {
        pub struct $name($inner);

        #[allow(dead_code)]
        impl $name {
            pub fn new(value: $value) -> Self {
                $name(<$inner>::new(value))
            }
            pub fn load(&self, o: Ordering) -> $value {
                self.0.load(order(o))
            }
            pub fn store(&self, value: $value, o: Ordering) {
                self.0.store(value, order(o));
            }
            pub fn swap(&self, value: $value, o: Ordering) -> $value {
                self.0.swap(value, order(o))
            }
            pub fn fetch_add(&self, value: $value, o: Ordering) -> $value {
                self.0.fetch_add(value, order(o))
            }
            pub fn fetch_sub(&self, value: $value, o: Ordering) -> $value {
                self.0.fetch_sub(value, order(o))
            }
            pub fn fetch_or(&self, value: $value, o: Ordering) -> $value {
                self.0.fetch_or(value, order(o))
            }
            pub fn fetch_and(&self, value: $value, o: Ordering) -> $value {
                self.0.fetch_and(value, order(o))
            }
            pub fn compare_exchange(
                &self,
                old: $value,
                new: $value,
                ok: Ordering,
                no: Ordering,
            ) -> Result<$value, $value> {
                if PLANTED.get() == Bug::BlindExchange {
                    self.0.store(new, order(ok));
                    return Ok(old);
                }
                self.0.compare_exchange(old, new, order(ok), order(no))
            }
            pub fn compare_exchange_weak(
                &self,
                old: $value,
                new: $value,
                ok: Ordering,
                no: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(old, new, ok, no)
            }
        }
    };
}
atomic!(AtomicU32, model::AtomicU32, u32);
atomic!(AtomicU64, model::AtomicU64, u64);

/// A machine that may give up says so by `Some`: it then does so unless it is woken at once.
pub type Deadline<'a> = Option<&'a ()>;

#[derive(Clone, Copy)]
pub enum Half {
    Low,
    High,
}

/// The kernel's queue: who sleeps on which address, longest first.
#[derive(Default)]
struct Sleepers {
    all: Vec<(usize, u32)>,
    tickets: u32,
}

#[derive(Default)]
struct Queue {
    sleepers: Mutex<Sleepers>,
    changed: Condvar,
}

loom::lazy_static! {
    static ref QUEUE: Queue = Queue::default();
}

/// Sleeps on an address until woken, or for a moment only. False if that is over first.
fn sleep_while(address: usize, patient: bool, unchanged: impl FnOnce() -> bool) -> bool {
    let unchecked = PLANTED.get() == Bug::UncheckedSleep;
    let mut sleepers = QUEUE.sleepers.lock().expect("not poisoned");
    if !unchecked && !unchanged() {
        return true;
    }
    sleepers.tickets += 1;
    let me = (address, sleepers.tickets);
    sleepers.all.push(me);
    if !patient {
        drop(sleepers);
        loom::thread::yield_now();
        sleepers = QUEUE.sleepers.lock().expect("not poisoned");
        let asleep = sleepers.all.contains(&me);
        sleepers.all.retain(|s| *s != me);
        return !asleep;
    }
    while sleepers.all.contains(&me) {
        sleepers = QUEUE.changed.wait(sleepers).expect("not poisoned");
    }
    true
}

fn wake_address(address: usize, count: i32) {
    if PLANTED.get() == Bug::DroppedWake {
        return;
    }
    let mut left = if PLANTED.get() == Bug::WakesOne { 1 } else { count };
    let mut sleepers = QUEUE.sleepers.lock().expect("not poisoned");
    sleepers.all.retain(|s| {
        let stays = s.0 != address || left == 0;
        left -= i32::from(!stays);
        stays
    });
    QUEUE.changed.notify_all();
}

pub fn wait(word: &AtomicU32, expected: u32, _: Scope) {
    sleep_while(ptr::from_ref(word).addr(), true, || word.load(Ordering::Relaxed) == expected);
}

pub fn wake(word: *const AtomicU32, count: i32, _: Scope) {
    wake_address(word.addr(), count);
}

fn half(word: &AtomicU64, which: Half) -> u32 {
    let value = word.load(Ordering::Relaxed);
    match which {
        Half::Low => value as u32,
        Half::High => (value >> 32) as u32,
    }
}

fn address_of(word: *const AtomicU64, which: Half) -> usize {
    word.addr() + 4 * usize::from(matches!(which, Half::High))
}

pub fn wait_half(word: &AtomicU64, which: Half, expected: u32, _: Scope) {
    sleep_while(address_of(word, which), true, || half(word, which) == expected);
}

pub fn wait_half_or_canceled(
    word: &AtomicU64,
    which: Half,
    expected: u32,
    _: Scope,
    deadline: Deadline<'_>,
) -> Result<(), Errno> {
    let woken = sleep_while(address_of(word, which), deadline.is_none(), || half(word, which) == expected);
    if woken { Ok(()) } else { Err(Errno::ETIMEDOUT) }
}

pub fn wake_half(word: *const AtomicU64, which: Half, count: i32, _: Scope) {
    wake_address(address_of(word, which), count);
}
