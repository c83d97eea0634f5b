//! What may not be in a text of words: operators outside quotes, quotes that stay open, and commands where the caller
//! wants none.
//!
//! A text that passes cannot make a shell do more than expand words. Where shells differ on what is quoted, or on what is
//! arithmetic and what a command in parentheses, the reading that finds more commands is taken.
//!
//! Shells with more than POSIX has run commands in more places: `<(command)` inside braces, `${ command;}`, `${x@P}`, and in
//! arithmetic, which looks into the variables that it names (`a[$(command)]`). Where no commands are wanted, only POSIX's
//! forms of parameters pass, and arithmetic of numbers.

use super::Failure;

/// How deep expansions may nest.
const DEEPEST: u32 = 100;

/// Where in the text.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// Between words.
    Words,
    /// Between double quotes.
    Quotes,
    /// Between braces, perhaps inside double quotes.
    Braces,
    /// Between `$((` and `))`.
    Arithmetic,
    /// Between `$(` and `)`.
    Command,
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a byte may be in arithmetic that looks at no variable.
fn is_of_numbers(byte: u8) -> bool {
    byte.is_ascii_digit() || b" \t\n+-*/%()<>=!&|^~?:".contains(&byte)
}

struct Reader<'t> {
    rest: &'t [u8],
    commands: bool,
    depth: u32,
}

/// Looks a text through, up to a comment: what is before that. `commands` says whether `$(…)` and backquotes may be in it.
pub fn check(text: &[u8], commands: bool) -> Result<&[u8], Failure> {
    let mut reader = Reader { rest: text, commands, depth: 0 };
    reader.read(Inside::Words, false)?;
    Ok(&text[..text.len() - reader.rest.len()])
}

