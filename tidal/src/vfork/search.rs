//! Where in its code a child is led to be killed: after which of its instructions, and how it gets there.
//!
//! A child runs to the address of the instruction, past it as often as the known way is. One that takes another way has the
//! one after it led step by step.

use anyhow::Result;

use super::tracer::{Child, Harm, Step};

/// Where a child was led.
pub enum Led {
    /// To the instruction that it was to be killed after.
    There,
    /// It took another way.
    Elsewhere,
    /// To the end of a way that has no such instruction.
    Shorter,
    /// Nowhere, by what the child before it left.
    Harmed(Harm),
}

/// How far the points of a scenario have been tried.
pub struct Search<'a> {
    way: &'a [u64],
    every: usize,
    next: usize,
    /// A child may take another way than the one that we know; then the one after it is stepped.
    by_steps: bool,
}

impl<'a> Search<'a> {
    /// One that tries every so many-th instruction of a way: its addresses, and the one behind its last instruction.
    pub fn new(way: &'a [u64], every: usize) -> Self {
        Search { way, every, next: 0, by_steps: false }
    }

    /// After how many instructions the next child is to be killed.
    pub fn next(&self) -> usize {
        self.next
    }

    /// How many instructions the way has.
    pub fn last(&self) -> usize {
        self.way.len() - 1
    }

    /// Whether all points have been tried.
    pub fn is_over(&self) -> bool {
        self.next > self.last()
    }

    /// This point has been tried.
    pub fn go_on(&mut self) {
        self.next += self.every;
        self.by_steps = false;
    }

    /// This point is to be tried again, step by step.
    pub fn by_steps(&mut self) {
        self.by_steps = true;
    }

    /// Leads a child to the point.
    pub fn lead(&self, child: &Child) -> Result<Led> {
        if self.by_steps {
            return lead_by_steps(self.next, || child.step_and_look());
        }
        let way = &self.way[..=self.next];
        Ok(match child.run_to(way[self.next], arrivals(way))? {
            Step::Stepped => Led::There,
            Step::Harmed(harm) => Led::Harmed(harm),
            Step::Breakpoint | Step::Gone => Led::Elsewhere,
        })
    }
}

fn lead_by_steps(steps: usize, mut step: impl FnMut() -> Result<Step>) -> Result<Led> {
    for _ in 0..steps {
        match step()? {
            Step::Stepped => {}
            Step::Breakpoint | Step::Gone => return Ok(Led::Shorter),
            Step::Harmed(harm) => return Ok(Led::Harmed(harm)),
        }
    }
    Ok(Led::There)
}

/// How often a way comes to its last address, not counting where it starts.
fn arrivals(way: &[u64]) -> usize {
    let last = way[way.len() - 1];
    way[1..].iter().filter(|&&address| address == last).count()
}

#[cfg(test)]
mod tests {
    use super::{Led, Step, arrivals, lead_by_steps};

    #[test]
    fn a_child_that_has_ended_is_not_killed_after_a_later_instruction() {
        let led = |steps, last: fn() -> Step| {
            let mut way = [Step::Stepped, Step::Stepped].into_iter();
            lead_by_steps(steps, || Ok(way.next().unwrap_or_else(last))).expect("a place")
        };
        assert!(matches!(led(2, || Step::Gone), Led::There));
        assert!(matches!(led(3, || Step::Gone), Led::Shorter));
        assert!(matches!(led(3, || Step::Breakpoint), Led::Shorter));
    }

    #[test]
    fn a_loop_comes_to_its_address_several_times() {
        assert_eq!(arrivals(&[1, 2, 1, 2, 1]), 2);
        assert_eq!(arrivals(&[1]), 0);
    }
}
