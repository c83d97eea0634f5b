//! Where the groups of a match lie.
//!
//! The match is split from the left: of two parts in a row the first takes as much as it can, so long as the second
//! matches the rest; a repetition does so time after time. How far a part can reach from a position, and from where the
//! rest reaches the end, the automaton's states tell, run forwards from the one and backwards from the other.

use tidal_rt::Errno;

use super::Match;
use super::program::{Program, State, Step};
use super::search::{Text, Threads, follow};
use super::tree::{Id, Node};
use crate::list::List;
use crate::pattern::character;

/// A match being split. Positions count its characters.
struct Splitter<'a> {
    program: &'a Program,
    text: &'a Text<'a>,
    /// Where each character starts, and at last where the match ends.
    places: List<usize>,
    codes: List<u32>,
    now: Threads,
    next: Threads,
    todo: List<State>,
}

/// A set of positions.
struct Positions(List<u64>);

impl Positions {
    fn new(n: usize) -> Result<Positions, Errno> {
        Ok(Positions(List::filled(0, n / 64 + 1)?))
    }

    fn insert(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }

    fn has(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 != 0
    }
}

/// Fills in the groups of the match from `start` to `end`, as far as `wanted` goes.
pub fn find(
    program: &Program,
    text: &Text,
    start: usize,
    end: usize,
    wanted: &mut [Match],
) -> Result<(), Errno> {
    let (mut places, mut codes) = (List::new(), List::new());
    let mut at = start;
    while at < end {
        let c = character(&text.bytes[at..]);
        places.push(at)?;
        codes.push(c.code)?;
        at += c.length;
    }
    places.push(end)?;
    let (now, next) = (Threads::new(program)?, Threads::new(program)?);
    let mut splitter = Splitter { program, text, places, codes, now, next, todo: List::new() };
    let n = splitter.codes.len();
    splitter.split(program.root, 0, n, wanted)
}

impl Splitter<'_> {
    /// Places the groups of a node that matches from `i` to `j`. Recurses as deep as the pattern nests.
    fn split(&mut self, mut id: Id, mut i: usize, j: usize, wanted: &mut [Match]) -> Result<(), Errno> {
        loop {
            if !self.program.parts[id as usize].has_groups {
                return Ok(());
            }
            match self.program.tree.nodes[id as usize] {
                Node::Group(number, inner) => {
                    if let Some(group) = wanted.get_mut(number as usize) {
                        *group = Match { start: self.places[i] as _, end: self.places[j] as _ };
                    }
                    id = inner;
                }
                Node::Cat(first, rest) => {
                    let k = self.divide(first, rest, i, j)?;
                    self.split(first, i, k, wanted)?;
                    (id, i) = (rest, k);
                }
                Node::Alt(a, b) => id = if self.reaches(a, i, j)? { a } else { b },
                Node::StarTail(_) if i == j => return Ok(()),
                Node::Optional(inner) => {
                    if !self.reaches(inner, i, j)? {
                        return Ok(());
                    }
                    id = inner;
                }
                Node::Star(inner) | Node::StarTail(inner) => {
                    return self.split_repetition(id, inner, i, j, wanted);
                }
                _ => return Ok(()),
            }
        }
    }

    fn split_repetition(
        &mut self,
        star: Id,
        inner: Id,
        mut i: usize,
        j: usize,
        wanted: &mut [Match],
    ) -> Result<(), Errno> {
        if i == j {
            return if self.reaches(inner, i, j)? { self.split(inner, i, j, wanted) } else { Ok(()) };
        }
        let ends = self.backwards(star, i, j)?;
        while i < j {
            let reached = self.forwards(inner, i, j)?;
            let Some(k) = (i + 1..=j).rev().find(|k| reached.has(*k) && ends.has(*k)) else { return Ok(()) };
            self.split(inner, i, k, wanted)?;
            i = k;
        }
        Ok(())
    }

    /// Where `first` ends and `rest` begins.
    fn divide(&mut self, first: Id, rest: Id, i: usize, j: usize) -> Result<usize, Errno> {
        let width = |id: Id| self.program.parts[id as usize].width;
        if let Some(width) = width(first) {
            return Ok((i + width as usize).min(j));
        }
        if let Some(width) = width(rest) {
            return Ok(j.saturating_sub(width as usize).max(i));
        }
        let reached = self.forwards(first, i, j)?;
        let ends = self.backwards(rest, i, j)?;
        Ok((i..=j).rev().find(|k| reached.has(*k) && ends.has(*k)).unwrap_or(i))
    }

    fn reaches(&mut self, id: Id, i: usize, j: usize) -> Result<bool, Errno> {
        Ok(self.forwards(id, i, j)?.has(j))
    }

    /// Where a node that starts at `i` can end, up to `j`.
    fn forwards(&mut self, id: Id, i: usize, j: usize) -> Result<Positions, Errno> {
        let Splitter { program, text, places, codes, now, next, todo } = self;
        let part = program.parts[id as usize];
        let mut ends = Positions::new(j)?;
        // The part's exit leads out of it: the run stops there.
        let follow = |state: State, at: usize, todo: &mut List<State>| {
            if state == part.exit { Ok(()) } else { follow(program, text, state, at, todo) }
        };
        now.clear();
        now.add(part.entry, 0, todo, |s, todo| follow(s, places[i], todo))?;
        for at in i..=j {
            if now.has(part.exit) {
                ends.insert(at);
            }
            if at == j || now.is_empty() {
                break;
            }
            next.clear();
            for (state, _) in now.iter().filter(|(state, _)| *state != part.exit) {
                let edge = program.states[state as usize];
                if program.accepts(edge.step, codes[at]) {
                    next.add(edge.to[0], 0, todo, |s, todo| follow(s, places[at + 1], todo))?;
                }
            }
            core::mem::swap(now, next);
        }
        Ok(ends)
    }

    /// Where a node that ends at `j` can start, down to `i`.
    fn backwards(&mut self, id: Id, i: usize, j: usize) -> Result<Positions, Errno> {
        let Splitter { program, text, places, codes, now, next, todo } = self;
        let part = program.parts[id as usize];
        let mut starts = Positions::new(j)?;
        let before = |state: State| {
            let (a, b) = (program.before_start[state as usize], program.before_start[state as usize + 1]);
            &program.before[a as usize..b as usize]
        };
        // Only ways inside the part: nothing comes before its entry but a loop of its own.
        let inside = |from: State| from >= part.first && from <= part.last;
        let follow = |state: State, at: usize, todo: &mut List<State>| {
            for from in before(state).iter().filter(|from| inside(**from)) {
                let open = match program.states[*from as usize].step {
                    Step::Free => *from != part.exit,
                    Step::Place(place) => text.is_at(place, at, program.options.newline),
                    _ => false,
                };
                if open {
                    todo.push(*from)?;
                }
            }
            Ok(())
        };
        now.clear();
        now.add(part.exit, 0, todo, |s, todo| follow(s, places[j], todo))?;
        for at in (i..=j).rev() {
            if now.has(part.entry) {
                starts.insert(at);
            }
            if at == i || now.is_empty() {
                break;
            }
            next.clear();
            for (state, _) in now.iter() {
                for from in before(state).iter().filter(|from| inside(**from)) {
                    if program.accepts(program.states[*from as usize].step, codes[at - 1]) {
                        next.add(*from, 0, todo, |s, todo| follow(s, places[at - 1], todo))?;
                    }
                }
            }
            core::mem::swap(now, next);
        }
        Ok(starts)
    }
}
