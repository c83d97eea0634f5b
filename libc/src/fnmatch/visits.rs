//! What groups were gone through from which places. A group is known by its address in the pattern.

use tidal_rt::Errno;

use super::groups::Set;
use crate::list::List;

/// From where each group was gone through.
pub struct Gone {
    groups: List<*const u8>,
    /// A row of places for each of them.
    rows: Set,
}

impl Gone {
    pub const fn new() -> Self {
        Gone { groups: List::new(), rows: Set::new() }
    }

    /// Leaves of these places the ones that the group was not gone through from, and notes them. Gives whether there are any.
    ///
    /// # Errors
    /// `ENOMEM`
    pub fn leave_new(&mut self, group: &[u8], places: &mut [bool]) -> Result<bool, Errno> {
        let number = match number(&self.groups, group) {
            Some(number) => number,
            None => {
                // The row first: nothing must look for one that there was no memory for.
                self.rows.extend(&Set::filled(false, places.len())?)?;
                self.groups.push(group.as_ptr())?;
                self.groups.len() - 1
            }
        };
        let mut any = false;
        for (gone, is_in) in self.rows[number * places.len()..].iter_mut().zip(places) {
            *is_in &= !*gone;
            *gone |= *is_in;
            any |= *is_in;
        }
        Ok(any)
    }
}

/// Where a group's alternatives end, by the place where they begin.
pub struct Ends {
    groups: List<*const u8>,
    /// For each group and each place, the number of its row, from 1 on; or 0.
    numbers: List<usize>,
    rows: Set,
}

impl Ends {
    pub const fn new() -> Self {
        Ends { groups: List::new(), numbers: List::new(), rows: Set::new() }
    }

    /// Where the group ends if it begins at `at`, if that is known. There are so many `places`.
    pub fn get(&self, group: &[u8], at: usize, places: usize) -> Option<&[bool]> {
        let row = self.numbers[number(&self.groups, group)? * places + at].checked_sub(1)?;
        Some(&self.rows[row * places..(row + 1) * places])
    }

    /// Keeps a row.
    ///
    /// # Errors
    /// `ENOMEM`
    pub fn put(&mut self, group: &[u8], at: usize, row: &[bool]) -> Result<(), Errno> {
        let number = match number(&self.groups, group) {
            Some(number) => number,
            None => {
                self.numbers.extend(&List::filled(0, row.len())?)?;
                self.groups.push(group.as_ptr())?;
                self.groups.len() - 1
            }
        };
        self.rows.extend(row)?;
        self.numbers[number * row.len() + at] = self.rows.len() / row.len();
        Ok(())
    }
}

fn number(groups: &[*const u8], group: &[u8]) -> Option<usize> {
    groups.iter().position(|known| *known == group.as_ptr())
}
