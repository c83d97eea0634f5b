//! What shell patterns and regular expressions share: characters and bracket expressions.

use crate::locale::is_utf8;
use crate::regex::Error;
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
    /// In a regular expression, a negated set may leave the newline out.
    no_newline: bool,
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
    Some((Bracket { text: members, negated, escapes, no_newline: false }, &rest[1..]))
}

/// [`bracket`] in a regular expression, where what is wrong has a name.
///
/// # Errors
/// What `regcomp` says of it.
pub fn regex_bracket(text: &[u8]) -> Result<(Bracket, &[u8]), Error> {
    let negated = text.first() == Some(&b'^');
    let inner = if negated { &text[1..] } else { text };
    let mut rest = inner;
    let mut first = true;
    while first || rest.first() != Some(&b']') {
        if rest.is_empty() {
            return Err(Error::Bracket);
        }
        let opens = rest[0] == b'[' && matches!(rest.get(1), Some(b':' | b'.' | b'='));
        if opens && named(&rest[1..]).is_none() {
            return Err(Error::Bracket);
        }
        let Some((element, behind)) = element(rest, false) else {
            return Err(if rest.len() < 2 { Error::Bracket } else { Error::Collate });
        };
        match element {
            Element::Class(name) if !is_class(name) => return Err(Error::Class),
            Element::Class(_) if behind.len() > 1 && behind[0] == b'-' && behind[1] != b']' => {
                return Err(Error::Range);
            }
            Element::Range(low, high) if low > high => return Err(Error::Range),
            // A range that goes on: `a-c-e`.
            Element::Range(low, high)
                if low != high && behind.len() > 1 && behind[0] == b'-' && behind[1] != b']' =>
            {
                return Err(Error::Range);
            }
            _ => {}
        }
        (rest, first) = (behind, false);
    }
    let members = &inner[..inner.len() - rest.len()];
    Ok((Bracket { text: members, negated, escapes: false, no_newline: false }, &rest[1..]))
}

fn is_class(name: &[u8]) -> bool {
    with_terminator(name, false, |name| {
        // SAFETY: the name ends with a zero.
        unsafe { crate::wctype::wctype(name) != 0 }
    })
}

/// Calls `f` with a copy of a class's name that ends with a zero; `none` if it is too long for one.
fn with_terminator<R>(name: &[u8], none: R, f: impl FnOnce(*const core::ffi::c_char) -> R) -> R {
    let mut text = [0u8; 16];
    if name.len() >= text.len() {
        return none;
    }
    text[..name.len()].copy_from_slice(name);
    f(text.as_ptr().cast())
}

/// Whether a character is in a class; none is in a class that does not exist.
pub fn in_class(code: u32, name: &[u8]) -> bool {
    with_terminator(name, false, |name| {
        // SAFETY: the name ends with a zero.
        iswctype(code, unsafe { crate::wctype::wctype(name) }) != 0
    })
}

impl Bracket {
    /// Leaves the newline out of a negated set.
    pub fn exclude_newline(&mut self) {
        self.no_newline = true;
    }

    /// The same set, its text moved from one copy of the pattern to another.
    pub fn moved(mut self, from: &[u8], to: &[u8]) -> Bracket {
        let offset = self.text.cast::<u8>().addr().wrapping_sub(from.as_ptr().addr());
        if offset < from.len() {
            self.text = &raw const to[offset..offset + self.text.len()];
        }
        self
    }

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
        self.negated && !(self.no_newline && code == b'\n'.into())
    }
}
