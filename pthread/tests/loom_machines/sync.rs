//! What the machines stand on, in a model: loom's atomics and a futex made of a mutex and a condition variable. Bugs can
//! be planted here, so that the machines' own source is what is tested, with the bug and without.

use std::cell::Cell;

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

/// A machine that may give up says so by `Some`: it then does not sleep at all.
pub type Deadline<'a> = Option<&'a ()>;

#[derive(Clone, Copy)]
pub enum Half {
    Low,
    High,
}

#[derive(Default)]
struct Queue {
    lock: Mutex<()>,
    sleepers: Condvar,
}

loom::lazy_static! {
    static ref QUEUE: Queue = Queue::default();
}

/// One queue for all words: more wakes than the kernel gives, which every sleeper allows for.
fn sleep_while(unchanged: impl FnOnce() -> bool) {
    let unchecked = PLANTED.get() == Bug::UncheckedSleep;
    let guard = QUEUE.lock.lock().expect("not poisoned");
    if unchecked || unchanged() {
        drop(QUEUE.sleepers.wait(guard).expect("not poisoned"));
    }
}

fn wake_all() {
    if PLANTED.get() != Bug::DroppedWake {
        let _guard = QUEUE.lock.lock().expect("not poisoned");
        QUEUE.sleepers.notify_all();
    }
}

pub fn wait(word: &AtomicU32, expected: u32, _: Scope) {
    sleep_while(|| word.load(Ordering::Relaxed) == expected);
}

pub fn wake(_: *const AtomicU32, _: i32, _: Scope) {
    wake_all();
}

fn half(word: &AtomicU64, which: Half) -> u32 {
    let value = word.load(Ordering::Relaxed);
    match which {
        Half::Low => value as u32,
        Half::High => (value >> 32) as u32,
    }
}

pub fn wait_half(word: &AtomicU64, which: Half, expected: u32, _: Scope) {
    sleep_while(|| half(word, which) == expected);
}

pub fn wait_half_or_canceled(
    word: &AtomicU64,
    which: Half,
    expected: u32,
    scope: Scope,
    deadline: Deadline<'_>,
) -> Result<(), Errno> {
    if deadline.is_some() {
        return Err(Errno::ETIMEDOUT);
    }
    wait_half(word, which, expected, scope);
    Ok(())
}

pub fn wake_half(_: *const AtomicU64, _: Half, _: i32, _: Scope) {
    wake_all();
}
