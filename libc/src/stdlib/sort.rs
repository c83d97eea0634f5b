//! `qsort`, `qsort_r`, `bsearch`.
//!
//! A merge sort: never quadratic, and equal elements keep their order, which programs written with glibc have come to rely
//! on. The scratch array is on the stack when small, else on the heap; without memory a heap sort does it in place.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use tidal_mem::copy::memcpy;

use crate::heap;

type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
type CompareWith = unsafe extern "C" fn(*const c_void, *const c_void, *mut c_void) -> c_int;

/// Scratch space on the stack, in bytes.
const SMALL: usize = 1024;

/// Moves elements. The size is a constant for common sizes, so that copies are single instructions.
trait Move: Copy {
    fn size(self) -> usize;
    /// # Safety
    /// Both are valid for `n` elements and do not overlap.
    unsafe fn copy(self, dst: *mut u8, src: *const u8, n: usize);
}

#[derive(Clone, Copy)]
struct Fixed<const N: usize>;

impl<const N: usize> Move for Fixed<N> {
    #[inline(always)]
    fn size(self) -> usize {
        N
    }
    #[inline(always)]
    unsafe fn copy(self, dst: *mut u8, src: *const u8, n: usize) {
        // SAFETY: by the caller's contract.
        unsafe { dst.cast::<[u8; N]>().copy_from_nonoverlapping(src.cast(), n) }
    }
}

#[derive(Clone, Copy)]
struct Sized(usize);

impl Move for Sized {
    #[inline(always)]
    fn size(self) -> usize {
        self.0
    }
    #[inline(always)]
    unsafe fn copy(self, dst: *mut u8, src: *const u8, n: usize) {
        // SAFETY: by the caller's contract.
        unsafe { memcpy(dst, src, n * self.0) };
    }
}

/// How elements compare: the program's function and its argument.
#[derive(Clone, Copy)]
struct Order {
    compare: CompareWith,
    argument: *mut c_void,
}

impl Order {
    /// Whether `b` comes before `a`, so that equal elements keep their order.
    ///
    /// # Safety
    /// Both are elements.
    #[inline(always)]
    unsafe fn swapped(self, a: *const u8, b: *const u8) -> bool {
        // SAFETY: the program's function gets two of its elements.
        unsafe { (self.compare)(a.cast(), b.cast(), self.argument) > 0 }
    }
}

/// Sorts `n` elements at `base` with `scratch` of the same size. What is compared lies in the array, as ISO C promises
/// the program's function: results are gathered in the scratch space, and copied back.
///
/// # Safety
/// `base` has `n` elements, `scratch` room for `n`.
unsafe fn merge_sort<M: Move>(base: *mut u8, n: usize, scratch: *mut u8, m: M, order: Order) {
    if n < 2 {
        return;
    }
    let size = m.size();
    // SAFETY: all pointers stay within the elements, and no more than `n` of them go to the scratch space.
    unsafe {
        let middle = base.add(n / 2 * size);
        merge_sort(base, n / 2, scratch, m, order);
        merge_sort(middle, n - n / 2, scratch, m, order);
        if !order.swapped(middle.sub(size), middle) {
            return;
        }
        let (mut left, mut right, mut out) = (base, middle, scratch);
        let end = base.add(n * size);
        while left < middle && right < end {
            let least = if order.swapped(left, right) { &mut right } else { &mut left };
            m.copy(out, *least, 1);
            *least = least.add(size);
            out = out.add(size);
        }
        // What is left of the right half is in its place.
        let rest = middle.offset_from_unsigned(left) / size;
        m.copy(out, left, rest);
        m.copy(base, scratch, out.offset_from_unsigned(scratch) / size + rest);
    }
}

/// Exchanges two elements byte by byte.
///
/// # Safety
/// Both are elements of `size` bytes.
unsafe fn exchange(a: *mut u8, b: *mut u8, size: usize) {
    for i in 0..size {
        // SAFETY: within the elements.
        unsafe { core::ptr::swap(a.add(i), b.add(i)) };
    }
}

/// Sorts in place, when there is no memory: not stable.
///
/// # Safety
/// `base` has `n` elements of `size` bytes.
#[cold]
unsafe fn heap_sort(base: *mut u8, n: usize, size: usize, order: Order) {
    // SAFETY: indices are below `n`.
    unsafe {
        let at = |i: usize| base.add(i * size);
        let sift = |mut root: usize, n: usize| {
            while 2 * root + 1 < n {
                let mut child = 2 * root + 1;
                if child + 1 < n && order.swapped(at(child + 1), at(child)) {
                    child += 1;
                }
                if !order.swapped(at(child), at(root)) {
                    break;
                }
                exchange(at(root), at(child), size);
                root = child;
            }
        };
        (0..n / 2).rev().for_each(|root| sift(root, n));
        for last in (1..n).rev() {
            exchange(at(0), at(last), size);
            sift(0, last);
        }
    }
}

/// Sorts `n` elements of `size` bytes by `compare`, which gets `argument` as well.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: qsort_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qsort_r(
    base: *mut c_void,
    n: usize,
    size: usize,
    compare: CompareWith,
    argument: *mut c_void,
) {
    if n < 2 || size == 0 {
        return;
    }
    let order = Order { compare, argument };
    let base: *mut u8 = base.cast();
    let mut small = [0u64; SMALL / 8];
    let needed = n.saturating_mul(size);
    let large = if needed > SMALL { heap::allocate(needed) } else { None };
    let scratch = match large {
        Some(memory) => memory.as_ptr().cast(),
        // SAFETY: the elements are the caller's.
        None if needed > SMALL => return unsafe { heap_sort(base, n, size, order) },
        None => small.as_mut_ptr().cast(),
    };
    // SAFETY: the elements are the caller's, the scratch space has `needed` bytes and is released once.
    unsafe {
        match size {
            4 => merge_sort(base, n, scratch, Fixed::<4>, order),
            8 => merge_sort(base, n, scratch, Fixed::<8>, order),
            16 => merge_sort(base, n, scratch, Fixed::<16>, order),
            _ => merge_sort(base, n, scratch, Sized(size), order),
        }
        heap::release(large.map_or(null_mut(), |memory| memory.as_ptr()));
    }
}

/// Sorts `n` elements of `size` bytes by `compare`. Equal elements keep their order.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: ISO C, qsort(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qsort(base: *mut c_void, n: usize, size: usize, compare: Compare) {
    // SAFETY: on x86-64 a C function ignores an argument more; the rest is the caller's contract.
    unsafe { qsort_r(base, n, size, core::mem::transmute::<Compare, CompareWith>(compare), null_mut()) };
}

/// An element that `compare` finds equal to `key` among `n` sorted ones, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: ISO C, bsearch(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bsearch(
    key: *const c_void,
    base: *const c_void,
    n: usize,
    size: usize,
    compare: Compare,
) -> *mut c_void {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        let element = base.wrapping_byte_add(middle * size);
        // SAFETY: the program's function gets its key and one of its elements.
        match unsafe { compare(key, element) } {
            0 => return element.cast_mut(),
            ..0 => high = middle,
            1.. => low = middle + 1,
        }
    }
    null_mut()
}