impl Reader<'_> {
    /// Skips line joins: lines are joined before a shell looks at anything else.
    fn join(&mut self) {
        while self.take(b"\\\n") {}
    }

    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn take(&mut self, prefix: &[u8]) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Skips to a byte and over it.
    fn skip_past(&mut self, end: u8, escapes: bool) -> Result<(), Failure> {
        loop {
            match self.next().ok_or(Failure::Syntax)? {
                byte if byte == end => return Ok(()),
                b'\\' if escapes => drop(self.next()),
                _ => {}
            }
        }
    }

    /// Skips to a single quote and over it, where only what means nothing to any shell is in between.
    fn skip_plain(&mut self) -> Result<(), Failure> {
        loop {
            match self.next().ok_or(Failure::Syntax)? {
                b'\'' => return Ok(()),
                b'$' | b'`' | b'"' | b'\\' | b'}' => return Err(Failure::Command),
                _ => {}
            }
        }
    }

    fn enter(&mut self, inside: Inside, quoted: bool) -> Result<(), Failure> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Failure::NoSpace);
        }
        self.read(inside, quoted)?;
        self.depth -= 1;
        Ok(())
    }

    /// Skips bytes of a kind.
    fn skip(&mut self, is_wanted: impl Fn(u8) -> bool) {
        while self.rest.first().is_some_and(|byte| is_wanted(*byte)) {
            self.rest = &self.rest[1..];
            self.join();
        }
    }

    /// Reads the parameter behind `${` and the operator, in the forms that POSIX has.
    fn parameter(&mut self) -> Result<(), Failure> {
        self.join();
        // A length; or the parameter `#` itself.
        let named = self.take(b"#");
        self.join();
        match *self.rest.first().ok_or(Failure::Syntax)? {
            b'0'..=b'9' => self.skip(|byte| byte.is_ascii_digit()),
            byte if is_of_name(byte) => self.skip(is_of_name),
            // With more behind it, this one is a reference in some shells.
            b'!' => {
                self.next();
                self.join();
                return if self.rest.first() == Some(&b'}') { Ok(()) } else { Err(Failure::Command) };
            }
            b'@' | b'*' | b'?' | b'-' | b'$' => drop(self.next()),
            _ if named => {}
            _ => return Err(Failure::Command),
        }
        self.join();
        let operators: &[u8] = if self.take(b":") { b"-=+?" } else { b"}#%-=+?" };
        self.join();
        match self.rest.first() {
            Some(byte) if operators.contains(byte) => Ok(()),
            Some(_) => Err(Failure::Command),
            None => Err(Failure::Syntax),
        }
    }

    /// Reads to the end of where it is.
    fn read(&mut self, inside: Inside, quoted: bool) -> Result<(), Failure> {
        let mut parentheses = 0;
        let mut between = inside == Inside::Words;
        loop {
            if between && self.rest.first() == Some(&b'#') {
                return Ok(());
            }
            if self.take(b"\\\n") {
                continue;
            }
            between = inside == Inside::Words && matches!(self.rest.first(), Some(b' ' | b'\t'));
            let Some(byte) = self.next() else {
                return if inside == Inside::Words { Ok(()) } else { Err(Failure::Syntax) };
            };
            match (byte, inside) {
                (_, Inside::Arithmetic) if !self.commands && !is_of_numbers(byte) => {
                    return Err(Failure::Command);
                }
                (b'<' | b'>', Inside::Braces) if !self.commands => return Err(Failure::Command),
                (b'\\', _) => drop(self.next().ok_or(Failure::Syntax)?),
                (b'$', _) => self.dollar(quoted)?,
                (b'`', _) if !self.commands => return Err(Failure::Command),
                (b'`', _) => self.skip_past(b'`', true)?,
                // Whether they quote here depends on the shell, and on what is done with the parameter.
                (b'\'' | b'"', Inside::Braces) if !self.commands && quoted => return Err(Failure::Command),
                (b'"', Inside::Quotes) | (b'}', Inside::Braces) => return Ok(()),
                (b'"', Inside::Words | Inside::Braces | Inside::Command) => {
                    self.enter(Inside::Quotes, true)?
                }
                (b'\'', Inside::Arithmetic) => return Err(Failure::Syntax),
                // Not all shells quote here; what is plain is the same in all.
                (b'\'', Inside::Braces) if !self.commands && !quoted => self.skip_plain()?,
                (b'\'', Inside::Words | Inside::Braces | Inside::Command) if !quoted => {
                    self.skip_past(b'\'', false)?;
                }
                (b'(', Inside::Arithmetic | Inside::Command) => parentheses += 1,
                (b')', Inside::Arithmetic | Inside::Command) if parentheses > 0 => parentheses -= 1,
                (b')', Inside::Command) => return Ok(()),
                (b')', Inside::Arithmetic) => {
                    return if self.take(b")") { Ok(()) } else { Err(Failure::Syntax) };
                }
                (b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'\n', Inside::Words) => {
                    return Err(Failure::BadCharacter);
                }
                _ => {}
            }
        }
    }

    /// What follows a dollar sign.
    fn dollar(&mut self, quoted: bool) -> Result<(), Failure> {
        self.join();
        // Some shells have escapes in `$'…'`, translations in `$"…"`, arithmetic in `$[…]`.
        let is_of_some_shells = match self.rest.first() {
            Some(b'\'' | b'"') => !quoted,
            next => next == Some(&b'['),
        };
        if !self.commands && is_of_some_shells {
            return Err(Failure::Command);
        }
        if self.take(b"{") {
            if !self.commands {
                self.parameter()?;
            }
            return self.enter(Inside::Braces, quoted);
        }
        if self.rest.starts_with(b"((") {
            let before = self.rest;
            self.rest = &before[2..];
            match self.enter(Inside::Arithmetic, true) {
                // `$((a); b)` is a command. The depth stays counted: a text cannot have many of these read again.
                Err(Failure::Syntax) => self.rest = before,
                result => return result,
            }
        }
        if !self.take(b"(") {
            return Ok(());
        }
        if !self.commands {
            return Err(Failure::Command);
        }
        self.enter(Inside::Command, false)
    }
}
