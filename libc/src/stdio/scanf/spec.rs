//! Conversion specifications of scanf: `%[n$][*][m]['][width][length]conversion`.

use crate::stdio::printf::spec::{Cursor, Length};

/// One specification.
pub struct Spec {
    /// `n` of `%n$`, or 0 for the next argument.
    pub position: u32,
    /// `*`: nothing is stored.
    pub suppressed: bool,
    /// `m`: the text goes to memory from `malloc`.
    pub allocates: bool,
    /// Most characters to take.
    pub width: Option<usize>,
    /// Length modifier.
    pub length: Length,
    /// The letter; 0 where the format ends too early.
    pub conversion: u8,
}

impl Spec {
    /// Reads what follows a `%`.
    pub fn read(format: &mut Cursor) -> Spec {
        let mut spec = Spec {
            position: 0,
            suppressed: false,
            allocates: false,
            width: None,
            length: Length::Plain,
            conversion: 0,
        };
        let start = *format;
        match format.number() {
            Ok(Some(n)) if format.take(b'$') => spec.position = n,
            _ => *format = start,
        }
        loop {
            if format.take(b'*') {
                spec.suppressed = true;
            } else if !format.take(b'\'') && !format.take(b'I') {
                break;
            }
        }
        // A width of 0 is none.
        spec.width = format.number().ok().flatten().filter(|&n| n > 0).map(|n| n as usize);
        spec.allocates = format.take(b'm');
        // `Z` is printf's alone.
        if format.peek() != b'Z' {
            spec.length = format.length();
        }
        spec.conversion = format.peek();
        if spec.conversion != 0 {
            format.bump();
        }
        spec
    }

    /// Whether text is stored as wide characters.
    pub fn is_wide(&self) -> bool {
        matches!(self.length, Length::Long | Length::LongLong) || matches!(self.conversion, b'C' | b'S')
    }
}
