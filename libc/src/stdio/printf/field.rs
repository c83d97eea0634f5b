//! A field: flags, width and precision once their arguments are known.

use tidal_rt::Errno;

use super::arguments::Arguments;
use super::spec::{Spec, flag};

/// How a value is laid out.
#[derive(Clone, Copy)]
pub struct Field {
    /// [`flag`] bits.
    pub flags: u8,
    /// Minimal width in characters.
    pub width: usize,
    /// Precision, where there is one.
    pub precision: Option<usize>,
}

impl Field {
    /// Fetches width and precision. A negative width means `-`; a negative precision, none.
    ///
    /// # Errors
    /// `EOVERFLOW`: a width of `INT_MIN`.
    pub fn new(spec: &Spec, arguments: &mut Arguments) -> Result<Field, Errno> {
        let mut flags = spec.flags;
        let mut width = arguments.amount(spec.width).unwrap_or(0);
        if width < 0 {
            flags |= flag::LEFT;
            width = width.checked_neg().ok_or(Errno::EOVERFLOW)?;
        }
        let precision = arguments.amount(spec.precision).and_then(|n| usize::try_from(n).ok());
        if flags & flag::LEFT != 0 {
            flags &= !flag::ZERO;
        }
        Ok(Field { flags, width: width as usize, precision })
    }
}
