//! The `drand48` family: 48 bits of linear congruential state.

use core::ffi::{c_double, c_int, c_long, c_ushort};

use tidal_rt::lock::RawLock;

/// `struct drand48_data` of `<stdlib.h>`.
#[repr(C)]
pub struct Data {
    x: [c_ushort; 3],
    old_x: [c_ushort; 3],
    increment: c_ushort,
    initialised: c_ushort,
    multiplier: u64,
}

const _: () = assert!(size_of::<Data>() == 24);

const MULTIPLIER: u64 = 0x5_deec_e66d;
const INCREMENT: c_ushort = 0xb;

static LOCK: RawLock = RawLock::new();
/// The state of the functions without `_r`, guarded by [`LOCK`].
static mut GLOBAL: Data =
    Data { x: [0; 3], old_x: [0; 3], increment: INCREMENT, initialised: 1, multiplier: MULTIPLIER };

/// Runs `f` on the global state.
fn with_global<R>(f: impl FnOnce(&mut Data) -> R) -> R {
    LOCK.lock();
    let data = &raw mut GLOBAL;
    // SAFETY: the lock is held.
    let result = f(unsafe { &mut *data });
    // SAFETY: locked above, by this thread.
    unsafe { LOCK.unlock() };
    result
}

fn join(x: &[c_ushort; 3]) -> u64 {
    u64::from(x[0]) | u64::from(x[1]) << 16 | u64::from(x[2]) << 32
}

fn split(x: u64) -> [c_ushort; 3] {
    [x as c_ushort, (x >> 16) as c_ushort, (x >> 32) as c_ushort]
}

/// The state after `x`, with the constants of `data`.
fn step(data: &mut Data, x: &mut [c_ushort; 3]) -> u64 {
    if data.initialised == 0 {
        (data.multiplier, data.increment, data.initialised) = (MULTIPLIER, INCREMENT, 1);
    }
    let next = join(x).wrapping_mul(data.multiplier).wrapping_add(data.increment.into()) & ((1 << 48) - 1);
    *x = split(next);
    next
}

fn step_own(data: &mut Data) -> u64 {
    let mut x = data.x;
    let next = step(data, &mut x);
    data.x = x;
    next
}

/// In [0, 1): the 48 bits as a fraction.
fn fraction(x: u64) -> c_double {
    f64::from_bits(0x3ff << 52 | x << 4) - 1.0
}

fn non_negative(x: u64) -> c_long {
    (x >> 17) as c_long
}

fn signed(x: u64) -> c_long {
    ((x >> 16) as i32).into()
}

/// Defines a number's four functions: from the global state, from an array, and both with `_r`.
macro_rules! numbers {
    ($($what:literal $type:ty, $of:ident: $own:ident $array:ident $own_r:ident $array_r:ident;)*) => { $(
        #[doc = concat!($what, ", from the common state.")]
        ///
        /// Signal-safe: no. Vfork-safe: yes.
        /// Source: POSIX, drand48(3).
        #[unsafe(no_mangle)]
        pub extern "C" fn $own() -> $type {
            $of(with_global(step_own))
        }

        #[doc = concat!($what, ", from the state `x`.")]
        ///
        /// Signal-safe: no. Vfork-safe: yes.
        /// Source: POSIX, drand48(3).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $array(x: *mut [c_ushort; 3]) -> $type {
            // SAFETY: `x` is valid.
            $of(with_global(|data| step(data, unsafe { &mut *x })))
        }

        #[doc = concat!($what, ", from a state of the caller's.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: drand48_r(3).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $own_r(data: *mut Data, result: *mut $type) -> c_int {
            // SAFETY: both are valid.
            unsafe { *result = $of(step_own(&mut *data)) };
            0
        }

        #[doc = concat!($what, ", from the state `x` with the constants of `data`.")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        /// Source: drand48_r(3).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $array_r(x: *mut [c_ushort; 3], data: *mut Data, result: *mut $type) -> c_int {
            // SAFETY: all are valid. `x` may be the state within `data`, so it is copied.
            unsafe {
                let mut copy = *x;
                let next = step(&mut *data, &mut copy);
                *x = copy;
                *result = $of(next);
            }
            0
        }
    )* };
}

numbers! {
    "A number in [0, 1)" c_double, fraction: drand48 erand48 drand48_r erand48_r;
    "A number from 0 to 2^31 - 1" c_long, non_negative: lrand48 nrand48 lrand48_r nrand48_r;
    "A number from -2^31 to 2^31 - 1" c_long, signed: mrand48 jrand48 mrand48_r jrand48_r;
}

fn seed(data: &mut Data, value: c_long) {
    data.x = [0x330e, value as c_ushort, (value >> 16) as c_ushort];
    (data.multiplier, data.increment, data.initialised) = (MULTIPLIER, INCREMENT, 1);
}

fn seed_array(data: &mut Data, x: [c_ushort; 3]) {
    data.old_x = data.x;
    data.x = x;
    (data.multiplier, data.increment, data.initialised) = (MULTIPLIER, INCREMENT, 1);
}

fn set_constants(data: &mut Data, all: &[c_ushort; 7]) {
    data.x = [all[0], all[1], all[2]];
    data.multiplier = join(&[all[3], all[4], all[5]]);
    data.increment = all[6];
    data.initialised = 1;
}

/// Sets the high 32 bits of the state.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, srand48(3).
#[unsafe(no_mangle)]
pub extern "C" fn srand48(value: c_long) {
    with_global(|data| seed(data, value));
}

/// Sets the state and returns the previous one, in a place that the next call overwrites.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, seed48(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seed48(x: *mut [c_ushort; 3]) -> *mut c_ushort {
    with_global(|data| {
        // SAFETY: `x` is valid.
        seed_array(data, unsafe { *x });
        data.old_x.as_mut_ptr()
    })
}

/// Sets state, multiplier and increment.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, lcong48(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lcong48(all: *mut [c_ushort; 7]) {
    // SAFETY: `all` is valid.
    with_global(|data| set_constants(data, unsafe { &*all }));
}

/// [`srand48`] on a state of the caller's.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: drand48_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn srand48_r(value: c_long, data: *mut Data) -> c_int {
    // SAFETY: `data` is valid.
    unsafe { seed(&mut *data, value) };
    0
}

/// [`seed48`] on a state of the caller's.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: drand48_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn seed48_r(x: *mut [c_ushort; 3], data: *mut Data) -> c_int {
    // SAFETY: both are valid.
    unsafe { seed_array(&mut *data, *x) };
    0
}

/// [`lcong48`] on a state of the caller's.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: drand48_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lcong48_r(all: *mut [c_ushort; 7], data: *mut Data) -> c_int {
    // SAFETY: both are valid.
    unsafe { set_constants(&mut *data, &*all) };
    0
}
