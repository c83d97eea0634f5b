//! Size classes: multiples of 16 up to 128 bytes, then eight to a doubling up to 256 KiB, so that rounding wastes at most
//! an eighth. Class 0 means "no class". A class's objects lie side by side in a span, object `k` at `k * size`; a span
//! is a multiple of its own length, so an object is aligned to every power of two that divides its size.

/// Bytes of a page-map granule and of a span of small objects.
pub(crate) const GRANULE: usize = 256 << 10;
/// Bytes of a span of objects above [`SMALL_SPAN_MAX`].
pub(crate) const MEDIUM_SPAN: usize = 2 << 20;
/// Largest object in a span of one granule.
const SMALL_SPAN_MAX: usize = 32 << 10;
/// Largest size that has a class; above it, memory comes in pages.
pub(crate) const LARGEST: usize = 256 << 10;
/// Classes including class 0.
pub(crate) const COUNT: usize = 97;
/// Largest size of which every multiple of 16 has a class, numbered by that multiple.
pub(crate) const FINE: usize = 128;
/// Largest size whose class is looked up instead of computed.
pub(crate) const LOOKED_UP: usize = 1024;
/// The most that one chain of cached objects holds: what a link's compressed form has bits for, minus room.
pub(crate) const CHAIN_MAX: usize = 64;
/// Bytes that one chain of cached objects holds at most, if it is more than one object.
const CHAIN_BYTES: usize = 64 << 10;

/// The class for `size` bytes, or 0 where there is none.
#[inline]
pub(crate) const fn of(size: usize) -> usize {
    if size <= FINE {
        return if size == 0 { 1 } else { size.div_ceil(16) };
    }
    if size > LARGEST {
        return 0;
    }
    let last = size - 1;
    let doubling = last.ilog2() as usize;
    8 * doubling + (last >> (doubling - 3)) - 55
}

/// Bytes of one object of a class.
#[inline]
pub(crate) const fn size(class: usize) -> usize {
    if class <= FINE / 16 {
        return class * 16;
    }
    let step = class - 9;
    let doubling = 7 + step / 8;
    (1 << doubling) + ((step % 8 + 1) << (doubling - 3))
}

/// Bytes of one span of a class.
#[inline]
pub(crate) const fn span(class: usize) -> usize {
    if size(class) <= SMALL_SPAN_MAX { GRANULE } else { MEDIUM_SPAN }
}

/// Objects in a span of a class.
#[inline]
pub(crate) const fn capacity(class: usize) -> usize {
    span(class) / size(class)
}

/// The first object that a span hands out. Spans start on the same cache sets, so their first objects are spread.
#[inline]
pub(crate) const fn first(class: usize) -> usize {
    let size = size(class);
    if size > 512 { 0 } else { (class * 448 % 4096) / size }
}

/// Objects in a full chain of a class.
pub(crate) const fn chain(class: usize) -> usize {
    if class == 0 {
        return 0;
    }
    let count = CHAIN_BYTES / size(class);
    if count == 0 {
        1
    } else if count > CHAIN_MAX {
        CHAIN_MAX
    } else {
        count
    }
}

/// Objects of a class that a CPU's list has at most. With a list on the shelf as well, or a magazine, a CPU keeps up to twice
/// as many; of the largest, which make chains of one, few should be idle.
pub(crate) const fn most_kept(class: usize) -> usize {
    let chain = chain(class);
    if chain == 1 { 1 } else { 2 * chain }
}

/// The smallest class whose objects hold `size` bytes on multiples of `align`, or 0.
pub(crate) fn aligned(size_wanted: usize, align: usize) -> usize {
    let mut class = of(size_wanted.max(align));
    while class != 0 && class < COUNT {
        if size(class).is_multiple_of(align) {
            return class;
        }
        class += 1;
    }
    0
}

/// `ceil(2^64 / size)`: an offset `n` below 2^21 is a multiple of the size exactly if `n * magic mod 2^64 < magic`
/// (Lemire, Kaser, Kurz, "Faster remainder by direct computation", 2019). 0 for class 0, which nothing is below.
pub(crate) const fn magic(class: usize) -> u64 {
    if class == 0 { 0 } else { u64::MAX / size(class) as u64 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_their_sizes_with_little_waste() {
        for wanted in 0..=LARGEST {
            let class = of(wanted);
            assert!(class > 0 && class < COUNT && size(class) >= wanted);
            assert!(class == 1 || size(class - 1) < wanted, "{wanted} has a smaller class");
            if wanted > 128 {
                assert!((size(class) - wanted) * 8 <= wanted, "{wanted} wastes more than an eighth");
            }
        }
        assert_eq!(of(LARGEST + 1), 0);
        assert_eq!(size(COUNT - 1), LARGEST);
    }

    #[test]
    fn magic_tells_multiples() {
        for class in 1..COUNT {
            let (size, magic) = (size(class), magic(class));
            let step = if span(class) == GRANULE { 1 } else { 7 };
            for n in (0..span(class)).step_by(step) {
                assert_eq!((n as u64).wrapping_mul(magic) < magic, n % size == 0, "{n} of {size}");
            }
        }
    }

    #[test]
    fn aligned_classes_are() {
        for shift in 4..=18 {
            for wanted in [0, 1, 100, 5000, 100_000, LARGEST] {
                let class = aligned(wanted, 1 << shift);
                assert!(class != 0 && size(class) >= wanted && size(class).is_multiple_of(1 << shift));
            }
        }
    }
}
