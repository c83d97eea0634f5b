//! Patterns with back-references: every way through the pattern is tried, the longest match wins.
//!
//! What is left to match is a chain of frames on the stack. A repetition of single characters runs in a loop, so the depth
//! grows with the repetitions of larger parts only; past a limit the search gives up with `REG_ESPACE`.

use tidal_rt::Errno;

use super::program::{Program, Step};
use super::search::Text;
use super::tree::{Id, Node};
use super::{Match, NO_MATCH};
use crate::pattern::character;

/// The whole match and as many groups as are followed; the nine that can be referred to are among them.
const GROUPS: usize = 32;
/// Frames: some hundred bytes each.
const DEEPEST: usize = 10_000;

/// What comes after a node.
#[derive(Clone, Copy)]
enum Then<'c> {
    Done,
    Node(Id, &'c Then<'c>),
    /// The repetition again, unless nothing was matched since this position.
    Again(Id, usize, &'c Then<'c>),
    /// The end of a group that began here.
    Close(u32, usize, &'c Then<'c>),
}

struct Matcher<'a> {
    program: &'a Program,
    text: &'a Text<'a>,
    /// The groups on the way that is being tried.
    own: [Match; GROUPS],
    best: Option<usize>,
    /// The groups of the best match.
    best_own: [Match; GROUPS],
    depth: usize,
}

pub fn execute(program: &Program, text: &Text, wanted: &mut [Match]) -> Result<bool, Errno> {
    let mut start = text.start;
    loop {
        let mut matcher = Matcher {
            program,
            text,
            own: [NO_MATCH; GROUPS],
            best: None,
            best_own: [NO_MATCH; GROUPS],
            depth: 0,
        };
        matcher.run(program.root, start, &Then::Done)?;
        if let Some(end) = matcher.best {
            let own = matcher.best_own;
            wanted.fill(NO_MATCH);
            for (i, group) in wanted.iter_mut().enumerate().take(GROUPS) {
                *group = own[i];
            }
            if let Some(whole) = wanted.first_mut() {
                *whole = Match { start: start as _, end: end as _ };
            }
            return Ok(true);
        }
        if start >= text.bytes.len() {
            return Ok(false);
        }
        start += character(&text.bytes[start..]).length;
    }
}

impl Matcher<'_> {
    fn resume(&mut self, then: &Then, at: usize) -> Result<(), Errno> {
        match *then {
            Then::Done => {
                if self.best.is_none_or(|best| at > best) {
                    self.best = Some(at);
                    self.best_own = self.own;
                }
                Ok(())
            }
            Then::Node(id, then) => self.run(id, at, then),
            Then::Again(_, since, then) if at == since => self.resume(then, at),
            Then::Again(star, _, then) => self.run(star, at, then),
            Then::Close(number, start, then) => {
                let Some(group) = self.own.get_mut(number as usize) else { return self.resume(then, at) };
                let old = core::mem::replace(group, Match { start: start as _, end: at as _ });
                self.resume(then, at)?;
                self.own[number as usize] = old;
                Ok(())
            }
        }
    }

    /// The step of a node that matches one character.
    fn single(&self, id: Id) -> Option<Step> {
        match self.program.tree.nodes[id as usize] {
            Node::Character(code) => Some(Step::Character(code)),
            Node::Any => Some(Step::Any),
            Node::Set(set) => Some(Step::Set(set)),
            _ => None,
        }
    }

    /// The position behind the character at `at`, if the step takes it.
    fn step(&self, step: Step, at: usize) -> Option<usize> {
        let rest = &self.text.bytes[at..];
        let c = (!rest.is_empty()).then(|| character(rest))?;
        self.program.accepts(step, c.code).then_some(at + c.length)
    }

    /// Tries all ways through a node from `at` on, and then through what follows.
    fn run(&mut self, id: Id, at: usize, then: &Then) -> Result<(), Errno> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Errno::ENOMEM);
        }
        if let Some(step) = self.single(id) {
            if let Some(next) = self.step(step, at) {
                self.resume(then, next)?;
            }
        } else {
            self.compound(id, at, then)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn compound(&mut self, id: Id, at: usize, then: &Then) -> Result<(), Errno> {
        match self.program.tree.nodes[id as usize] {
            Node::Place(place) => {
                if self.text.is_at(place, at, self.program.options.newline) {
                    self.resume(then, at)?;
                }
                Ok(())
            }
            Node::Back(number) => match self.repeated(number, at) {
                Some(next) => self.resume(then, next),
                None => Ok(()),
            },
            Node::Group(number, inner) => self.run(inner, at, &Then::Close(number, at, then)),
            Node::Cat(first, rest) => self.run(first, at, &Then::Node(rest, then)),
            Node::Alt(a, b) => {
                self.run(a, at, then)?;
                self.run(b, at, then)
            }
            Node::Optional(inner) => {
                self.run(inner, at, then)?;
                self.resume(then, at)
            }
            Node::Star(inner) | Node::StarTail(inner) => match self.single(inner) {
                Some(step) => self.run_of(step, at, then),
                None => {
                    self.run(inner, at, &Then::Again(id, at, then))?;
                    self.resume(then, at)
                }
            },
            _ => self.resume(then, at),
        }
    }

    /// As many characters as the step takes, then fewer and fewer.
    fn run_of(&mut self, step: Step, at: usize, then: &Then) -> Result<(), Errno> {
        let mut end = at;
        while let Some(next) = self.step(step, end) {
            end = next;
        }
        loop {
            self.resume(then, end)?;
            if end == at {
                return Ok(());
            }
            // Back by a character: the one before that leads here.
            end = (1..=4.min(end - at))
                .map(|n| end - n)
                .find(|p| self.step(step, *p) == Some(end))
                .unwrap_or(at);
        }
    }

    /// Behind what a group matched, if it stands here again.
    fn repeated(&self, number: u32, at: usize) -> Option<usize> {
        let group = self.own[number as usize];
        if group == NO_MATCH {
            return None;
        }
        let bytes = self.text.bytes;
        let (mut from, end, mut to) = (group.start as usize, group.end as usize, at);
        while from < end {
            let rest = &bytes[to..];
            let (a, b) = (character(&bytes[from..]), (!rest.is_empty()).then(|| character(rest))?);
            if !self.program.same(a.code, b.code) {
                return None;
            }
            (from, to) = (from + a.length, to + b.length);
        }
        Some(to)
    }
}
