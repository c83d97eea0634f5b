//! The word of a read-write lock, and every decision that is taken by looking at it. Pure, for the model's sake.

use tidal_rt::Errno;

/// Writers may sleep.
pub const WRITERS_WAIT: u32 = 1 << 31;
/// Readers may sleep.
pub const READERS_WAIT: u32 = 1 << 30;
/// The count when a writer is inside.
pub const WRITER: u32 = READERS_WAIT - 1;

/// The word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct State(pub u32);

impl State {
    /// Nobody inside, nobody asleep.
    pub const EMPTY: State = State(0);
    /// A reader, nobody asleep.
    pub const ONE_READER: State = State(1);
    /// A writer, nobody asleep.
    pub const ONE_WRITER: State = State(WRITER);

    /// Readers inside, or [`WRITER`].
    #[inline]
    pub const fn count(self) -> u32 {
        self.0 & WRITER
    }

    /// Whether a writer is inside.
    #[inline]
    pub const fn is_written(self) -> bool {
        self.count() == WRITER
    }

    /// Whether there is room for one more of a side.
    pub const fn admits(self, writer: bool, writers_first: bool) -> bool {
        if writer {
            self.count() == 0
        } else {
            !(self.is_written() || (writers_first && self.0 & WRITERS_WAIT != 0))
        }
    }

    /// One more reader.
    #[inline]
    pub const fn with_reader(self, writers_first: bool) -> Result<State, Errno> {
        if !self.admits(false, writers_first) {
            Err(Errno::EBUSY)
        } else if self.count() == WRITER - 1 {
            Err(Errno::EAGAIN)
        } else {
            Ok(State(self.0 + 1))
        }
    }

    /// The writer; one that has slept leaves [`WRITERS_WAIT`] behind, for others may still sleep.
    #[inline]
    pub const fn with_writer(self, waited: bool) -> Result<State, Errno> {
        if !self.admits(true, false) {
            return Err(Errno::EBUSY);
        }
        Ok(State(self.0 | WRITER | if waited { WRITERS_WAIT } else { 0 }))
    }

    /// One fewer inside; if that leaves nobody, without the bit of the group to wake.
    #[inline]
    pub const fn left(self, writers_first: bool) -> State {
        let rest = if self.is_written() { State(self.0 & !WRITER) } else { State(self.0 - 1) };
        if rest.count() != 0 {
            return rest;
        }
        let readers = rest.0 & READERS_WAIT != 0;
        if rest.0 & WRITERS_WAIT != 0 && (writers_first || !readers) {
            State(rest.0 & !WRITERS_WAIT)
        } else {
            State(rest.0 & !READERS_WAIT)
        }
    }

    /// As if nobody slept.
    #[inline]
    pub const fn without_waiters(self) -> State {
        State(self.0 & WRITER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_pass_waiting_writers_unless_those_are_preferred() {
        let state = State(1 | WRITERS_WAIT);
        assert_eq!(state.with_reader(false), Ok(State(2 | WRITERS_WAIT)));
        assert_eq!(state.with_reader(true), Err(Errno::EBUSY));
    }

    #[test]
    fn the_last_to_leave_clears_the_bit_of_the_group_it_wakes() {
        let both = State(1 | WRITERS_WAIT | READERS_WAIT);
        assert_eq!(both.left(true), State(READERS_WAIT));
        assert_eq!(both.left(false), State(WRITERS_WAIT));
        assert_eq!(State(2 | WRITERS_WAIT).left(false), State(1 | WRITERS_WAIT));
        assert_eq!(State(WRITER | WRITERS_WAIT).left(false), State(0));
    }

    #[test]
    fn too_many_readers_are_told_so() {
        assert_eq!(State(WRITER - 1).with_reader(false), Err(Errno::EAGAIN));
    }
}
