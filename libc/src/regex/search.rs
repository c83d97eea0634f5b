//! Where the leftmost longest match is: all threads of the automaton step through the text together.

use tidal_rt::Errno;

use super::program::{NONE, Program, State, Step};
use super::tree::Place;
use crate::list::List;
use crate::pattern::{Character, character};
use crate::wctype::iswalnum;

/// What is searched.
pub struct Text<'t> {
    pub bytes: &'t [u8],
    /// Where the search begins: what lies before is not searched, but is there (so says glibc of `REG_STARTEND`).
    pub start: usize,
    pub not_bol: bool,
    pub not_eol: bool,
}

fn is_word(code: u32) -> bool {
    code == b'_'.into() || iswalnum(code) != 0
}

impl Text<'_> {
    /// Whether position `at` is such a place.
    pub fn is_at(&self, place: Place, at: usize, newline: bool) -> bool {
        let before = || at > 0 && is_word(self.before(at));
        let after = || at < self.bytes.len() && is_word(character(&self.bytes[at..]).code);
        match place {
            Place::TextStart => at == 0 && !self.not_bol,
            Place::TextEnd => at == self.bytes.len() && !self.not_eol,
            Place::LineStart => at == 0 && !self.not_bol || newline && at > 0 && self.bytes[at - 1] == b'\n',
            Place::LineEnd => {
                at == self.bytes.len() && !self.not_eol
                    || newline && at < self.bytes.len() && self.bytes[at] == b'\n'
            }
            Place::WordStart => !before() && after(),
            Place::WordEnd => before() && !after(),
            Place::WordEdge => before() != after(),
            Place::NotWordEdge => before() == after(),
        }
    }

    /// The character that ends at `at`.
    fn before(&self, at: usize) -> u32 {
        let starts = (1..=4.min(at)).map(|back| at - back);
        let mut candidates = starts.map(|start| (character(&self.bytes[start..]), at - start));
        let whole = candidates.find(|(c, length)| c.length == *length);
        whole.map_or(self.bytes[at - 1].into(), |(c, _)| c.code)
    }
}

/// States and where the match that led to each started, in the order of these starts.
pub struct Threads {
    list: List<(State, usize)>,
    /// By state: in the list already, if the number is that of the round.
    seen: List<u32>,
    round: u32,
}

impl Threads {
    pub fn new(program: &Program) -> Result<Threads, Errno> {
        Ok(Threads { list: List::new(), seen: List::filled(0, program.states.len())?, round: 1 })
    }

    pub fn clear(&mut self) {
        self.list.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (State, usize)> {
        self.list.iter().copied()
    }

    pub fn has(&self, state: State) -> bool {
        self.seen[state as usize] == self.round
    }

    /// Adds a state, and all that it leads to without a character. `todo` is scratch space.
    pub fn add(
        &mut self,
        state: State,
        start: usize,
        todo: &mut List<State>,
        follow: impl Fn(State, &mut List<State>) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        todo.push(state)?;
        while let Some(state) = todo.pop() {
            if core::mem::replace(&mut self.seen[state as usize], self.round) != self.round {
                self.list.push((state, start))?;
                follow(state, todo)?;
            }
        }
        Ok(())
    }
}

/// The states that `state` leads to at position `at` without a character.
pub fn follow(
    program: &Program,
    text: &Text,
    state: State,
    at: usize,
    todo: &mut List<State>,
) -> Result<(), Errno> {
    let edge = program.states[state as usize];
    let open = match edge.step {
        Step::Free => true,
        Step::Place(place) => text.is_at(place, at, program.options.newline),
        _ => false,
    };
    if open {
        for to in edge.to.into_iter().rev().filter(|to| *to != NONE) {
            todo.push(to)?;
        }
    }
    Ok(())
}

/// Start and end of the leftmost longest match. If no place is wanted, the first end found will do.
pub fn search(program: &Program, text: &Text, place_wanted: bool) -> Result<Option<(usize, usize)>, Errno> {
    let root = program.parts[program.root as usize];
    let (mut now, mut next) = (Threads::new(program)?, Threads::new(program)?);
    let mut todo = List::new();
    let mut best: Option<(usize, usize)> = None;
    let mut at = text.start;
    let can_start = |b: &u8| program.first[usize::from(b >> 6)] >> (b & 63) & 1 != 0;
    let anywhere = program.first == [u64::MAX; 4];
    loop {
        if best.is_none() && now.is_empty() && !anywhere {
            // No thread is alive: on to a byte that a match can start with.
            at += text.bytes[at..].iter().position(can_start).unwrap_or(text.bytes.len() - at);
        }
        if best.is_none() && (anywhere || text.bytes.get(at).is_some_and(can_start)) {
            now.add(root.entry, at, &mut todo, |s, todo| follow(program, text, s, at, todo))?;
        }
        for (state, start) in now.iter() {
            if state == root.exit && best.is_none_or(|(leftmost, _)| start <= leftmost) {
                best = Some((start, at));
                if !place_wanted {
                    return Ok(best);
                }
            }
        }
        if at >= text.bytes.len() || (now.is_empty() && best.is_some()) {
            return Ok(best);
        }
        let Character { code, length } = character(&text.bytes[at..]);
        next.clear();
        for (state, start) in now.iter() {
            let edge = program.states[state as usize];
            // Threads that started later than a match cannot win any more.
            if best.is_none_or(|(leftmost, _)| start <= leftmost) && program.accepts(edge.step, code) {
                next.add(edge.to[0], start, &mut todo, |s, todo| {
                    follow(program, text, s, at + length, todo)
                })?;
            }
        }
        core::mem::swap(&mut now, &mut next);
        at += length;
    }
}
