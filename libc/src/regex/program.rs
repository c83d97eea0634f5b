//! From a tree to an automaton, and both together as what `regex_t` holds.

use core::mem::size_of;

use tidal_rt::Errno;

use super::errors::Error;
use super::tree::{Id, Node, Place, Set, Tree};
use super::{Match, NO_MATCH, Options, backtrack, groups, parse, search};
use crate::heap;
use crate::list::List;
use crate::wctype::{towlower, towupper};

/// Index of a state.
pub type State = u32;
/// No state.
pub const NONE: State = State::MAX;

/// What must hold on the way from a state to the next.
#[derive(Clone, Copy)]
pub enum Step {
    /// Nothing; there may be two ways on.
    Free,
    Character(u32),
    Any,
    Set(u32),
    Place(Place),
}

/// A state: its step and where that leads.
#[derive(Clone, Copy)]
pub struct Edge {
    pub step: Step,
    pub to: [State; 2],
}

/// The states of a node: from `entry` to `exit`, and only to these from outside.
#[derive(Clone, Copy)]
pub struct Part {
    pub entry: State,
    pub exit: State,
    /// Its states are those from `first` to `last`.
    pub first: State,
    pub last: State,
    /// How many characters it matches, if always the same number.
    pub width: Option<u32>,
    /// Whether there are groups in it.
    pub has_groups: bool,
}

/// A compiled pattern.
pub struct Program {
    pub tree: Tree,
    pub root: Id,
    pub options: Options,
    pub states: List<Edge>,
    /// By node.
    pub parts: List<Part>,
    /// States that lead to a state: those of `s` are at `before_start[s]..before_start[s + 1]`.
    pub before: List<State>,
    pub before_start: List<u32>,
    /// Bytes that a match can start with; all if it may be empty.
    pub first: [u64; 4],
    /// The sets' texts are in here.
    _pattern: List<u8>,
}

impl Program {
    pub fn new(pattern: &[u8], options: Options) -> Result<Program, Error> {
        let (mut tree, root) = parse::parse(pattern, options)?;
        let mut copy = List::new();
        copy.extend(pattern)?;
        for set in tree.sets.iter_mut() {
            set.bracket = set.bracket.map(|bracket| bracket.moved(pattern, &copy));
        }
        let nothing = Part { entry: NONE, exit: NONE, first: 0, last: 0, width: None, has_groups: false };
        let parts = List::filled(nothing, tree.nodes.len())?;
        let mut program = Program {
            tree,
            root,
            options,
            states: List::new(),
            parts,
            before: List::new(),
            before_start: List::new(),
            first: [u64::MAX; 4],
            _pattern: copy,
        };
        if !program.tree.has_back {
            program.build(root)?;
            program.reverse()?;
            program.find_first()?;
        }
        Ok(program)
    }

    /// Moves it to the C heap.
    pub fn boxed(self) -> Result<*mut Program, Error> {
        let memory = heap::allocate(size_of::<Program>()).ok_or(Error::Space)?.cast::<Program>();
        // SAFETY: fresh memory of that size.
        unsafe { memory.write(self) };
        Ok(memory.as_ptr())
    }

    /// # Safety
    /// `program` is null or from [`Program::boxed`].
    pub unsafe fn release(program: *mut Program) {
        if !program.is_null() {
            // SAFETY: by the caller's contract.
            unsafe {
                program.drop_in_place();
                heap::release(program);
            }
        }
    }

    pub fn groups(&self) -> usize {
        self.tree.groups as usize
    }

    /// Whether there is a match, and where it and its groups are, as far as wanted.
    pub fn execute(&self, text: &search::Text, wanted: &mut [Match]) -> Result<bool, Errno> {
        if self.tree.has_back {
            return backtrack::execute(self, text, wanted);
        }
        let Some((start, end)) = search::search(self, text, !wanted.is_empty())? else { return Ok(false) };
        wanted.fill(NO_MATCH);
        if let Some(whole) = wanted.first_mut() {
            *whole = Match { start: start as _, end: end as _ };
            if wanted.len() > 1 && self.tree.groups > 0 {
                groups::find(self, text, start, end, wanted)?;
            }
        }
        Ok(true)
    }

    pub fn set(&self, index: u32) -> &Set {
        &self.tree.sets[index as usize]
    }

    fn state(&mut self, step: Step) -> Result<State, Error> {
        self.states.push(Edge { step, to: [NONE; 2] })?;
        Ok(self.states.len() as State - 1)
    }

    fn join(&mut self, from: State, to: State) {
        let ways = &mut self.states[from as usize].to;
        ways[usize::from(ways[0] != NONE)] = to;
    }

