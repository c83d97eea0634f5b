//! From a pattern to a tree: the grammars of POSIX with GNU's additions (`\+ \? \|` in basic ones, `\w \b \<` and others in
//! both).

use super::Options;
use super::errors::Error;
use super::tree::{Id, Node, Place, Set, Tree};
use crate::list::List;
use crate::pattern::{Bracket, character, regex_bracket};

/// The most repetitions: `RE_DUP_MAX`.
const MOST: u32 = 0x7fff;
/// The deepest nesting of groups.
const DEEPEST: u32 = 2000;

#[derive(Clone, Copy, PartialEq)]
enum Token {
    End,
    Character(u32),
    Any,
    Bracket,
    Open,
    Close,
    Alternative,
    Star,
    Plus,
    Question,
    Interval,
    Place(Place),
    Back(u32),
    /// `\w`, `\W`, `\s`, `\S`
    Class(u8),
}

struct Parser<'p> {
    pattern: &'p [u8],
    at: usize,
    options: Options,
    tree: Tree,
    /// Groups that have been closed, as bits, for back-references.
    closed: u32,
    depth: u32,
}

pub fn parse(pattern: &[u8], options: Options) -> Result<(Tree, Id), Error> {
    let mut parser = Parser { pattern, at: 0, options, tree: Tree::new(), closed: 0, depth: 0 };
    let root = parser.alternatives()?;
    match parser.peek(false).0 {
        Token::End => Ok((parser.tree, root)),
        // In a basic pattern a parenthesis without its other half.
        _ => Err(if options.extended { Error::BadPattern } else { Error::Parenthesis }),
    }
}

