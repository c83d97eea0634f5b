//! `random`, `rand` and relatives: additive feedback, the same numbers as glibc's for the same seeds.
//!
//! A state array is one word that names the type (and where the front pointer stands), then the table. Type 0 is a linear
//! congruential generator on one word; the others add two words of the table at a fixed distance.

use core::ffi::{c_char, c_int, c_long, c_uint};
use core::ptr::null_mut;

use tidal_rt::Errno;
use tidal_rt::lock::RawLock;

/// `struct random_data` of `<stdlib.h>`.
#[repr(C)]
pub struct RandomData {
    front: *mut i32,
    rear: *mut i32,
    state: *mut i32,
    kind: c_int,
    degree: c_int,
    separation: c_int,
    end: *mut i32,
}

const _: () = assert!(size_of::<RandomData>() == 48);

/// Words in the table and distance of the pointers, by type.
const DEGREES: [(usize, usize); 5] = [(0, 0), (7, 3), (15, 1), (31, 3), (63, 1)];
/// The smallest state array of each type, in bytes.
const SIZES: [usize; 5] = [8, 32, 64, 128, 256];

const fn next_seed(word: i32) -> i32 {
    // 16807 * word mod 2^31 - 1, without overflow.
    let word = 16807 * (word % 127_773) - 2836 * (word / 127_773);
    if word < 0 { word + 0x7fff_ffff } else { word }
}

/// The state array after `srandom(1)`, which programs that never seed get.
const INITIAL: [i32; 32] = {
    let mut all = [0i32; 32];
    let (degree, separation) = DEGREES[3];
    all[1] = 1;
    let mut i = 2;
    while i <= degree {
        all[i] = next_seed(all[i - 1]);
        i += 1;
    }
    let (mut front, mut rear, mut n) = (separation, 0, 0);
    while n < 10 * degree {
        all[1 + front] = all[1 + front].wrapping_add(all[1 + rear]);
        front = (front + 1) % degree;
        rear = (rear + 1) % degree;
        n += 1;
    }
    // The front pointer is back at the separation: 310 is a multiple of 31.
    all[0] = 3;
    all
};

struct Global {
    state: [i32; 32],
    data: RandomData,
}

static LOCK: RawLock = RawLock::new();
/// The generator of the functions without `_r`, guarded by [`LOCK`].
static mut GLOBAL: Global = Global {
    state: INITIAL,
    data: RandomData {
        front: null_mut(),
        rear: null_mut(),
        state: null_mut(),
        kind: 3,
        degree: 31,
        separation: 3,
        end: null_mut(),
    },
};

/// Runs `f` on the global generator.
fn with_global<R>(f: impl FnOnce(&mut RandomData) -> R) -> R {
    LOCK.lock();
    // SAFETY: the lock is held, and the pointers are into the static beside them.
    let result = unsafe {
        let global = &raw mut GLOBAL;
        if (*global).data.state.is_null() {
            let table = (&raw mut (*global).state).cast::<i32>().add(1);
            let data = &mut (*global).data;
            (data.state, data.front, data.rear, data.end) = (table, table.add(3), table, table.add(31));
        }
        f(&mut (*global).data)
    };
    // SAFETY: locked above, by this thread.
    unsafe { LOCK.unlock() };
    result
}

/// The next number.
///
/// # Safety
/// The pointers of `data` are into a table as its type says.
unsafe fn next(data: &mut RandomData) -> i32 {
    // SAFETY: the pointers wrap at the end of the table.
    unsafe {
        if data.kind == 0 {
            let value = ((*data.state).wrapping_mul(1_103_515_245).wrapping_add(12345)) & 0x7fff_ffff;
            *data.state = value;
            return value;
        }
        let sum = (*data.front).wrapping_add(*data.rear);
        *data.front = sum;
        let advance = |p: *mut i32| if p.add(1) >= data.end { data.state } else { p.add(1) };
        (data.front, data.rear) = (advance(data.front), advance(data.rear));
        (sum as u32 >> 1) as i32
    }
}

/// # Safety
/// As for [`next`].
unsafe fn seed(data: &mut RandomData, seed: c_uint) {
    // SAFETY: the table has `degree` words, type 0 one.
    unsafe {
        let mut word = if seed == 0 { 1 } else { seed as i32 };
        *data.state = word;
        if data.kind == 0 {
            return;
        }
        let (degree, separation) = DEGREES[data.kind as usize];
        for i in 1..degree {
            word = next_seed(word);
            *data.state.add(i) = word;
        }
        (data.front, data.rear) = (data.state.add(separation), data.state);
        for _ in 0..10 * degree {
            next(data);
        }
    }
}

/// Writes type and position into the word before the table, for `setstate` to find.
///
/// # Safety
/// As for [`next`].
unsafe fn save(data: &RandomData) {
    // SAFETY: a word precedes the table.
    unsafe {
        let position = if data.kind == 0 { 0 } else { data.rear.offset_from(data.state) as i32 };
        *data.state.sub(1) = position * 5 + data.kind;
    }
}

/// # Safety
/// `array` has `n` bytes, aligned; `data.state` is null or as for [`next`].
unsafe fn init(data: &mut RandomData, first: c_uint, array: *mut i32, n: usize) -> Result<(), Errno> {
    let kind = SIZES.iter().rposition(|size| n >= *size).ok_or(Errno::EINVAL)?;
    // SAFETY: the array has room for the type word and the table.
    unsafe {
        if !data.state.is_null() {
            save(data);
        }
        let (degree, separation) = DEGREES[kind];
        data.kind = kind as c_int;
        data.degree = degree as c_int;
        data.separation = separation as c_int;
        data.state = array.add(1);
        data.end = data.state.add(degree);
        seed(data, first);
        save(data);
    }
    Ok(())
}

