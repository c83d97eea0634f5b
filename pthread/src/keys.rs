//! Thread-specific data: 1024 keys, a value of each in every thread, destructors at a thread's end.
//!
//! A key's generation is odd while it exists. A thread's slot names the generation that its value belongs to, so that a
//! deleted key's values are gone in all threads at once, and a new key of the same number begins with null in all.

use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{
    AtomicPtr, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

use tidal_rt::Errno;

use crate::thread::{self, Thread};

/// `PTHREAD_KEYS_MAX`.
pub const COUNT: usize = 1024;
/// `PTHREAD_DESTRUCTOR_ITERATIONS`.
pub const ROUNDS: usize = 4;

/// What runs with a thread's value when it ends; called with null in the slot.
pub type Destructor = extern "C" fn(*mut c_void);

struct Key {
    generation: AtomicUsize,
    /// 0 or a [`Destructor`].
    destructor: AtomicUsize,
}

static KEYS: [Key; COUNT] =
    [const { Key { generation: AtomicUsize::new(0), destructor: AtomicUsize::new(0) } }; COUNT];

/// A thread's value of one key.
pub struct Slot {
    generation: AtomicUsize,
    value: AtomicPtr<c_void>,
}

fn exists(generation: usize) -> bool {
    generation & 1 == 1
}

/// Makes a key.
///
/// # Errors
/// `EAGAIN` when all exist.
pub fn create(destructor: Option<Destructor>) -> Result<u32, Errno> {
    for (number, key) in KEYS.iter().enumerate() {
        let generation = key.generation.load(Relaxed);
        if !exists(generation)
            && key.generation.compare_exchange(generation, generation + 1, AcqRel, Relaxed).is_ok()
        {
            key.destructor.store(destructor.map_or(0, |f| f as usize), Release);
            return Ok(number as u32);
        }
    }
    Err(Errno::EAGAIN)
}

/// Deletes a key; destructors do not run.
///
/// # Errors
/// `EINVAL` if there is no such key.
pub fn delete(key: u32) -> Result<(), Errno> {
    let key = KEYS.get(key as usize).ok_or(Errno::EINVAL)?;
    let generation = key.generation.load(Relaxed);
    if !exists(generation) {
        return Err(Errno::EINVAL);
    }
    // Cleared first: whoever makes the key anew stores its own.
    key.destructor.store(0, Relaxed);
    key.generation
        .compare_exchange(generation, generation + 1, AcqRel, Relaxed)
        .map_or(Err(Errno::EINVAL), |_| Ok(()))
}

/// The running thread's value; null if it set none.
#[inline]
pub fn get(key: u32) -> *mut c_void {
    let (Some(slot), Some(key)) = (thread::current().slots.get(key as usize), KEYS.get(key as usize)) else {
        return ptr::null_mut();
    };
    let value = slot.value.load(Relaxed);
    if value.is_null() || slot.generation.load(Relaxed) == key.generation.load(Relaxed) {
        value
    } else {
        ptr::null_mut()
    }
}

/// Sets the running thread's value.
///
/// # Errors
/// `EINVAL` if there is no such key.
pub fn set(key: u32, value: *const c_void) -> Result<(), Errno> {
    let me = thread::current();
    let number = key as usize;
    let key = KEYS.get(number).ok_or(Errno::EINVAL)?;
    let generation = key.generation.load(Acquire);
    if !exists(generation) {
        return Err(Errno::EINVAL);
    }
    let slot = &me.slots[number];
    // Null in between, for a signal handler that reads the slot now.
    slot.value.store(ptr::null_mut(), Relaxed);
    slot.generation.store(generation, Relaxed);
    slot.value.store(value.cast_mut(), Relaxed);
    me.keys_used.fetch_max(number + 1, Relaxed);
    Ok(())
}

/// At the running thread's end: calls destructors until all values are null, at most [`ROUNDS`] times through.
pub(crate) fn run_destructors(me: &Thread) {
    for _ in 0..ROUNDS {
        if !one_round(me) {
            break;
        }
    }
}

/// Empties the slots of a thread that is gone.
pub(crate) fn clear(thread: &Thread) {
    for slot in &thread.slots[..thread.keys_used.load(Relaxed)] {
        slot.value.store(ptr::null_mut(), Relaxed);
    }
}

fn one_round(me: &Thread) -> bool {
    let mut called = false;
    let mut number = 0;
    // A destructor may set values of further keys.
    while number < me.keys_used.load(Relaxed) {
        let (slot, key) = (&me.slots[number], &KEYS[number]);
        number += 1;
        let value = slot.value.swap(ptr::null_mut(), Relaxed);
        let generation = key.generation.load(Acquire);
        if value.is_null() || !exists(generation) || slot.generation.load(Relaxed) != generation {
            continue;
        }
        let destructor = key.destructor.load(Acquire);
        if destructor != 0 {
            // SAFETY: `create` stores nothing but destructors.
            let destructor: Destructor = unsafe { core::mem::transmute(destructor) };
            destructor(value);
            called = true;
        }
    }
    called
}