impl Parser<'_> {
    /// The next token and its length. `first` says that an anchor may stand here.
    fn peek(&self, first: bool) -> (Token, usize) {
        let rest = &self.pattern[self.at..];
        let extended = self.options.extended;
        let Some(&byte) = rest.first() else { return (Token::End, 0) };
        let special = match byte {
            b'\\' => return self.escaped(rest),
            b'.' => Token::Any,
            b'[' => Token::Bracket,
            b'*' => Token::Star,
            b'+' if extended => Token::Plus,
            b'?' if extended => Token::Question,
            b'{' if extended => Token::Interval,
            b'(' if extended => Token::Open,
            b')' if extended => Token::Close,
            b'|' if extended => Token::Alternative,
            b'^' if extended || first || self.at == 0 => Token::Place(Place::LineStart),
            b'$' if extended || matches!(rest, [_] | [_, b'\\', b')' | b'|', ..]) => {
                Token::Place(Place::LineEnd)
            }
            _ => {
                let c = character(rest);
                return (Token::Character(c.code), c.length);
            }
        };
        (special, 1)
    }

    fn escaped(&self, rest: &[u8]) -> (Token, usize) {
        let extended = self.options.extended;
        let Some(&byte) = rest.get(1) else { return (Token::End, 1) };
        let token = match byte {
            b'(' if !extended => Token::Open,
            b')' if !extended => Token::Close,
            b'{' if !extended => Token::Interval,
            b'|' if !extended => Token::Alternative,
            b'+' if !extended => Token::Plus,
            b'?' if !extended => Token::Question,
            b'1'..=b'9' => Token::Back(u32::from(byte - b'0')),
            b'<' => Token::Place(Place::WordStart),
            b'>' => Token::Place(Place::WordEnd),
            b'b' => Token::Place(Place::WordEdge),
            b'B' => Token::Place(Place::NotWordEdge),
            b'`' => Token::Place(Place::TextStart),
            b'\'' => Token::Place(Place::TextEnd),
            b'w' | b'W' | b's' | b'S' => Token::Class(byte),
            _ => {
                let c = character(&rest[1..]);
                return (Token::Character(c.code), 1 + c.length);
            }
        };
        (token, 2)
    }

    /// Branches between bars.
    fn alternatives(&mut self) -> Result<Id, Error> {
        let mut branches: List<Id> = List::new();
        loop {
            let branch = self.branch()?;
            branches.push(branch)?;
            let (token, length) = self.peek(false);
            if token != Token::Alternative {
                break;
            }
            self.at += length;
        }
        let last = branches.pop().ok_or(Error::BadPattern)?;
        branches.iter().rev().try_fold(last, |rest, first| self.tree.add(Node::Alt(*first, rest)))
    }

    /// Pieces in a row.
    fn branch(&mut self) -> Result<Id, Error> {
        let mut row: List<Id> = List::new();
        let mut first = true;
        loop {
            let (token, length) = self.peek(first);
            match token {
                Token::End if length != 0 => return Err(Error::Escape),
                Token::End | Token::Alternative => break,
                // In an extended pattern, one too many is an ordinary character.
                Token::Close if self.depth > 0 || !self.options.extended => break,
                _ => {}
            }
            let piece = self.piece(token, length)?;
            row.push(piece)?;
            first = false;
        }
        match row.pop() {
            Some(last) => self.tree.row(&row, last),
            None => self.tree.add(Node::Empty),
        }
    }

    /// An atom and its repetitions.
    fn piece(&mut self, token: Token, length: usize) -> Result<Id, Error> {
        let start = self.at;
        self.at += length;
        let extended = self.options.extended;
        let mut piece = match token {
            Token::Character(code) => self.tree.add(Node::Character(code))?,
            Token::Any => self.tree.add(Node::Any)?,
            Token::Bracket => self.bracket()?,
            Token::Class(letter) => self.class(letter)?,
            Token::Open => self.group()?,
            Token::Back(number) => {
                if self.closed & 1 << number == 0 {
                    return Err(Error::Group);
                }
                self.tree.has_back = true;
                self.tree.add(Node::Back(number))?
            }
            // Anchors cannot be repeated: what follows is an error, or in a basic pattern a star.
            Token::Place(place) => return self.tree.add(Node::Place(place)),
            Token::Interval => return Err(Error::Repeat),
            Token::Star | Token::Plus | Token::Question if extended => return Err(Error::Repeat),
            _ => {
                let code = character(&self.pattern[start + length - 1..]).code;
                self.tree.add(Node::Character(code))?
            }
        };
        let (mut repeated, mut one_or_more) = (false, false);
        loop {
            let (token, length) = self.peek(false);
            // In a basic pattern one repetition follows another only in GNU's forms.
            if repeated && !extended && matches!(token, Token::Star | Token::Interval) {
                return Err(Error::Repeat);
            }
            repeated = true;
            let (least, most) = match token {
                Token::Star => (0, None),
                Token::Plus => (1, None),
                Token::Question => (0, Some(1)),
                Token::Interval => {
                    self.at += length;
                    one_or_more = false;
                    let bounds = self.interval()?;
                    piece = self.tree.repeat(piece, bounds.0, bounds.1)?;
                    continue;
                }
                _ => return Ok(piece),
            };
            self.at += length;
            // `x++` is `x+`, and writing each out would double the program.
            if !core::mem::replace(&mut one_or_more, token == Token::Plus) || token != Token::Plus {
                piece = self.tree.repeat(piece, least, most)?;
            }
        }
    }

    fn group(&mut self) -> Result<Id, Error> {
        self.tree.groups += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Error::Space);
        }
        let number = self.tree.groups;
        let inner = self.group_inside()?;
        let (token, length) = self.peek(false);
        if token != Token::Close {
            return Err(Error::Parenthesis);
        }
        self.at += length;
        self.depth -= 1;
        if number < 32 {
            self.closed |= 1 << number;
        }
        self.tree.add(Node::Group(number, inner))
    }

    fn group_inside(&mut self) -> Result<Id, Error> {
        self.alternatives()
    }

    fn number(&mut self) -> Option<u32> {
        let digits = self.pattern[self.at..].iter().take_while(|c| c.is_ascii_digit());
        let (value, n) = digits
            .fold((0u32, 0), |(v, n), c| (v.saturating_mul(10).saturating_add((c - b'0').into()), n + 1));
        self.at += n;
        (n > 0).then_some(value)
    }

    /// What is between braces, the first of which has been read.
    fn interval(&mut self) -> Result<(u32, Option<u32>), Error> {
        let close: &[u8] = if self.options.extended { b"}" } else { b"\\}" };
        let closes = self.pattern[self.at..].windows(close.len()).any(|w| w == close);
        let wrong = if closes { Error::Interval } else { Error::Brace };
        let least = self.number();
        let comma = self.pattern.get(self.at) == Some(&b',');
        let most = if comma {
            self.at += 1;
            self.number()
        } else {
            least
        };
        if !self.pattern[self.at..].starts_with(close) || least.is_none() && !comma {
            return Err(wrong);
        }
        self.at += close.len();
        let least = least.unwrap_or(0);
        if most.is_some_and(|most| most < least) {
            return Err(Error::Interval);
        }
        if least > MOST || most.is_some_and(|most| most > MOST) {
            return Err(Error::TooBig);
        }
        Ok((least, most))
    }

    fn bracket(&mut self) -> Result<Id, Error> {
        let (bracket, rest) = regex_bracket(&self.pattern[self.at..])?;
        self.at = self.pattern.len() - rest.len();
        self.set(bracket)
    }

    /// `\w` and its like, as bracket expressions.
    fn class(&mut self, letter: u8) -> Result<Id, Error> {
        let text: &[u8] = match letter {
            b'w' => b"_[:alnum:]]",
            b'W' => b"^_[:alnum:]]",
            b's' => b"[:space:]]",
            _ => b"^[:space:]]",
        };
        let (bracket, _) = regex_bracket(text)?;
        self.set(bracket)
    }

    fn set(&mut self, mut bracket: Bracket) -> Result<Id, Error> {
        if self.options.newline {
            bracket.exclude_newline();
        }
        let fold = self.options.fold;
        let ascii = (0..128).filter(|c| bracket.contains(*c, fold)).fold(0, |set, c| set | 1u128 << c);
        self.tree.sets.push(Set { ascii, bracket: Some(bracket) })?;
        self.tree.add(Node::Set(self.tree.sets.len() as u32 - 1))
    }
}
