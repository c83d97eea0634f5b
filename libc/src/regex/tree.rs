//! Patterns as trees.

use super::errors::Error;
use crate::list::List;
use crate::pattern::Bracket;

/// Index of a node in the tree.
pub type Id = u32;

/// A place between characters that has a property.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    WordStart,
    WordEnd,
    WordEdge,
    NotWordEdge,
}

/// A set of characters: ASCII ones as bits, the rest by the bracket expression.
#[derive(Clone, Copy)]
pub struct Set {
    pub ascii: u128,
    pub bracket: Option<Bracket>,
}

#[derive(Clone, Copy)]
pub enum Node {
    Empty,
    Character(u32),
    Any,
    Set(u32),
    Place(Place),
    /// What group of this number matched.
    Back(u32),
    Group(u32, Id),
    Cat(Id, Id),
    Alt(Id, Id),
    Optional(Id),
    Star(Id),
    /// A star behind one repetition at least: not repeated once more for nothing.
    StarTail(Id),
}

/// A pattern. Repetitions with bounds have been written out.
pub struct Tree {
    pub nodes: List<Node>,
    pub sets: List<Set>,
    pub groups: u32,
    pub has_back: bool,
}

/// More nodes than this are refused: `(a{999}){999}` would fill the memory.
const MOST_NODES: usize = 1 << 20;

impl Tree {
    pub fn new() -> Tree {
        Tree { nodes: List::new(), sets: List::new(), groups: 0, has_back: false }
    }

    pub fn add(&mut self, node: Node) -> Result<Id, Error> {
        if self.nodes.len() >= MOST_NODES {
            return Err(Error::Space);
        }
        self.nodes.push(node)?;
        Ok(self.nodes.len() as Id - 1)
    }

    /// Another copy of a subtree. Recurses as deep as the pattern nests; rows of nodes lean to the right and are walked.
    fn copy(&mut self, id: Id) -> Result<Id, Error> {
        let mut row: List<Id> = List::new();
        let mut at = id;
        while let Node::Cat(first, rest) = self.nodes[at as usize] {
            let first = self.copy(first)?;
            row.push(first)?;
            at = rest;
        }
        let node = match self.nodes[at as usize] {
            Node::Group(number, inner) => Node::Group(number, self.copy(inner)?),
            Node::Alt(a, b) => Node::Alt(self.copy(a)?, self.copy(b)?),
            Node::Optional(inner) => Node::Optional(self.copy(inner)?),
            Node::Star(inner) => Node::Star(self.copy(inner)?),
            Node::StarTail(inner) => Node::StarTail(self.copy(inner)?),
            leaf => leaf,
        };
        let last = self.add(node)?;
        self.row(&row, last)
    }

    /// The nodes of `row` and then `last`, one after the other.
    pub fn row(&mut self, row: &[Id], last: Id) -> Result<Id, Error> {
        row.iter().rev().try_fold(last, |rest, first| self.add(Node::Cat(*first, rest)))
    }

    /// `id` from `least` to `most` times, `None` being without end.
    pub fn repeat(&mut self, id: Id, least: u32, most: Option<u32>) -> Result<Id, Error> {
        let mut row: List<Id> = List::new();
        let mut tail = match most {
            None => {
                let inner = if least == 0 { id } else { self.copy(id)? };
                Some(self.add(if least == 0 { Node::Star(inner) } else { Node::StarTail(inner) })?)
            }
            Some(most) => {
                // Inside out: (x(x)?)?
                let mut tail = None;
                for _ in least..most {
                    let one = if least == 0 && tail.is_none() { id } else { self.copy(id)? };
                    let inner = match tail {
                        Some(tail) => self.add(Node::Cat(one, tail))?,
                        None => one,
                    };
                    tail = Some(self.add(Node::Optional(inner))?);
                }
                tail
            }
        };
        for i in 0..least {
            let one = if i == 0 { id } else { self.copy(id)? };
            row.push(one)?;
        }
        if tail.is_none() {
            tail = row.pop();
        }
        match tail {
            Some(tail) => self.row(&row, tail),
            None => self.add(Node::Empty),
        }
    }
}
