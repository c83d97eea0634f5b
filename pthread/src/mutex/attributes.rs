//! `pthread_mutexattr_t`.

use core::mem::{align_of, size_of};

use tidal_rt::Errno;

use super::kind::{Kind, Protocol, Type};
use super::protect;

/// Mutex attributes; all zero is the default.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Attributes {
    /// In the low 12 bits type, protocol and the flags; above them the ceiling.
    word: u32,
}

const _: () =
    assert!(size_of::<Attributes>() == 4 && align_of::<Attributes>() == 4, "glibc's pthread_mutexattr_t");

const TYPE: u32 = 0x3;
const PROTOCOL_SHIFT: u32 = 4;
const PROTOCOL: u32 = 0x3 << PROTOCOL_SHIFT;
const ROBUST: u32 = 0x40;
const SHARED: u32 = 0x80;
const CEILING_SHIFT: u32 = 12;
/// Bits that no attribute has.
const UNUSED: u32 = !(TYPE | PROTOCOL | ROBUST | SHARED | !0 << CEILING_SHIFT);

impl Attributes {
    /// Normal, private, stalled, no protocol.
    pub const DEFAULT: Attributes = Attributes { word: 0 };

    fn set(&mut self, mask: u32, bits: u32) {
        self.word = (self.word & !mask) | bits;
    }

    /// The type as `<pthread.h>` numbers it.
    pub fn kind_number(&self) -> i32 {
        (self.word & TYPE) as i32
    }

    /// Sets the type by its number.
    ///
    /// # Errors
    /// `EINVAL` for a number that names no type.
    pub fn set_kind_number(&mut self, number: i32) -> Result<(), Errno> {
        if !(0..=3).contains(&number) {
            return Err(Errno::EINVAL);
        }
        self.set(TYPE, number as u32);
        Ok(())
    }

    /// The protocol: `PTHREAD_PRIO_NONE` 0, `_INHERIT` 1, `_PROTECT` 2.
    pub fn protocol_number(&self) -> i32 {
        ((self.word & PROTOCOL) >> PROTOCOL_SHIFT) as i32
    }

    /// Sets the protocol by its number.
    ///
    /// # Errors
    /// `EINVAL` for a number that names none.
    pub fn set_protocol_number(&mut self, number: i32) -> Result<(), Errno> {
        if !(0..=2).contains(&number) {
            return Err(Errno::EINVAL);
        }
        self.set(PROTOCOL, (number as u32) << PROTOCOL_SHIFT);
        Ok(())
    }

    /// Whether other processes may use the mutex.
    pub fn is_shared(&self) -> bool {
        self.word & SHARED != 0
    }

    /// Sets whether other processes may use the mutex.
    pub fn set_shared(&mut self, shared: bool) {
        self.set(SHARED, if shared { SHARED } else { 0 });
    }

    /// Whether the next locker learns of its owner's death.
    pub fn is_robust(&self) -> bool {
        self.word & ROBUST != 0
    }

    /// Sets whether the next locker learns of its owner's death.
    pub fn set_robust(&mut self, robust: bool) {
        self.set(ROBUST, if robust { ROBUST } else { 0 });
    }

    /// The ceiling; the lowest priority if none was set.
    pub fn ceiling(&self) -> i32 {
        ((self.word >> CEILING_SHIFT) as i32).max(protect::LOWEST)
    }

    /// Sets the ceiling.
    ///
    /// # Errors
    /// `EINVAL` for what is no priority of `SCHED_FIFO`.
    pub fn set_ceiling(&mut self, ceiling: i32) -> Result<(), Errno> {
        if !(protect::LOWEST..=protect::HIGHEST).contains(&ceiling) {
            return Err(Errno::EINVAL);
        }
        self.set(!0 << CEILING_SHIFT, (ceiling as u32) << CEILING_SHIFT);
        Ok(())
    }

    /// The kind that a mutex of these attributes is.
    ///
    /// # Errors
    /// `ENOTSUP` for robust with priority protection, `EINVAL` for what are no attributes.
    pub fn kind(&self) -> Result<Kind, Errno> {
        if self.word & UNUSED != 0 || self.ceiling() > protect::HIGHEST {
            return Err(Errno::EINVAL);
        }
        let kind = match self.word & TYPE {
            0 => Type::Normal,
            1 => Type::Recursive,
            2 => Type::ErrorCheck,
            _ => Type::Adaptive,
        };
        let protocol = match self.protocol_number() {
            0 => Protocol::None,
            1 => Protocol::Inherit,
            2 => Protocol::Protect,
            _ => return Err(Errno::EINVAL),
        };
        if protocol == Protocol::Protect && self.is_robust() {
            return Err(Errno::ENOTSUP);
        }
        Ok(Kind::new(kind, protocol, self.is_robust(), self.is_shared()))
    }
}
