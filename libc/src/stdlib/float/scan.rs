//! What kind of number stands at the start of a text.

use super::super::integer::{Text, scan as scan_integer, skip_space};

/// Digits of a number, without leading zeros: `digits × radix^exponent`, the point left out.
#[derive(Clone, Copy)]
pub struct Digits {
    /// Index of the first digit that is not zero.
    pub start: usize,
    /// How many digits there are from there on, trailing zeros included; 0 if all are zero.
    pub count: usize,
    /// The exponent: of ten, or of two for hexadecimal digits.
    pub exponent: i64,
}

/// What was found.
pub enum Kind {
    /// No number.
    Nothing,
    /// `inf` or `infinity`.
    Infinity,
    /// `nan`, or `nan(…)` with a payload.
    Nan(u64),
    /// Hexadecimal digits.
    Hexadecimal(Digits),
    /// Decimal digits.
    Decimal(Digits),
}

/// What was found, its sign, and where it ends (0 if there is nothing).
pub struct Scanned {
    pub negative: bool,
    pub kind: Kind,
    pub end: usize,
}

/// Whether `word`, in small letters, stands at `i` in either case.
unsafe fn stands<T: Text>(text: T, i: usize, word: &[u8]) -> bool {
    // SAFETY: `all` stops at the first difference, so never behind the terminator.
    word.iter().enumerate().all(|(k, c)| unsafe { text.at(i + k) } | 32 == u32::from(*c))
}

unsafe fn digit<T: Text>(text: T, i: usize, radix: u32) -> Option<u32> {
    // SAFETY: the caller has not passed the terminator.
    char::from_u32(unsafe { text.at(i) })?.to_digit(radix)
}

/// # Safety
/// `text` ends with a 0.
pub unsafe fn scan<T: Text>(text: T) -> Scanned {
    // SAFETY: every step looks at a character after one that was not the terminator.
    unsafe {
        let mut i = skip_space(text);
        let sign = text.at(i);
        if sign == b'-'.into() || sign == b'+'.into() {
            i += 1;
        }
        let (kind, end) = if stands(text, i, b"inf") {
            (Kind::Infinity, i + if stands(text, i + 3, b"inity") { 8 } else { 3 })
        } else if stands(text, i, b"nan") {
            nan(text, i + 3)
        } else if text.at(i) == b'0'.into()
            && text.at(i + 1) | 32 == b'x'.into()
            && (digit(text, i + 2, 16).is_some()
                || text.at(i + 2) == b'.'.into() && digit(text, i + 3, 16).is_some())
        {
            let (digits, end) = digits(text, i + 2, 16, b'p');
            (Kind::Hexadecimal(digits), end)
        } else if digit(text, i, 10).is_some()
            || text.at(i) == b'.'.into() && digit(text, i + 1, 10).is_some()
        {
            let (digits, end) = digits(text, i, 10, b'e');
            (Kind::Decimal(digits), end)
        } else {
            (Kind::Nothing, 0)
        };
        Scanned { negative: sign == b'-'.into() && end != 0, kind, end }
    }
}

/// The rest of a NaN, after its name: a payload in parentheses, if they close.
unsafe fn nan<T: Text>(text: T, i: usize) -> (Kind, usize) {
    // SAFETY: the walk ends at the terminator.
    unsafe {
        if text.at(i) != b'('.into() {
            return (Kind::Nan(0), i);
        }
        let mut close = i + 1;
        while char::from_u32(text.at(close)).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            close += 1;
        }
        if text.at(close) != b')'.into() {
            return (Kind::Nan(0), i);
        }
        let payload = if close == i + 1 { 0 } else { payload(text, i + 1, close) };
        (Kind::Nan(payload), close + 1)
    }
}

/// The payload between parentheses: a whole number with C's prefixes, or nothing.
unsafe fn payload<T: Text>(text: T, start: usize, close: usize) -> u64 {
    /// A text from an index on.
    #[derive(Clone, Copy)]
    struct From<T>(T, usize);
    impl<T: Text> Text for From<T> {
        unsafe fn at(self, i: usize) -> u32 {
            // SAFETY: by the caller's contract.
            unsafe { self.0.at(self.1 + i) }
        }
    }
    // SAFETY: the parenthesis ends the number.
    let number = unsafe { scan_integer(From(text, start), 0) };
    if start + number.end == close { number.magnitude.unwrap_or(u64::MAX) } else { 0 }
}

/// Digits with a point and an exponent, of which there are some at `i`.
unsafe fn digits<T: Text>(text: T, mut i: usize, radix: u32, exponent_letter: u8) -> (Digits, usize) {
    let weight = if radix == 16 { 4 } else { 1 };
    let mut found = Digits { start: i, count: 0, exponent: 0 };
    let mut point = false;
    // SAFETY: the walk ends at the terminator, which is neither digit nor point.
    unsafe {
        loop {
            if let Some(d) = digit(text, i, radix) {
                if d != 0 && found.count == 0 {
                    found.start = i;
                }
                if d != 0 || found.count != 0 {
                    found.count += 1;
                }
                found.exponent -= if point { weight } else { 0 };
            } else if text.at(i) == b'.'.into() && !point {
                point = true;
            } else {
                break;
            }
            i += 1;
        }
        if text.at(i) | 32 == exponent_letter.into() {
            let sign = text.at(i + 1);
            let signed = sign == b'-'.into() || sign == b'+'.into();
            let mut k = i + 1 + usize::from(signed);
            if digit(text, k, 10).is_some() {
                let mut exponent = 0i64;
                while let Some(d) = digit(text, k, 10) {
                    exponent = (exponent * 10 + i64::from(d)).min(1 << 58);
                    k += 1;
                }
                found.exponent += if sign == b'-'.into() { -exponent } else { exponent };
                i = k;
            }
        }
    }
    (found, i)
}

/// The values of the digits, most significant first.
///
/// # Safety
/// `digits` was found in `text`.
pub unsafe fn values<T: Text>(text: T, digits: &Digits, radix: u32) -> impl Iterator<Item = u32> {
    // SAFETY: the digits come before the end; the point is the only other character between them.
    (digits.start..).filter_map(move |i| unsafe { digit(text, i, radix) }).take(digits.count)
}
