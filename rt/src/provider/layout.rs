//! What a KTLS kernel offers, and whether a block can be laid out for it.
//!
//! The area is the kernel's: we reserve as many bytes as it asks for and know of two parts by their offsets. `struct
//! rseq` comes first; a TID lies behind its 32 bytes in areas that are long enough to have one. What else a later kernel
//! puts there is its own business.

use core::ffi::CStr;

/// `struct rseq_ktls_layout`, the answer to `RSEQ_FLAG_GET_KTLS_LAYOUT`.
#[repr(C)]
#[derive(Clone, Copy, Default, Debug)]
pub struct Layout {
    /// Bytes that the kernel may write.
    pub size: u32,
    /// What the area's address must be a multiple of.
    pub alignment: u32,
    /// The offset that the process has set, 0 while it has none.
    pub offset: u64,
}

/// What to reserve, and what the kernel will keep in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Area {
    /// Bytes.
    pub size: usize,
    /// Alignment in bytes, a power of two.
    pub align: usize,
    /// Offset of the TID in the area, if the kernel keeps one.
    pub tid: Option<usize>,
}

/// `struct rseq` up to and with its `flags`: what the RFC's code offers as posted, and the least that Tidal uses.
const LEAST_SIZE: usize = 20;
/// `struct rseq` with its padding, and what its address is a multiple of.
const RSEQ_SIZE: usize = 32;
/// Where the TID is.
const TID: usize = RSEQ_SIZE;
/// The block keeps its area at a multiple of this.
const LARGEST_ALIGN: usize = 256;
/// Every thread pays for the area; more than a page is taken for nonsense.
const LARGEST_SIZE: usize = 4096;

impl Layout {
    /// The area for this layout, or why there can be none: then the mainline provider serves.
    pub fn area(&self) -> Result<Area, &'static CStr> {
        let (size, align) = (self.size as usize, self.alignment as usize);
        match () {
            () if self.offset != 0 => Err(crate::start_text!("an offset is set already")),
            () if size < LEAST_SIZE => {
                Err(crate::start_text!("the kernel's area is smaller than struct rseq"))
            }
            () if size > LARGEST_SIZE => Err(crate::start_text!("the kernel's area is larger than a page")),
            () if !align.is_power_of_two() => {
                Err(crate::start_text!("the kernel's alignment is not a power of two"))
            }
            () if align > LARGEST_ALIGN => {
                Err(crate::start_text!("the kernel's alignment is larger than the block's, 256 bytes"))
            }
            () => {
                let tid = (size >= TID + size_of::<u32>()).then_some(TID);
                Ok(Area { size, align: align.max(RSEQ_SIZE), tid })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(size: u32, alignment: u32) -> Result<Area, &'static CStr> {
        Layout { size, alignment, offset: 0 }.area()
    }

    #[test]
    fn with_and_without_tid() {
        assert_eq!(area(36, 32), Ok(Area { size: 36, align: 32, tid: Some(32) }));
        assert_eq!(area(32, 32), Ok(Area { size: 32, align: 32, tid: None }));
        assert_eq!(area(20, 32), Ok(Area { size: 20, align: 32, tid: None }), "the RFC as posted");
        assert_eq!(area(35, 32), Ok(Area { size: 35, align: 32, tid: None }), "half a TID is none");
    }

    #[test]
    fn larger_areas_and_other_alignments() {
        assert_eq!(area(200, 64), Ok(Area { size: 200, align: 64, tid: Some(32) }));
        assert_eq!(area(4096, 256), Ok(Area { size: 4096, align: 256, tid: Some(32) }));
        assert_eq!(area(36, 1), Ok(Area { size: 36, align: 32, tid: Some(32) }), "rseq itself wants 32");
    }

    #[test]
    fn declined_with_a_reason() {
        for (size, alignment) in [(0, 32), (19, 32), (4097, 32), (u32::MAX, 32), (36, 0), (36, 48), (36, 512)]
        {
            let reason = area(size, alignment).expect_err("cannot be laid out");
            assert!(!reason.is_empty());
        }
        assert!(Layout { size: 36, alignment: 32, offset: 64 }.area().is_err());
    }
}