    /// Makes the states of a subtree. Recurses as deep as the pattern nests; rows are walked.
    fn build(&mut self, id: Id) -> Result<Part, Error> {
        let node = self.tree.nodes[id as usize];
        let first = self.states.len() as State;
        let part = match node {
            Node::Empty => self.leaf(Step::Free, Some(0))?,
            Node::Character(code) => self.leaf(Step::Character(code), Some(1))?,
            Node::Any => self.leaf(Step::Any, Some(1))?,
            Node::Set(set) => self.leaf(Step::Set(set), Some(1))?,
            Node::Place(place) => self.leaf(Step::Place(place), Some(0))?,
            Node::Back(_) => return Err(Error::BadPattern),
            Node::Group(_, inner) => Part { has_groups: true, ..self.build(inner)? },
            Node::Cat(..) => return self.build_row(id),
            Node::Alt(a, b) => {
                let (a, b) = (self.build(a)?, self.build(b)?);
                let (entry, exit) = (self.state(Step::Free)?, self.state(Step::Free)?);
                for part in [a, b] {
                    self.join(entry, part.entry);
                    self.join(part.exit, exit);
                }
                let width = a.width.filter(|_| a.width == b.width);
                Part { entry, exit, width, has_groups: a.has_groups || b.has_groups, ..a }
            }
            Node::Optional(inner) | Node::Star(inner) | Node::StarTail(inner) => {
                let inner = self.build(inner)?;
                let (entry, exit) = (self.state(Step::Free)?, self.state(Step::Free)?);
                self.join(entry, inner.entry);
                self.join(entry, exit);
                let back = if matches!(node, Node::Star(_) | Node::StarTail(_)) { entry } else { exit };
                self.join(inner.exit, back);
                Part { entry, exit, width: None, ..inner }
            }
        };
        let part = Part { first, last: self.states.len() as State - 1, ..part };
        self.parts[id as usize] = part;
        Ok(part)
    }

    fn leaf(&mut self, step: Step, width: Option<u32>) -> Result<Part, Error> {
        let (entry, exit) = (self.state(step)?, self.state(Step::Free)?);
        self.join(entry, exit);
        Ok(Part { entry, exit, first: entry, last: exit, width, has_groups: false })
    }

    fn build_row(&mut self, id: Id) -> Result<Part, Error> {
        let mut row: List<(Id, Part)> = List::new();
        let mut at = id;
        while let Node::Cat(first, rest) = self.tree.nodes[at as usize] {
            let first = self.build(first)?;
            row.push((at, first))?;
            at = rest;
        }
        let mut part = self.build(at)?;
        for (id, first) in row.iter().rev() {
            self.join(first.exit, part.entry);
            let width = first.width.zip(part.width).and_then(|(a, b)| a.checked_add(b));
            let has_groups = first.has_groups || part.has_groups;
            part = Part { entry: first.entry, first: first.first, width, has_groups, ..part };
            self.parts[*id as usize] = part;
        }
        Ok(part)
    }

    /// Fills `before`.
    fn reverse(&mut self) -> Result<(), Error> {
        let n = self.states.len();
        self.before_start = List::filled(0, n + 2)?;
        let edges = |state: &Edge| state.to.into_iter().filter(|to| *to != NONE);
        for to in self.states.iter().flat_map(edges) {
            self.before_start[to as usize + 2] += 1;
        }
        for i in 2..n + 2 {
            self.before_start[i] += self.before_start[i - 1];
        }
        self.before = List::filled(NONE, self.before_start[n + 1] as usize)?;
        for from in 0..n {
            for to in edges(&self.states[from]) {
                let at = &mut self.before_start[to as usize + 1];
                self.before[*at as usize] = from as State;
                *at += 1;
            }
        }
        Ok(())
    }

    /// Fills `first`: the bytes that the steps reachable without a character accept.
    fn find_first(&mut self) -> Result<(), Error> {
        let part = self.parts[self.root as usize];
        let mut seen = List::filled(false, self.states.len())?;
        let mut todo = List::new();
        todo.push(part.entry)?;
        let mut first = [0u64; 4];
        let mut add = |byte: u8| first[usize::from(byte >> 6)] |= 1 << (byte & 63);
        while let Some(state) = todo.pop() {
            if core::mem::replace(&mut seen[state as usize], true) {
                continue;
            }
            if state == part.exit {
                return Ok(());
            }
            let Edge { step, to } = self.states[state as usize];
            match step {
                Step::Free | Step::Place(_) => {
                    for next in to.into_iter().filter(|to| *to != NONE) {
                        todo.push(next)?;
                    }
                }
                _ => {
                    // What is beyond ASCII is not worth a closer look.
                    (128..=255).for_each(&mut add);
                    (0..128u8).filter(|c| self.accepts(step, (*c).into())).for_each(&mut add);
                }
            }
        }
        self.first = first;
        Ok(())
    }

    /// Whether a step takes a character.
    #[inline]
    pub fn accepts(&self, step: Step, code: u32) -> bool {
        match step {
            Step::Character(wanted) => self.same(wanted, code),
            Step::Any => !(self.options.newline && code == b'\n'.into()),
            Step::Set(set) => {
                let set = self.set(set);
                if code < 128 {
                    set.ascii >> code & 1 != 0
                } else {
                    set.bracket.is_some_and(|bracket| bracket.contains(code, self.options.fold))
                }
            }
            Step::Free | Step::Place(_) => false,
        }
    }

    /// Whether two characters are the same, as far as case matters.
    #[inline]
    pub fn same(&self, a: u32, b: u32) -> bool {
        a == b || self.options.fold && (towlower(a) == towlower(b) || towupper(a) == towupper(b))
    }
}
