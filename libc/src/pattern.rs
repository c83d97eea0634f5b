//! What shell patterns and regular expressions share: characters and bracket expressions.

use crate::locale::is_utf8;
use crate::wchar::state::{State, Step};
use crate::wctype::{iswctype, towlower, towupper};

/// A character of a text.
#[derive(Clone, Copy)]
pub struct Character {
    /// Its code point; for a byte that is none, a value past all code points.
    pub code: u32,
    /// Its bytes.
    pub length: usize,
}

/// What a byte that is no character counts as: different from every character.
const NO_CHARACTER: u32 = 0x8000_0000;

/// The first character of a text that is not empty.
#[inline]
pub fn character(text: &[u8]) -> Character {
    let first = text[0];
    if first < 0x80 {
        return Character { code: first.into(), length: 1 };
    }
    if is_utf8()
        && let Ok(Step::Character(code, length)) = State::new().read(text)
    {
        return Character { code, length };
    }
    Character { code: NO_CHARACTER | u32::from(first), length: 1 }
}

/// A bracket expression: the text between the brackets.
#[derive(Clone, Copy)]
pub struct Bracket {
    text: *const [u8],
    negated: bool,
    escapes: bool,
}

/// An element of a bracket expression.
enum Element<'t> {
    /// A character, or a range of them.
    Range(u32, u32),
    /// `[:class:]`
    Class(&'t [u8]),
}

/// What a name in `[.….]` or `[=…=]` stands for: one character. (The locales have no others.)
fn collating(name: &[u8]) -> Option<u32> {
    let Character { code, length } = (!name.is_empty()).then(|| character(name))?;
    (length == name.len()).then_some(code)
}

/// A part in `[x…x]` at the start of `text`, which begins behind the bracket: its kind, its name, and the rest.
fn named(text: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let kind = *text.first().filter(|c| matches!(c, b':' | b'.' | b'='))?;
    let end = text[1..].windows(2).position(|w| w == [kind, b']'])? + 1;
    Some((kind, &text[1..end], &text[end + 2..]))
}

/// A single character in a bracket expression, which may be named or escaped.
fn single(text: &[u8], escapes: bool) -> Option<(u32, &[u8])> {
    if text[0] == b'['
        && let Some((kind, name, rest)) = named(&text[1..])
    {
        return (kind != b':').then_some((collating(name)?, rest));
    }
    let text = if escapes && text[0] == b'\\' && text.len() > 1 { &text[1..] } else { text };
    let Character { code, length } = character(text);
    Some((code, &text[length..]))
}

/// The first element, and the rest. Nothing for a malformed one.
fn element(text: &[u8], escapes: bool) -> Option<(Element<'_>, &[u8])> {
    if text[0] == b'['
        && let Some((b':', name, rest)) = named(&text[1..])
    {
        return Some((Element::Class(name), rest));
    }
    let (low, rest) = single(text, escapes)?;
    if rest.len() > 1 && rest[0] == b'-' && rest[1] != b']' {
        let (high, rest) = single(&rest[1..], escapes)?;
        return Some((Element::Range(low, high), rest));
    }
    Some((Element::Range(low, low), rest))
}

/// The bracket expression at the start of `text`, which begins behind the opening bracket, and what follows the closing
/// one. Nothing if it does not close: then the bracket is a character like others.
pub fn bracket(text: &[u8], escapes: bool) -> Option<(Bracket, &[u8])> {
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    let inner = if negated { &text[1..] } else { text };
    let mut rest = inner;
    let mut first = true;
    while first || *rest.first()? != b']' {
        rest = element(rest.first().map(|_| rest)?, escapes)?.1;
        first = false;
    }
    let members = &inner[..inner.len() - rest.len()];
    Some((Bracket { text: members, negated, escapes }, &rest[1..]))
}

/// Whether a character is in a class; none is in a class that does not exist.
pub fn in_class(code: u32, name: &[u8]) -> bool {
    let mut text = [0; 16];
    if name.len() >= text.len() {
        return false;
    }
    text[..name.len()].copy_from_slice(name);
    // SAFETY: the name ends with a zero.
    iswctype(code, unsafe { crate::wctype::wctype(text.as_ptr().cast()) }) != 0
}

impl Bracket {
    /// Whether a character is in the set. `fold` takes capital and small letters for the same.
    pub fn contains(&self, code: u32, fold: bool) -> bool {
        // SAFETY: the pattern outlives the bracket: both live during one call.
        let mut rest = unsafe { &*self.text };
        while !rest.is_empty() {
            let Some((element, behind)) = element(rest, self.escapes) else { break };
            rest = behind;
            let has = |code: u32| match element {
                Element::Range(low, high) => (low..=high).contains(&code),
                Element::Class(name) => in_class(code, name),
            };
            if has(code) || fold && (has(towlower(code)) || has(towupper(code))) {
                return !self.negated;
            }
        }
        self.negated
    }
}