/// # Safety
/// `array` was filled by [`init`]; `data` is as for [`next`].
unsafe fn switch(data: &mut RandomData, array: *mut i32) -> Result<(), Errno> {
    // SAFETY: the first word says how large the table is.
    unsafe {
        let kind = usize::try_from(*array % 5).map_err(|_| Errno::EINVAL)?;
        let rear = (*array / 5) as usize;
        save(data);
        let (degree, separation) = DEGREES[kind];
        data.kind = kind as c_int;
        data.degree = degree as c_int;
        data.separation = separation as c_int;
        data.state = array.add(1);
        if kind != 0 {
            data.rear = data.state.add(rear);
            data.front = data.state.add((rear + separation) % degree);
        }
        data.end = data.state.add(degree);
    }
    Ok(())
}

/// A number from 0 to 2^31 - 1.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, random(3).
#[unsafe(no_mangle)]
pub extern "C" fn random() -> c_long {
    // SAFETY: the global generator is well formed.
    with_global(|data| unsafe { next(data) }).into()
}

/// Starts the sequence of `first`.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, random(3).
#[unsafe(no_mangle)]
pub extern "C" fn srandom(first: c_uint) {
    // SAFETY: the global generator is well formed.
    with_global(|data| unsafe { seed(data, first) });
}

/// [`random`] under ISO C's name.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: ISO C, rand(3).
#[unsafe(no_mangle)]
pub extern "C" fn rand() -> c_int {
    random() as c_int
}

/// [`srandom`] under ISO C's name.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: ISO C, srand(3).
#[unsafe(no_mangle)]
pub extern "C" fn srand(first: c_uint) {
    srandom(first);
}

/// Makes `array` the state and starts the sequence of `first`; returns the previous array.
///
/// # Errors
/// Null and `EINVAL` for an array of less than 8 bytes.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, initstate(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn initstate(first: c_uint, array: *mut c_char, n: usize) -> *mut c_char {
    crate::errno::or_errno(with_global(|data| {
        let old = data.state.wrapping_sub(1).cast();
        // SAFETY: `array` has `n` bytes and stays until the next array.
        unsafe { init(data, first, array.cast(), n) }.map(|()| old)
    }))
}

/// Makes an array of [`initstate`] the state again, where it stood; returns the previous array.
///
/// # Errors
/// Null and `EINVAL` for something else.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, setstate(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setstate(array: *mut c_char) -> *mut c_char {
    crate::errno::or_errno(with_global(|data| {
        let old = data.state.wrapping_sub(1).cast();
        // SAFETY: `array` is one of initstate's.
        unsafe { switch(data, array.cast()) }.map(|()| old)
    }))
}

/// [`random`] on a state of the caller's.
///
/// # Errors
/// -1 and `EINVAL` for null pointers.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: random_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn random_r(data: *mut RandomData, result: *mut i32) -> c_int {
    if data.is_null() || result.is_null() {
        return crate::errno::or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: `data` was set up by `initstate_r`.
    unsafe { *result = next(&mut *data) };
    0
}

/// [`srandom`] on a state of the caller's.
///
/// # Errors
/// -1 for null or a bad type.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: random_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn srandom_r(first: c_uint, data: *mut RandomData) -> c_int {
    // SAFETY: `data` is null or was set up by `initstate_r`.
    unsafe {
        if data.is_null() || !(0..5).contains(&(*data).kind) {
            return -1;
        }
        seed(&mut *data, first);
    }
    0
}

/// [`initstate`] on a state of the caller's.
///
/// # Errors
/// -1 and `EINVAL` for null or a small array.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: random_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn initstate_r(
    first: c_uint,
    array: *mut c_char,
    n: usize,
    data: *mut RandomData,
) -> c_int {
    if data.is_null() {
        return crate::errno::or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: `data` is zeroed or was set up before, and `array` has `n` bytes.
    crate::errno::zero_or_errno(unsafe { init(&mut *data, first, array.cast(), n) })
}

/// [`setstate`] on a state of the caller's.
///
/// # Errors
/// -1 and `EINVAL` for null or something that is no state.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: random_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn setstate_r(array: *mut c_char, data: *mut RandomData) -> c_int {
    if data.is_null() || array.is_null() {
        return crate::errno::or_errno(Err(Errno::EINVAL));
    }
    // SAFETY: `data` and `array` were set up by `initstate_r`.
    crate::errno::zero_or_errno(unsafe { switch(&mut *data, array.cast()) })
}

/// A number from 0 to 2^31 - 1 from 32 bits of state: three steps of a linear congruential generator.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, rand_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rand_r(state: *mut c_uint) -> c_int {
    // SAFETY: `state` is valid.
    let mut word = unsafe { *state };
    let mut step = |bits: u32| {
        word = word.wrapping_mul(1_103_515_245).wrapping_add(12345);
        (word >> 16) & ((1 << bits) - 1)
    };
    let result = step(11) << 20 | step(10) << 10 | step(10);
    // SAFETY: the same.
    unsafe { *state = word };
    result as c_int
}
